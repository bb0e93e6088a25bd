//! ThaID and back: verified through it, signed in through it, its door closed; and the pages that a permanent member meets
//! later: verifying anew, and a new version of the documents.

use super::people::Newcomer;
use super::stage::{Language, Stage};

const EMAIL: &str = "naphat@mail.example";
const NUMBER: &str = "1000000000025";

#[tokio::test(flavor = "multi_thread")]
async fn a_member_verifies_and_signs_in_with_thaid_in_thai() {
    walk(Language::Thai).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_verifies_and_signs_in_with_thaid_in_english() {
    walk(Language::English).await;
}

async fn walk(language: Language) {
    let stage = Stage::set("upstream", language).await;
    let newcomer =
        Newcomer { email: EMAIL, name: ["ณภัทร", "ตัวอย่างดี"], member_type: "public" };
    stage.register(&newcomer).await;
    stage.open(&stage.provider("/verify")).await;
    stage.look("verify").await;
    stage.press("#verify-thaid").await;
    stage.look("verify-thaid").await;
    stage.press("#go-to-thaid").await;
    stage.find("#thaid-sign-in").await;
    stage.look("simulated-thaid").await;
    stage.press(&format!("button[value='{NUMBER}']")).await;
    assert_eq!(stage.path().await, "/verify/done");
    stage.look("verified").await;
    stage.open_newest_mail(EMAIL, 2).await;
    stage.look("mail-verified").await;
    stage.open(&stage.provider("/profile")).await;
    stage.look("profile").await;
    stage.sign_out().await;

    // Cancelled first, then signed in, without a password.
    stage.open(&stage.provider("/login")).await;
    stage.look("login").await;
    stage.press("#sign-in-thaid").await;
    stage.press("#cancel").await;
    stage.look("cancelled").await;
    stage.press("#sign-in-thaid").await;
    stage.press("button[value='1000000000033']").await;
    stage.look("nobody").await;
    stage.press("#sign-in-thaid").await;
    stage.press("button[value='1000000000050']").await;
    stage.look("level").await;
    stage.open(&stage.provider("/login")).await;
    stage.press("#sign-in-thaid").await;
    stage.press(&format!("button[value='{NUMBER}']")).await;
    assert_eq!(stage.path().await, "/profile");
    stage.open(&stage.provider("/profile/history")).await;
    stage.look("history").await;
    stage.open(&stage.provider("/profile/security")).await;
    stage.look("security").await;
    stage.press("#thaid-door").await;
    stage.look("door").await;
    stage.press("#close-thaid").await;
    stage.find("#thaid").await;
    stage.look("closed").await;
    stage.press("#thaid-door").await;
    stage.look("door-closed").await;
    stage.press("#open-thaid").await;

    stage.open(&stage.provider("/verify/renew")).await;
    stage.look("renew").await;
    stage.press("#renew-thaid").await;
    stage.press("button[value='1000000000033']").await;
    stage.look("somebody-else").await;
    stage.open(&stage.provider("/verify/renew")).await;
    stage.press("#renew-thaid").await;
    stage.press(&format!("button[value='{NUMBER}']")).await;
    assert_eq!(stage.path().await, "/profile");

    // The documents have changed since this member accepted them.
    let store = &stage.demo.app.store;
    let account =
        store.account_by_email(EMAIL).await.expect("the database answers").expect("who registered").account.id;
    store.accept_documents(account, "2569-1", stage.demo.app.now(), &[]).await.expect("the database answers");
    stage.open(&stage.provider("/profile/security")).await;
    assert_eq!(stage.path().await, "/terms/accept");
    stage.look("accept").await;
    stage.strike().await;
}
