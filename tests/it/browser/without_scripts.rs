//! A browser that runs no scripts gets all of it done: registration, sign-in, consent, an answer by form.

use idp_tests::chromium::Habits;

use super::people::{Newcomer, PASSWORD};
use super::stage::{Language, Stage};

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_without_scripts() {
    let habits = Habits { language: "th", scripts: false };
    let stage = Stage::set_for("without-scripts", Language::Thai, habits).await;
    let email = "wichai@mail.example";
    stage
        .register(&Newcomer {
            email, name: ["วิชัย", "ตัวอย่างมั่น"], member_type: "public"
        })
        .await;
    stage.sign_out().await;
    stage.open(&stage.academy("/")).await;
    stage.press("#sign-in").await;
    assert!(stage.shows(".peek[hidden]").await, "a script has run: it would show this button");
    stage.fill_all(&[("username", email), ("password", PASSWORD)]).await;
    stage.press("#sign-in").await;
    assert_eq!(stage.path().await, "/consent");
    stage.press("#allow").await;
    assert_eq!(stage.text("#who").await, "วิชัย ตัวอย่างมั่น");
    stage.press("#sign-out").await;
    stage.find("#signed-out").await;
    stage.check_requests("without scripts").await;
    stage.strike().await;
}
