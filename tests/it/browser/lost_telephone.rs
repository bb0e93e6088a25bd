//! From the first passkey to a lost telephone and back: a service that asks for two steps, an app, recovery codes, the way of
//! whoever has nothing left, and a history that shows it all.

use std::time::Duration;

use chrono::TimeDelta;
use idp_core::account::TotpSecret;
use idp_core::id::ClientId;
use idp_core::session::Acr;
use idp_web::time::Clock as _;
use serde_json::json;
use thirtyfour::prelude::By;
use tokio::time::timeout;

use super::people::{Newcomer, PASSWORD};
use super::stage::{Language, Stage};
use super::strong_sign_in::{adds_a_passkey, is_signed_in_by_the_browser_alone, plug_in, signs_out};

const EMAIL: &str = "duangjai@mail.example";

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_is_lost_in_thai_on_a_telephone() {
    walk(Language::Thai).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_is_lost_in_english_on_a_desktop() {
    walk(Language::English).await;
}

async fn walk(language: Language) {
    let stage = Stage::set("lost-telephone", language).await;
    stage
        .register(&Newcomer {
            email: EMAIL, name: ["ดวงใจ", "ตัวอย่างดี"], member_type: "public"
        })
        .await;
    a_service_asks_for_two_steps(&stage).await;
    steps_up_by_mail(&stage).await;
    let phone = plug_in(&stage).await;
    let codes = adds_a_passkey(&stage).await;
    signs_out(&stage).await;
    is_signed_in_by_the_browser_alone(&stage).await;
    adds_an_app(&stage).await;
    comes_to_the_service_by_passkey(&stage).await;
    stage.chromium.devtools("WebAuthn.removeVirtualAuthenticator", json!({ "authenticatorId": phone })).await;
    comes_in_by_a_code_on_paper(&stage, &codes[0]).await;
    let code = asks_for_what_is_lost(&stage).await;
    comes_back_after_the_waiting_time(&stage, &code).await;
    sees_it_all(&stage).await;
    stage.strike().await;
}

async fn a_service_asks_for_two_steps(stage: &Stage) {
    let store = &stage.demo.app.store;
    let id = ClientId::parse("ditp-academy").expect("a client id");
    let mut client = (*store.client(&id).await.unwrap().expect("a service of the demonstration")).clone();
    let before = client.updated_at;
    client.least_acr = Some(Acr::Aal2);
    client.updated_at = stage.clock.now();
    assert!(store.replace_client(&client, before, &[]).await.unwrap());
}

/// Whoever has set up nothing proves the mailbox.
async fn steps_up_by_mail(stage: &Stage) {
    stage.open(&stage.academy("/")).await;
    stage.press("#sign-in").await;
    assert_eq!(stage.path().await, "/login/second");
    stage.look("second-by-mail").await;
    let page = stage.here().await;
    stage.press("#send-code").await;
    stage.look("second-mail-sent").await;
    open_mail(stage, stage.language.pick("รหัสยืนยันตัวตนขั้นที่สอง", "Code for the second step")).await;
    let code = stage.code_in_mail().await;
    stage.open(page.as_str()).await;
    stage.fill("code", &code).await;
    stage.press("#prove").await;
    assert_eq!(stage.path().await, "/consent");
    stage.press("#allow").await;
    stage.find("#who").await;
    assert!(stage.text("#id-token").await.contains("mca"), "{}", stage.text("#id-token").await);
}

async fn adds_an_app(stage: &Stage) {
    stage.open(&stage.provider("/profile/security")).await;
    stage.press("#add-totp").await;
    stage.look("add-an-app").await;
    let code = app(&stage.text("#totp-secret").await).code(stage.clock.now()).to_string();
    stage.fill("code", &code).await;
    stage.press("#confirm-totp").await;
    assert_eq!(stage.path().await, "/profile/security", "the codes that are there go on");
    stage.look("security-with-both").await;
}

/// The app that was given this secret, as it is shown.
fn app(shown: &str) -> TotpSecret {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        _ => letter - b'2' + 26,
    };
    let letters = shown.bytes().filter(u8::is_ascii_alphanumeric);
    let bits: Vec<u8> = letters.flat_map(|letter| (0..5).rev().map(move |bit| value(letter) >> bit & 1)).collect();
    let bytes: Vec<u8> = bits.chunks(8).map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | bit)).collect();
    TotpSecret::from_bytes(&bytes).expect("160 bits")
}

/// Signed in by the password alone on the way to the service, which is not enough: the passkey is asked for.
async fn comes_to_the_service_by_passkey(stage: &Stage) {
    signs_out(stage).await;
    // A browser that does not offer passkeys beside the field, so that the password is typed.
    const UNABLE: &str =
        "window.PublicKeyCredential.isConditionalMediationAvailable = function () { return Promise.resolve(false); };";
    stage.chromium.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": UNABLE })).await;
    // The service may not have heard of the sign-out yet.
    stage.open(&stage.academy("/sign-in")).await;
    types_the_password(stage).await;
    stage.look("second-by-passkey").await;
    stage.press("#sign-in-passkey").await;
    stage.find("#who").await;
    let token = stage.text("#id-token").await;
    assert!(token.contains("aal2") && token.contains("pop"), "{token}");
}

async fn types_the_password(stage: &Stage) {
    stage.fill_all(&[("username", EMAIL), ("password", PASSWORD)]).await;
    stage.press("#sign-in").await;
    assert_eq!(stage.path().await, "/login/second");
}

/// The telephone is gone, and with it passkey and app.
async fn comes_in_by_a_code_on_paper(stage: &Stage, code: &str) {
    signs_out(stage).await;
    stage.open(&stage.provider("/login")).await;
    types_the_password(stage).await;
    stage.look("second-passkey-not-there").await;
    stage.press("#other-ways a[href*='by=recovery-code']").await;
    stage.look("second-by-code-on-paper").await;
    stage.fill("code", code).await;
    stage.press("#prove").await;
    assert_eq!(stage.path().await, "/profile");
}

/// The paper is gone, too.
async fn asks_for_what_is_lost(stage: &Stage) -> String {
    signs_out(stage).await;
    stage.open(&stage.provider("/login")).await;
    types_the_password(stage).await;
    stage.press("#lost a").await;
    stage.look("lost").await;
    stage.press("#send-lost-code").await;
    stage.look("lost-sent").await;
    let code = types_the_mailed_code(stage, None).await;
    stage.find("#lost-until").await;
    stage.look("lost-waiting").await;
    let subject = stage.language.pick("มีการขอนำวิธียืนยันตัวตนขั้นที่สองออก", "asked for your second step");
    open_mail(stage, subject).await;
    stage.look("mail-lost-waiting").await;
    code
}

/// Types the code that was mailed because of the loss, once it is another than `earlier`.
async fn types_the_mailed_code(stage: &Stage, earlier: Option<&str>) -> String {
    let code = loop {
        open_mail(stage, stage.language.pick("กรณีวิธียืนยันขั้นที่สองสูญหาย", "about the lost second step")).await;
        let code = stage.code_in_mail().await;
        if Some(code.as_str()) != earlier {
            break code;
        }
    };
    stage.look("mail-lost-code").await;
    stage.open(&stage.provider("/login/second/lost")).await;
    stage.fill("code", &code).await;
    stage.press("#prove").await;
    code
}

async fn comes_back_after_the_waiting_time(stage: &Stage, earlier: &str) {
    stage.clock.put_forward(TimeDelta::hours(72));
    stage.open(&stage.provider("/login")).await;
    types_the_password(stage).await;
    stage.press("#lost a").await;
    stage.look("lost-time-is-over").await;
    stage.press("#send-lost-code").await;
    stage.look("lost-mailbox-again").await;
    types_the_mailed_code(stage, Some(earlier)).await;
    assert_eq!(stage.path().await, "/profile");
    stage.open(&stage.provider("/profile/security")).await;
    assert!(stage.shows("#add-totp").await && !stage.shows("#recovery-codes").await);
    stage.look("security-with-nothing").await;
}

async fn sees_it_all(stage: &Stage) {
    stage.open(&stage.provider("/profile/history")).await;
    stage.look("history").await;
    let told = stage.text("#history").await;
    let ways = stage.language.pick(["พาสคีย์", "รหัสผ่าน"], ["asskey", "assword"]);
    for way in ways {
        assert!(told.contains(way), "{way}: {told}");
    }
    let rows = stage.chromium.driver.find_all(By::Css("#history .sign-in")).await.expect("a selector").len();
    assert!(rows >= 4, "{rows} sign-ins: {told}");
}

/// Opens the newest mail whose subject says so, once it has arrived.
async fn open_mail(stage: &Stage, subject: &str) {
    let arrived = async {
        loop {
            stage.open(&stage.mailbox("/")).await;
            let rows = stage.chromium.driver.find_all(By::Css(".mail-row h2 a")).await.expect("a selector");
            for row in rows {
                if row.text().await.is_ok_and(|text| text.contains(subject)) {
                    return row.click().await.expect("a mail opens");
                }
            }
        }
    };
    timeout(Duration::from_secs(30), arrived).await.unwrap_or_else(|_| panic!("no mail says “{subject}”"));
    stage.find("#mail-text").await;
}
