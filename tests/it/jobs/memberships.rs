//! Sixty days: warnings, the end, and what is left after it.

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::Membership;
use idp_tests::{Answer, App, Letter, Member};
use idp_web::jobs;

/// The end of a member's sixty days.
async fn end(member: &Member) -> DateTime<Utc> {
    match member.account().await.account.membership {
        Membership::Temporary { expires_at } => expires_at,
        Membership::Permanent { .. } => panic!("permanent"),
    }
}

/// The letters about the membership, as words.
async fn told(app: &App, member: &Member) -> Vec<String> {
    let word = |letter: Letter| match letter {
        Letter::MembershipEnding { days_left, .. } => Some(format!("{days_left} days")),
        Letter::MembershipEnded { .. } => Some("ended".to_owned()),
        _ => None,
    };
    app.letters_to(&member.email).await.into_iter().filter_map(word).collect()
}

#[tokio::test]
async fn a_temporary_member_is_warned_at_fourteen_three_and_one_days_once_each() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let permanent = app.insert_permanent("per").await;
    let mut heard = Vec::new();
    // Twice a day, as if two rounds met: nobody is warned twice.
    for half_day in 0..126 {
        round(&app).await;
        round(&app).await;
        let letters = told(&app, &ana).await;
        if letters.len() > heard.len() {
            assert_eq!(letters.len(), heard.len() + 1);
            heard.push((half_day / 2, letters.last().unwrap().clone()));
        }
        app.advance(TimeDelta::hours(12));
    }
    let days: Vec<(i32, &str)> = heard.iter().map(|(day, word)| (*day, word.as_str())).collect();
    assert_eq!(days, [(46, "14 days"), (57, "3 days"), (59, "1 days"), (61, "ended")]);
    assert!(told(&app, &permanent).await.is_empty());
}

#[tokio::test]
async fn letters_say_when_and_what_to_do_on_the_configured_address() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    app.advance(TimeDelta::days(46));
    round(&app).await;
    let ends = end(&ana).await;
    app.clock().set(ends + TimeDelta::milliseconds(1));
    round(&app).await;
    let letters = app.letters_to(&ana.email).await;
    let [
        Letter::MembershipEnding { days_left: 14, until_date, verify_url, .. },
        Letter::MembershipEnded { verify_url: verify, delete_url, erased_on, .. },
    ] = letters.as_slice()
    else {
        panic!("{letters:?}")
    };
    assert_eq!(*until_date, ends);
    assert_eq!((verify_url, verify), (&app.url("/verify"), &app.url("/verify")));
    assert_eq!(delete_url, &app.url("/profile/delete"));
    assert_eq!(*erased_on, Some(ends + TimeDelta::days(30)));
}

#[tokio::test]
async fn a_node_that_slept_warns_late_rather_than_never() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    app.advance(TimeDelta::days(58));
    round(&app).await;
    assert_eq!(told(&app, &ana).await, ["2 days"]);
}

#[tokio::test]
async fn who_is_leaving_or_stopped_is_not_warned() {
    let app = App::start().await;
    let leaving = app.insert_member("leaving").await;
    let stopped = app.insert_member("stopped").await;
    app.advance(TimeDelta::days(46));
    app.store.schedule_deletion(leaving.id, app.now() + TimeDelta::days(30), app.now(), &[], &[]).await.unwrap();
    app.store.suspend(stopped.id, "a test", app.now(), &[], &[]).await.unwrap();
    round(&app).await;
    assert!(told(&app, &leaving).await.is_empty());
    assert!(told(&app, &stopped).await.is_empty());
}

#[tokio::test]
async fn after_the_end_only_verifying_and_deleting_work() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    let ends = end(&ana).await;
    app.clock().set(ends - TimeDelta::minutes(2));
    ana.sign_in().await;
    let tokens = rp.sign_in(&mut ana).await;
    app.clock().set(ends + TimeDelta::milliseconds(1));
    round(&app).await;

    // The member is still signed in, and is told what to do.
    let page = ana.browser.get("/profile").await;
    assert!(page.has("#membership-ended"));
    let said = page.text("main");
    assert!(said.contains("สิทธิ์การใช้งานแบบชั่วคราวครบกำหนด 60 วันแล้ว กรุณายืนยันตัวตนเพื่อใช้งานต่อ"), "{said}");
    assert!(said.contains("สิ้นสุดเมื่อวันที่ 1 มกราคม 2570"), "{said}");
    assert_eq!(page.attribute("#become-permanent", "href").as_deref(), Some("/verify"));
    assert_eq!(page.attribute("#delete-account", "href").as_deref(), Some("/profile/delete"));
    assert_eq!(
        ana.browser.get("/verify").await.text(".alert"),
        "สิทธิ์การใช้งานแบบชั่วคราวครบกำหนด 60 วันแล้ว กรุณายืนยันตัวตนเพื่อใช้งานต่อ"
    );

    // Services get nothing.
    rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_grant");
    assert_eq!(rp.userinfo(&tokens.access).await.status, 401);
    let silent = rp.ask().with("prompt", "none");
    Answer::of(&ana.browser.get(&silent.path()).await).expect_error("access_denied", &silent, app.issuer());
    let ask = rp.ask();
    let page = ana.browser.get(&ask.path()).await;
    assert_eq!(page.place(), "/verify");
    let page = ana.browser.get(&page.attribute(".after a", "href").unwrap()).await;
    Answer::of(&page).expect_error("access_denied", &ask, app.issuer());

    // Signing in works as before, and verifying opens everything again.
    let mut elsewhere = ana.elsewhere();
    assert!(elsewhere.sign_in().await.has("#membership-ended"));
    let page = ana.browser.get("/verify/public").await;
    let citizen = &idp_verify::registry::citizens()[0];
    let page = ana.browser.submit(idp_tests::filled_card(page.form("/verify/public"), citizen)).await;
    assert_eq!(page.place(), "/verify/done");
    assert_eq!(rp.sign_in(&mut ana).await.id.text("membership"), "permanent");
}

#[tokio::test]
async fn s112_no_token_outlives_the_membership() {
    let app = App::start().await;
    let rp = app.client("rp").first_party().await;
    let mut ana = app.insert_member("ana").await;
    let ends = end(&ana).await;
    app.clock().set(ends - TimeDelta::seconds(90));
    ana.sign_in().await;
    let tokens = rp.sign_in(&mut ana).await;
    let seconds = ends.timestamp();
    assert!(tokens.id.number("exp") <= seconds, "{} is after {seconds}", tokens.id.number("exp"));
    assert!(idp_tests::decoded_part(&tokens.access, 1)["exp"].as_i64().unwrap() <= seconds);
    assert!(tokens.reply.json()["expires_in"].as_i64().unwrap() <= 90);
    // Nothing needs to have swept: the moment itself ends them.
    app.clock().set(ends);
    rp.userinfo(&tokens.access).await;
    app.clock().set(ends + TimeDelta::milliseconds(1));
    assert_eq!(rp.userinfo(&tokens.access).await.status, 401);
    rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_grant");
}

#[tokio::test]
async fn s112_an_end_between_sign_in_and_consent_gives_no_code() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    let ends = end(&ana).await;
    app.clock().set(ends - TimeDelta::minutes(1));
    ana.sign_in().await;
    let ask = rp.ask();
    let page = ana.browser.get(&ask.path()).await;
    let form = page.form("/consent").with("decision", "allow");
    app.clock().set(ends + TimeDelta::milliseconds(1));
    let page = ana.browser.submit(form).await;
    assert_eq!((page.place(), page.away.as_deref()), ("/verify", None));
    let page = ana.browser.get(&page.attribute(".after a", "href").unwrap()).await;
    Answer::of(&page).expect_error("access_denied", &ask, app.issuer());
}

#[tokio::test]
async fn s112_an_end_between_code_and_exchange_gives_no_token() {
    let app = App::start().await;
    let rp = app.client("rp").first_party().await;
    let mut ana = app.insert_member("ana").await;
    let ends = end(&ana).await;
    app.clock().set(ends - TimeDelta::seconds(10));
    ana.sign_in().await;
    let ask = rp.ask();
    let answer = rp.authorize(&mut ana, &ask).await;
    app.clock().set(ends + TimeDelta::milliseconds(1));
    rp.exchange(&ask, answer.code()).await.expect_token_error("invalid_grant");
}

#[tokio::test]
async fn one_round_leads_and_the_log_holds_each_end_once() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    app.clock().set(end(&ana).await + TimeDelta::milliseconds(1));
    let rounds = (0..10).map(|_| {
        let app = app.clone();
        tokio::spawn(async move { jobs::tend(app.provider()).await.unwrap() })
    });
    for round in rounds.collect::<Vec<_>>() {
        round.await.unwrap();
    }
    let lines = app.store.events_about(ana.id, 50).await.unwrap();
    assert_eq!(lines.iter().filter(|line| line.action == "membership.ended").count(), 1);
    assert_eq!(told(&app, &ana).await, ["ended"]);
}

/// What the leader does in a minute, and what it does in an hour.
async fn round(app: &App) {
    jobs::warn_of_endings(app.provider()).await.unwrap();
    jobs::tend(app.provider()).await.unwrap();
}

#[tokio::test]
async fn who_never_verified_is_erased_thirty_days_after_the_end() {
    let app = App::start().await;
    let [mut ana, late, stopped, permanent] =
        [app.insert_member("ana").await, app.insert_member("late").await, app.insert_member("stopped").await, {
            app.insert_permanent("per").await
        }];
    let ends = end(&ana).await;
    app.clock().set(ends + TimeDelta::milliseconds(1));
    round(&app).await;
    app.store.suspend(stopped.id, "a test", app.now(), &[], &[]).await.unwrap();
    ana.sign_in().await;
    let page = ana.browser.get("/profile").await;
    assert!(page.text("main").contains("ระบบจะลบบัญชีในวันที่ 31 มกราคม 2570"), "{}", page.text("main"));
    app.clock().set(ends + TimeDelta::days(30));
    round(&app).await;
    assert!(app.store.account(ana.id).await.unwrap().is_some(), "the thirtieth day is not over");
    // The last moment to verify.
    app.promote(&late).await;
    app.clock().set(ends + TimeDelta::days(30) + TimeDelta::milliseconds(1));
    round(&app).await;
    assert!(app.store.account(ana.id).await.unwrap().is_none());
    for kept in [&late, &stopped, &permanent] {
        assert!(app.store.account(kept.id).await.unwrap().is_some(), "{}", kept.email);
    }
}

#[tokio::test]
async fn accounts_that_ended_are_kept_where_the_setting_says_so() {
    let app = App::start_with(|config| config.membership.erase_unverified_after_days = 0).await;
    let mut ana = app.insert_member("ana").await;
    app.clock().set(end(&ana).await + TimeDelta::days(400));
    round(&app).await;
    ana.sign_in().await;
    assert!(ana.browser.get("/profile").await.has("#membership-ended"));
    let letters = app.letters_to(&ana.email).await;
    let told = |letter: &Letter| matches!(letter, Letter::MembershipEnded { erased_on: None, .. });
    assert!(letters.iter().any(told), "{letters:?}");
    // The browser had not been used for a year: it is new.
    assert!(matches!(letters.last(), Some(Letter::NewSignIn { .. })), "{letters:?}");
}
