//! The right password and nothing after it: the member sees it, and is written to when it was not they.

use chrono::TimeDelta;
use idp_core::account::SignInResult;
use idp_core::audit::Action;
use idp_tests::{App, Letter, Member, Page, prove};

async fn with_totp(app: &App, name: &str) -> Member {
    let mut member = app.insert_member(name).await;
    member.insert_totp().await;
    member
}

/// The right password, in a browser that was never here.
async fn half(member: &Member) -> (Member, Page) {
    let mut member = member.elsewhere();
    member.browser.address = "203.0.113.77".parse().unwrap();
    let page = member.sign_in().await;
    page.expect_at("/login/second");
    (member, page)
}

/// The same person signed in by both steps, in a browser of their own.
async fn signed_in(member: &Member) -> Member {
    let mut member = member.elsewhere();
    let page = member.sign_in().await;
    member.prove_at(&page).await.expect_at("/profile");
    member
}

/// What the attempts came to, the newest first.
async fn results(app: &App, member: &Member) -> Vec<SignInResult> {
    let lines = app.store.sign_ins_of(member.id, None, 99).await.unwrap();
    lines.into_iter().map(|line| line.sign_in.result).collect()
}

async fn warnings(app: &App, member: &Member) -> usize {
    let letters = app.letters_to(&member.email).await;
    letters.iter().filter(|letter| matches!(letter, Letter::PasswordKnown { .. })).count()
}

#[tokio::test]
async fn a_right_password_without_the_second_step_is_seen_by_the_member() {
    let app = App::start().await;
    let ana = with_totp(&app, "ana").await;
    half(&ana).await;
    assert_eq!(app.store.events_of(ana.id, &[Action::SecondFactorAsked], 9).await.unwrap().len(), 1);
    let mut owner = signed_in(&ana).await;
    let lines = owner.browser.get("/profile/history").await.texts("#history .rows li");
    let [success, half_way] = lines.as_slice() else { panic!("{lines:?}") };
    assert!(success.contains("เข้าสู่ระบบสำเร็จ"), "{success}");
    for part in ["รหัสผ่านถูกต้องแต่ไม่ได้ยืนยันขั้นที่สอง", "ใช้รหัสผ่าน", "Chrome, Android", "203.0.113"]
    {
        assert!(half_way.contains(part), "{part}: {half_way}");
    }
    owner.browser.language = "en".to_owned();
    let lines = owner.browser.get("/profile/history").await.texts("#history .rows li");
    assert!(lines[1].contains("the password was right, the second step did not follow"), "{lines:?}");
}

#[tokio::test]
async fn s119_its_owner_is_written_to_once_a_day_when_the_step_does_not_follow() {
    let app = App::start().await;
    let ana = with_totp(&app, "ana").await;
    let began = app.now();
    half(&ana).await;
    app.advance(TimeDelta::minutes(15) - TimeDelta::seconds(1));
    assert_eq!(warnings(&app, &ana).await, 0, "whoever began it may still complete it");
    app.advance(TimeDelta::seconds(1));
    let told = app.letters_to(&ana.email).await.into_iter().find_map(|letter| match letter {
        Letter::PasswordKnown { at, network, password_url, .. } => Some((at, network, password_url)),
        _ => None,
    });
    let expected = (began, "203.0.113.0/24".to_owned(), format!("{}/profile/password", app.issuer()));
    assert_eq!(told, Some(expected));
    half(&ana).await;
    app.advance(TimeDelta::minutes(20));
    assert_eq!(warnings(&app, &ana).await, 1, "one on a day");
    assert_eq!(results(&app, &ana).await, [SignInResult::HalfWay; 2], "and a line for each");
    app.advance(TimeDelta::days(1));
    half(&ana).await;
    app.advance(TimeDelta::minutes(15));
    assert_eq!(warnings(&app, &ana).await, 2);
}

#[tokio::test]
async fn a_sign_in_that_is_completed_leaves_one_line_and_no_letter() {
    let app = App::start().await;
    let ana = with_totp(&app, "ana").await;
    // The password twice, because the page was left, and a code that was mistyped.
    let (mut owner, _) = half(&ana).await;
    app.advance(TimeDelta::minutes(2));
    let page = owner.sign_in().await;
    let page = prove(&mut owner.browser, &page, "000000").await;
    prove(&mut owner.browser, &page, &ana.next_totp_code()).await.expect_at("/profile");
    assert_eq!(results(&app, &ana).await, [SignInResult::Success, SignInResult::RefusedFactor]);
    // A browser that is known by now: nothing to be written about, and a line all the same.
    owner.sign_out().await;
    owner.sign_in().await.expect_at("/login/second");
    assert_eq!(results(&app, &ana).await[0], SignInResult::HalfWay);
    app.advance(TimeDelta::minutes(30));
    assert_eq!(warnings(&app, &ana).await, 0);
}

#[tokio::test]
async fn nobody_elses_sign_in_hides_one_that_went_half_way() {
    for thief_first in [true, false] {
        let app = App::start().await;
        let ana = with_totp(&app, "ana").await;
        if thief_first {
            half(&ana).await;
        }
        let mut owner = ana.elsewhere();
        let page = owner.sign_in().await;
        if !thief_first {
            half(&ana).await;
        }
        owner.prove_at(&page).await.expect_at("/profile");
        let mut expected = vec![SignInResult::Success, SignInResult::HalfWay];
        assert_eq!(results(&app, &ana).await, expected, "thief first: {thief_first}");
        app.advance(TimeDelta::minutes(16));
        assert_eq!(warnings(&app, &ana).await, 1, "thief first: {thief_first}");
        // Nor does beginning again and again.
        let (mut thief, _) = half(&ana).await;
        for _ in 0..3 {
            app.advance(TimeDelta::minutes(5));
            thief.sign_in().await;
        }
        expected.splice(0..0, [SignInResult::HalfWay; 4]);
        assert_eq!(results(&app, &ana).await, expected, "thief first: {thief_first}");
    }
}

#[tokio::test]
async fn beginning_again_and_again_does_not_put_the_letter_off() {
    let app = App::start().await;
    let ana = with_totp(&app, "ana").await;
    let (mut thief, _) = half(&ana).await;
    for _ in 0..3 {
        app.advance(TimeDelta::minutes(5));
        thief.sign_in().await.expect_at("/login/second");
    }
    assert_eq!(warnings(&app, &ana).await, 1);
}

#[tokio::test]
async fn a_right_password_on_a_stopped_account_is_seen_too() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    app.store.suspend(ana.id, "a test", app.now(), &[], &[]).await.unwrap();
    assert_eq!(ana.elsewhere().sign_in().await.status, 403);
    let mut stranger = Member { password: "not her password".to_owned(), ..ana.elsewhere() };
    stranger.sign_in().await;
    assert_eq!(results(&app, &ana).await, [SignInResult::WrongPassword, SignInResult::Stopped]);
    assert_eq!(app.store.events_of(ana.id, &[Action::SignInFailed], 9).await.unwrap().len(), 1);
    app.store.restore(ana.id, None, app.now(), &[], &[]).await.unwrap();
    let mut owner = ana.elsewhere();
    owner.sign_in().await.expect_at("/profile");
    let lines = owner.browser.get("/profile/history").await.texts("#history .rows li");
    assert!(lines[2].contains("รหัสผ่านถูกต้องแต่บัญชีถูกระงับการใช้งาน"), "{lines:?}");
}
