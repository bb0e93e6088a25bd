//! Consent to everything, an answer by form, and the ways an account comes to its end: the sixty days, deletion, freezing.

use std::collections::BTreeMap;

use axum::response::Html;
use axum::routing::post;
use axum::{Form, Router};
use chrono::TimeDelta;
use idp_core::client::{Bilingual, ClientDraft, PkcePolicy};
use idp_core::id::ClientId;
use idp_core::scope::{Scope, ScopeSet};
use idp_core::secret::Secret;
use serde_json::json;
use tokio::net::TcpListener;

use super::people::{Newcomer, PASSWORD, citizen};
use super::stage::{Language, Stage};

const EMAIL: &str = "kanokwan@mail.example";

#[tokio::test(flavor = "multi_thread")]
async fn every_ending_is_clear_in_thai() {
    walk(Language::Thai).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_ending_is_clear_in_english() {
    walk(Language::English).await;
}

async fn walk(language: Language) {
    let stage = Stage::set("endings", language).await;
    let kanokwan = citizen("1000000000033");
    stage.register(&Newcomer { email: EMAIL, name: [kanokwan.first, kanokwan.last], member_type: "public" }).await;
    stage.open_newest_mail(EMAIL, 2).await;
    stage.look("mail-welcome").await;
    the_sixty_days_end(&stage).await;
    stage.send_card("/verify/public", kanokwan).await;
    stage.find("#verified").await;
    let callback = consent_to_everything(&stage).await;
    signing_in_again_and_out(&stage, &callback).await;
    deletion_and_a_change_of_mind(&stage).await;
    that_was_not_me(&stage).await;
    stage.strike().await;
}

async fn the_sixty_days_end(stage: &Stage) {
    stage.clock.put_forward(TimeDelta::days(61));
    stage.sign_in(EMAIL).await;
    stage.find("#membership-ended").await;
    stage.look("membership-ended").await;
    stage.press("#become-permanent").await;
    stage.look("verify-after-the-end").await;
    // Services get nothing.
    stage.open(&stage.academy("/")).await;
    stage.press("#sign-in").await;
    stage.press(".after a").await;
    assert_eq!(stage.text("#error-code").await, "access_denied");
}

async fn consent_to_everything(stage: &Stage) -> String {
    let callback = takes_forms().await;
    let id = ClientId::parse("everything").expect("a legal id");
    let bilingual = |th: &str, en: &str| Bilingual { th: th.to_owned(), en: en.to_owned() };
    let draft = ClientDraft {
        name: bilingual("ระบบยื่นคำขอทรัพย์สินทางปัญญา", "Intellectual property applications"),
        owner: bilingual("กรมทรัพย์สินทางปัญญา", "Department of Intellectual Property"),
        purpose: bilingual("รับคำขอจดทะเบียนและติดต่อผู้ยื่นคำขอ", "take in applications and reach those who made them"),
        redirect_uris: vec![callback.clone()],
        scopes: Scope::ALL.into_iter().collect::<ScopeSet>(),
        refresh_tokens: false,
        pkce: PkcePolicy::Optional,
        ..ClientDraft::new(id.clone())
    };
    let app = &stage.demo.app;
    let client = draft.accept(&Secret::make(&*app.chance), app.now()).expect("a sound client");
    assert!(app.store.insert_client(&client, &[]).await.expect("the database can be written"));
    let request = format!(
        "/authorize?response_type=code&client_id={id}&redirect_uri={}&state=s&nonce=n&response_mode=form_post\
         &scope=openid+membership+profile+email+phone+organization+citizen_id",
        callback
    );
    stage.open(&stage.provider(&request)).await;
    assert_eq!(stage.path().await, "/consent");
    stage.look("consent-to-everything").await;
    // So that the page can be seen: it sends itself.
    let hold = json!({ "source": "HTMLFormElement.prototype.submit = function () {};" });
    let held = stage.chromium.devtools("Page.addScriptToEvaluateOnNewDocument", hold).await;
    stage.press("#allow").await;
    stage.find("#go-on").await;
    stage.look("answer-by-form").await;
    stage.chromium.devtools("Page.removeScriptToEvaluateOnNewDocument", held).await;
    // Now that it is agreed to, nothing has to be pressed.
    stage.open(&stage.provider(&request)).await;
    assert_eq!(stage.text("#arrived").await, "code iss state");
    stage.open(&stage.provider("/profile")).await;
    stage.look("profile-with-everything").await;
    stage.open(&stage.provider("/profile/services")).await;
    stage.look("services").await;
    stage.press("#receipts a").await;
    stage.look("receipt").await;
    for (page, name) in [
        ("/profile/data", "data"),
        ("/profile/data/all", "data-all"),
        ("/profile/edit", "edit"),
        ("/profile/restrict", "restrict"),
        ("/privacy/2569-2", "privacy-before"),
    ] {
        stage.open(&stage.provider(page)).await;
        assert_eq!(stage.path().await, page);
        stage.look(name).await;
    }
    stage.open(&stage.provider("/profile/services")).await;
    stage.press("#services .rows button").await;
    stage.look("consent-withdrawn").await;
    callback
}

/// A service that takes its answers by form; ends with the walk.
async fn takes_forms() -> String {
    let arrived = async |Form(fields): Form<BTreeMap<String, String>>| {
        let names = fields.into_keys().collect::<Vec<_>>().join(" ");
        Html(format!(
            "<!doctype html><html lang=en><title>Arrived</title><link rel=icon href=data:,><p id=arrived>{names}"
        ))
    };
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let port = listener.local_addr().expect("its address").port();
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/callback", post(arrived))).await });
    format!("http://127.0.0.1:{port}/callback")
}

async fn signing_in_again_and_out(stage: &Stage, callback: &str) {
    let again = format!(
        "/authorize?response_type=code&client_id=everything&redirect_uri={callback}&state=s&nonce=n\
         &scope=openid&prompt=login"
    );
    stage.open(&stage.provider(&again)).await;
    stage.look("password-again").await;
    stage.open(&stage.provider("/logout?client_id=everything")).await;
    stage.look("sign-out-asked-by-a-service").await;
    stage.press("#cancel").await;
    stage.open(&stage.provider("/signout")).await;
    stage.look("sign-out").await;
}

async fn deletion_and_a_change_of_mind(stage: &Stage) {
    stage.open(&stage.provider("/profile/delete")).await;
    stage.look("delete").await;
    stage.put(&[("password", "not my password")]).await;
    stage.press("#confirm-delete").await;
    stage.look("delete-wrong-password").await;
    stage.put(&[("password", PASSWORD)]).await;
    stage.press("#confirm-delete").await;
    stage.find("#deletion-scheduled").await;
    stage.look("deletion-scheduled").await;
    stage.sign_in(EMAIL).await;
    stage.look("deletion-under-way").await;
    stage.press("#deletion-scheduled .actions a").await;
    stage.look("keep").await;
    stage.press("#keep-account").await;
    stage.find("#membership").await;
}

async fn that_was_not_me(stage: &Stage) {
    stage.open(&stage.mailbox("/")).await;
    stage.look("mailbox-full").await;
    let notice = stage.language.pick("เป็นสมาชิกถาวร", "permanent member");
    let subjects = stage.chromium.driver.find_all(thirtyfour::By::Css(".mail-row h2 a")).await.expect("a selector");
    let mut found = None;
    for subject in subjects {
        if subject.text().await.is_ok_and(|text| text.contains(notice)) {
            found = subject.attr("href").await.expect("a link");
            break;
        }
    }
    stage.open(&stage.mailbox(&found.expect("a notice of the verification"))).await;
    stage.look("mail-verified").await;
    let link = stage.attribute("#mail-text a[href*='not-me']", "href").await;
    stage.open(&link).await;
    stage.look("not-me").await;
    stage.press("#not-me").await;
    stage.look("account-frozen").await;
    stage.sign_in(EMAIL).await;
    stage.look("sign-in-suspended").await;
}
