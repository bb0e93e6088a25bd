//! `/profile/password`: another password, by whoever knows the one in use.

use idp_tests::{App, Letter, Member, PASSWORD, Page};

const NEW: &str = "nine kites over a quiet harbour";

async fn change(member: &mut Member, current: &str, new: &str) -> Page {
    let page = member.browser.get("/profile/password").await;
    let form = page.form("/profile/password").with("current", current).with("password", new);
    member.browser.submit(form).await
}

#[tokio::test]
async fn s052_every_other_session_and_what_it_gave_dies() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let other = app.client("other").await;
    let mut ana = app.insert_member("ana").await;
    let mut elsewhere = ana.elsewhere();
    elsewhere.sign_in().await;
    let theirs = rp.sign_in(&mut elsewhere).await;
    let own = other.sign_in(&mut ana).await;
    let page = ana.browser.get("/profile").await;
    assert_eq!(page.attribute("#change-password", "href").as_deref(), Some("/profile/password"));
    assert!(change(&mut ana, PASSWORD, NEW).await.has("#password-changed"));
    assert!(ana.browser.is_signed_in().await);
    assert!(!elsewhere.browser.is_signed_in().await);
    rp.refresh(&theirs.refresh, None).await.expect_token_error("invalid_grant");
    other.userinfo(&own.access).await.expect(200);
    let letters = app.letters_to(&ana.email).await;
    assert!(matches!(letters.last(), Some(Letter::PasswordChanged { .. })), "{letters:?}");
    let mut later = ana.elsewhere();
    assert_ne!(later.sign_in().await.place(), "/profile", "the old password is worth nothing");
    later.password = NEW.to_owned();
    assert_eq!(later.sign_in().await.place(), "/profile");
}

#[tokio::test]
async fn a_wrong_or_weak_password_changes_nothing() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for (current, new, field) in [
        ("a wrong password", NEW, "current"),
        ("", NEW, "current"),
        (PASSWORD, "short", "password"),
        (PASSWORD, "ana@mail.example ana@mail.example", "password"),
        (PASSWORD, "", "password"),
    ] {
        let page = app.unchanged(change(&mut ana, current, new)).await;
        assert_eq!(page.status, 422, "{current} {new}");
        assert!(!page.text(&format!("#{field}-error")).is_empty(), "{current} {new}");
        assert!(!page.html.contains(NEW) && !page.html.contains(PASSWORD), "no password is written back");
    }
}

#[tokio::test]
async fn guesses_are_counted_with_those_at_the_sign_in_page() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for _ in 0..5 {
        assert_eq!(change(&mut ana, "a wrong password", NEW).await.status, 422);
    }
    let page = app.unchanged(change(&mut ana, PASSWORD, NEW)).await;
    assert!(page.text("#current-error").starts_with("บัญชีถูกระงับการเข้าสู่ระบบชั่วคราว"));
}

#[tokio::test]
async fn it_needs_somebody_who_is_signed_in_and_may_use_the_account() {
    let app = App::start().await;
    assert_eq!(app.browser().get("/profile/password").await.place(), "/login");
    let mut leaving = app.insert_member("leaving").await;
    let until = app.now() + chrono::TimeDelta::days(30);
    app.store.schedule_deletion(leaving.id, until, app.now(), &[], &[]).await.unwrap();
    leaving.sign_in().await;
    assert_eq!(leaving.browser.get("/profile/password").await.place(), "/profile");
}
