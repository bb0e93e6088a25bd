//! A forgotten password, and another one.

use super::people::{Newcomer, PASSWORD};
use super::stage::{Language, Stage};

const EMAIL: &str = "malee@mail.example";
const NEW: &str = "nine kites over a quiet harbour";

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_no_dead_end_in_thai() {
    walk(Language::Thai).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_no_dead_end_in_english() {
    walk(Language::English).await;
}

async fn walk(language: Language) {
    let stage = Stage::set("recovery", language).await;
    stage
        .register(&Newcomer {
            email: EMAIL, name: ["มาลี", "ตัวอย่างดี"], member_type: "public"
        })
        .await;
    stage.open(&stage.provider("/signout")).await;
    stage.send().await;
    stage.find("#signed-out").await;
    // On the way to a service.
    stage.open(&stage.academy("/")).await;
    stage.press("#sign-in").await;
    stage.press("#forgot").await;
    stage.look("forgotten").await;
    stage.put(&[("email", "malee@")]).await;
    stage.press("#recover").await;
    stage.look("forgotten-wrong").await;
    stage.put(&[("email", EMAIL)]).await;
    stage.press("#recover").await;
    stage.find("#recovery-sent").await;
    stage.look("link-sent").await;
    stage.open_newest_mail(EMAIL, 3).await;
    stage.look("mail-with-link").await;
    let link = stage.attribute("#mail-text a[href*='recover']", "href").await;
    stage.open(&link).await;
    stage.look("new-password").await;
    stage.put(&[("password", "too short")]).await;
    stage.press("#save-password").await;
    stage.look("new-password-weak").await;
    stage.put(&[("password", NEW)]).await;
    stage.press("#save-password").await;
    stage.find("#password-set").await;
    stage.look("password-set").await;
    // The service that waits goes on waiting.
    stage.press("#password-set .actions a").await;
    stage.put(&[("username", EMAIL), ("password", NEW)]).await;
    stage.press("#sign-in").await;
    assert_eq!(stage.path().await, "/consent");
    stage.open(&stage.provider("/profile")).await;
    stage.press("#change-password").await;
    stage.look("change-password").await;
    stage.put(&[("current", "not mine"), ("password", PASSWORD)]).await;
    stage.press("#save-password").await;
    stage.look("change-password-wrong").await;
    stage.put(&[("current", NEW), ("password", PASSWORD)]).await;
    stage.press("#save-password").await;
    stage.find("#password-changed").await;
    stage.look("password-changed").await;
    stage.open_newest_mail(EMAIL, 5).await;
    stage.look("mail-password-changed").await;
    stage.strike().await;
}
