//! What goes wrong, and that it is said kindly: there are no dead ends.

use super::people::{Newcomer, PASSWORD};
use super::stage::{Language, Stage};

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_is_a_dead_end_in_thai() {
    walk(Language::Thai).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_is_a_dead_end_in_english() {
    walk(Language::English).await;
}

async fn walk(language: Language) {
    let stage = Stage::set("dead-ends", language).await;
    requests_that_cannot_be_answered(&stage).await;
    pages_that_are_not_there(&stage).await;
    documents_and_the_empty_mailbox(&stage).await;
    a_form_of_another_browser(&stage).await;
    too_many_wrong_passwords(&stage).await;
    an_address_that_is_known(&stage).await;
    stage.strike().await;
}

async fn requests_that_cannot_be_answered(stage: &Stage) {
    let code = async || stage.text("#error-code").await;
    stage.open(&stage.provider("/authorize?response_type=code&client_id=nobody&redirect_uri=http://localhost/")).await;
    assert_eq!(code().await, "invalid_request");
    stage.look("unknown-service").await;
    let gone = format!("/authorize/resume?request={}", "x".repeat(43));
    stage.open(&stage.provider(&gone)).await;
    assert_eq!(code().await, "request_expired");
    stage.look("request-expired").await;
    stage.open(&stage.provider("/logout?id_token_hint=rubbish")).await;
    assert_eq!(code().await, "invalid_request");
    stage.look("sign-out-refused").await;
    stage.open(&stage.provider("/not-me?token=spent")).await;
    assert_eq!(code().await, "link_expired");
    stage.look("link-expired").await;
    stage.open(&stage.academy("/callback?code=x&state=y")).await;
    assert_eq!(code().await, "state_unknown");
    stage.look("service-answer-unknown").await;
}

async fn pages_that_are_not_there(stage: &Stage) {
    stage.open(&stage.provider("/nowhere")).await;
    stage.look("not-found").await;
    stage.open(&stage.licences("/nowhere")).await;
    stage.look("service-not-found").await;
    stage.open(&stage.mailbox("/mail/1-2")).await;
    stage.look("mail-not-found").await;
}

async fn documents_and_the_empty_mailbox(stage: &Stage) {
    stage.open(&stage.provider("/terms")).await;
    stage.look("document-terms").await;
    stage.open(&stage.provider("/privacy")).await;
    stage.look("document-privacy").await;
    stage.open(&stage.mailbox("/")).await;
    stage.look("mailbox-empty").await;
}

async fn a_form_of_another_browser(stage: &Stage) {
    stage.open(&stage.provider("/register")).await;
    stage.chromium.driver.delete_all_cookies().await.expect("cookies can be deleted");
    stage.press("#member_type").await;
    assert_eq!(stage.text("#error-code").await, "form_expired");
    stage.look("form-expired").await;
}

async fn too_many_wrong_passwords(stage: &Stage) {
    stage.open(&stage.provider("/login")).await;
    for attempt in 1.. {
        stage.put(&[("username", "somebody@mail.example"), ("password", "a wrong password")]).await;
        stage.press("#sign-in").await;
        assert_eq!(stage.value("username").await, "somebody@mail.example", "what was typed is kept");
        if attempt == 1 {
            stage.look("sign-in-wrong").await;
        }
        let locked = stage.language.pick("ถูกระงับการเข้าสู่ระบบชั่วคราว", "paused");
        if stage.text("#error-summary").await.contains(locked) {
            break;
        }
        assert!(attempt < 10, "guessing goes on and on");
    }
    stage.look("sign-in-locked").await;
}

/// Whoever registers again learns it by mail, and nobody else does.
async fn an_address_that_is_known(stage: &Stage) {
    let email = "malee@mail.example";
    stage.register(&Newcomer { email, name: ["มาลี", "ตัวอย่างดี"], member_type: "public" }).await;
    stage.sign_out().await;
    stage.open(&stage.provider("/register")).await;
    stage.press("#member_type").await;
    stage.touch("#accept_terms").await;
    stage.touch("#read_privacy").await;
    stage.send().await;
    stage.put(&[("email", email)]).await;
    stage.send().await;
    assert_eq!(stage.path().await, "/register/code", "the page does not tell");
    // The code, the welcome, and this one.
    stage.open_newest_mail(email, 3).await;
    stage.look("mail-already-registered").await;
    stage.open(&stage.provider("/login")).await;
    stage.put(&[("username", email), ("password", PASSWORD)]).await;
    stage.press("#sign-in").await;
    assert_eq!(stage.path().await, "/profile");
}
