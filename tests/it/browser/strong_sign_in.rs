//! Strong sign-in, as a member lives it: a passkey instead of the password, without typing anything. The authenticator is
//! Chromium's own virtual one, which looks at its owner without asking.

use serde_json::{Value, json};
use thirtyfour::prelude::By;

use super::people::Newcomer;
use super::stage::{Language, Stage};

#[tokio::test(flavor = "multi_thread")]
async fn strong_sign_in_in_thai_on_a_telephone() {
    walk(Language::Thai).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strong_sign_in_in_english_on_a_desktop() {
    walk(Language::English).await;
}

const EMAIL: &str = "malee@mail.example";

async fn walk(language: Language) {
    let stage = Stage::set("strong", language).await;
    let phone = plug_in(&stage).await;
    stage
        .register(&Newcomer {
            email: EMAIL, name: ["มาลี", "ตัวอย่างดี"], member_type: "public"
        })
        .await;
    adds_a_passkey(&stage).await;
    signs_out(&stage).await;
    signs_in_with_the_button(&stage, &phone).await;
    signs_out(&stage).await;
    signs_in_without_touching_anything(&stage, &phone).await;
    stage.strike().await;
}

/// A telephone that keeps passkeys and knows its owner.
pub(super) async fn plug_in(stage: &Stage) -> String {
    stage.chromium.devtools("WebAuthn.enable", json!({})).await;
    let options = json!({
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": true,
        "hasUserVerification": true,
        "isUserVerified": true,
        "automaticPresenceSimulation": true,
    });
    let added = stage.chromium.devtools("WebAuthn.addVirtualAuthenticator", json!({ "options": options })).await;
    added["authenticatorId"].as_str().expect("an authenticator has an id").to_owned()
}

async fn credentials(stage: &Stage, phone: &str) -> Vec<Value> {
    let held = stage.chromium.devtools("WebAuthn.getCredentials", json!({ "authenticatorId": phone })).await;
    held["credentials"].as_array().cloned().unwrap_or_default()
}

/// Adds a passkey, which is the first strong factor; the recovery codes that come with it.
pub(super) async fn adds_a_passkey(stage: &Stage) -> Vec<String> {
    stage.open(&stage.provider("/profile")).await;
    stage.press("#manage-passkeys").await;
    stage.look("passkeys-none").await;
    assert!(!stage.value("name").await.is_empty(), "the browser's name is suggested");
    stage.fill("name", stage.language.pick("โทรศัพท์ของฉัน", "My telephone")).await;
    stage.press("#add-passkey").await;
    assert_eq!(stage.path().await, "/profile/security/recovery-codes");
    stage.look("recovery-codes").await;
    let mut codes = Vec::new();
    for code in stage.chromium.driver.find_all(By::Css(".codes code")).await.expect("a selector") {
        codes.push(code.text().await.expect("a code says something"));
    }
    assert_eq!(codes.len(), 10, "{codes:?}");
    stage.press("#codes-kept").await;
    stage.look("security-with-a-passkey").await;
    stage.press("#passkeys").await;
    stage.look("passkeys").await;
    assert_eq!(stage.text(".passkey strong").await, stage.language.pick("โทรศัพท์ของฉัน", "My telephone"));
    codes
}

pub(super) async fn signs_out(stage: &Stage) {
    stage.open(&stage.provider("/signout")).await;
    stage.send().await;
    assert!(stage.shows("#signed-out").await);
}

/// A browser that does not offer passkeys beside the field has the button.
async fn signs_in_with_the_button(stage: &Stage, phone: &str) {
    const UNABLE: &str =
        "window.PublicKeyCredential.isConditionalMediationAvailable = function () { return Promise.resolve(false); };";
    let unable = stage.chromium.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": UNABLE })).await;
    stage.open(&stage.academy("/")).await;
    stage.press("#sign-in").await;
    assert_eq!(stage.path().await, "/login");
    stage.look("sign-in-with-passkey").await;
    // Somebody else holds the telephone.
    let owner_is_there = async |there: bool| {
        let order = json!({ "authenticatorId": phone, "isUserVerified": there });
        stage.chromium.devtools("WebAuthn.setUserVerified", order).await;
    };
    owner_is_there(false).await;
    stage.touch("#sign-in-passkey").await;
    stage.find("#sign-in-passkey:not([disabled])").await;
    let words = stage.language.pick("ถูกยกเลิกหรือหมดเวลา", "it was cancelled, or took too long");
    assert!(stage.text(".passkey-status").await.contains(words), "{}", stage.text(".passkey-status").await);
    stage.look("sign-in-cancelled").await;
    owner_is_there(true).await;
    stage.press("#sign-in-passkey").await;
    assert_eq!(stage.path().await, "/consent");
    let held = credentials(stage, phone).await;
    assert_eq!((held.len(), &held[0]["isResidentCredential"]), (1, &Value::Bool(true)), "{held:?}");
    stage.chromium.devtools("Page.removeScriptToEvaluateOnNewDocument", unable).await;
}

pub(super) async fn is_signed_in_by_the_browser_alone(stage: &Stage) {
    stage.open(&stage.provider("/login")).await;
    stage.find("#manage-passkeys").await;
    assert_eq!(stage.path().await, "/profile");
}

/// Beside the field the browser offers it by itself; this telephone says yes at once.
async fn signs_in_without_touching_anything(stage: &Stage, phone: &str) {
    is_signed_in_by_the_browser_alone(stage).await;
    let held = credentials(stage, phone).await;
    assert!(held[0]["signCount"].as_u64() >= Some(2), "{held:?}");
    stage.press("#manage-passkeys").await;
    stage.look("passkey-used").await;
    stage.open_newest_mail(EMAIL, 3).await;
    stage.look("mail-passkey-added").await;
}
