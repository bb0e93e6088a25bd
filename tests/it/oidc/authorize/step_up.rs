//! A level above what the session proved: the member proves a second factor, and the service hears truthfully how.

use idp_core::session::Acr;
use idp_tests::{Answer, App, ISSUER, prove};
use serde_json::json;

const AAL1: &str = "https://account.moc.go.th/acr/aal1";
const AAL2: &str = "https://account.moc.go.th/acr/aal2";

fn essential() -> String {
    json!({ "id_token": { "acr": { "essential": true, "value": AAL2 } } }).to_string()
}

#[tokio::test]
async fn a_member_without_a_factor_steps_up_by_a_code_from_the_mailbox() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    for (name, parameter, value) in
        [("ana", "acr_values", AAL2), ("ben", "acr_values", &format!("{AAL2} {AAL1}")), ("cat", "claims", &essential())]
    {
        let mut member = app.insert_member(name).await;
        let tokens = rp.sign_in_with(&mut member, rp.ask().with(parameter, value)).await;
        assert_eq!(tokens.id.text("acr"), AAL2, "{parameter}={value}");
        // A code by mail is another channel, and no proof of something that the member holds.
        assert_eq!(tokens.id.claims["amr"], json!(["pwd", "mca", "mfa"]));
        // The session is stronger from now on: nobody is asked twice.
        let again = rp.sign_in_with(&mut member, rp.ask().with(parameter, value).with("prompt", "none")).await;
        assert_eq!(again.id.text("acr"), AAL2);
        assert_eq!(again.id.text("sid"), tokens.id.text("sid"));
    }
}

#[tokio::test]
async fn a_service_that_requires_two_factors_gets_them_from_everybody() {
    let app = App::start().await;
    let rp = app.client("rp").with(|draft| draft.least_acr = Some(Acr::Aal2)).await;
    let mut ana = app.insert_member("ana").await;
    for prompt in ["", "consent"] {
        let page = ana.browser.get(&rp.ask().with("prompt", prompt).path()).await;
        page.expect_at("/login/second");
        // Leaving the page aside leads nowhere else.
        let resumed = page.path.replace("/login/second", "/authorize/resume");
        ana.browser.get(&resumed).await.expect_at("/login/second");
    }
    let silent = rp.ask().with("prompt", "none");
    let page = app.unchanged(ana.browser.get(&silent.path())).await;
    Answer::of(&page).expect_error("login_required", &silent, ISSUER);
    let tokens = rp.sign_in(&mut ana).await;
    assert_eq!(tokens.id.text("acr"), AAL2);
    assert_eq!(rp.refreshed(&tokens).await.id.text("acr"), AAL2);
}

#[tokio::test]
async fn a_wish_disturbs_nobody_and_what_is_essential_is_login_required() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    rp.sign_in(&mut ana).await;
    let wish = rp.ask().with("acr_values", AAL2).with("prompt", "none");
    assert_eq!(rp.sign_in_with(&mut ana, wish).await.id.text("acr"), AAL1);
    let need = rp.ask().with("claims", &essential()).with("prompt", "none");
    let page = app.unchanged(ana.browser.get(&need.path())).await;
    Answer::of(&page).expect_error("login_required", &need, ISSUER);
}

#[tokio::test]
async fn giving_up_is_access_denied() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    let ask = rp.ask().with("claims", &essential());
    let page = ana.browser.get(&ask.path()).await;
    let cancel = page.attribute("p.after a", "href").unwrap();
    Answer::of(&ana.browser.get(&cancel).await).expect_error("access_denied", &ask, ISSUER);
}

#[tokio::test]
async fn s049_a_step_up_gives_the_session_another_cookie_and_the_old_one_is_worth_nothing() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    let before = rp.sign_in(&mut ana).await;
    let mut old = ana.browser.clone();
    rp.sign_in_with(&mut ana, rp.ask().with("acr_values", AAL2)).await;
    assert_ne!(old.cookie("session"), ana.browser.cookie("session"));
    assert!(!old.is_signed_in().await, "the cookie from before is dead");
    assert!(ana.browser.is_signed_in().await);
    // What the service held goes on: it is the same member in the same browser.
    assert_eq!(rp.refreshed(&before).await.id.text("sid"), before.id.text("sid"));
}

#[tokio::test]
async fn a_mailed_code_counts_once_for_ten_minutes_and_five_guesses() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    let ask = rp.ask().with("acr_values", AAL2);
    let page = ana.browser.get(&ask.path()).await;
    assert!(app.letters_to(&ana.email).await.is_empty(), "opening the page sends nothing");
    let page = ana.browser.submit(page.form("/login/second/mail")).await;
    let code = app.mailed_code(&ana.email).await;
    let mut elsewhere = ana.clone();
    app.advance(chrono::TimeDelta::minutes(11));
    let late = prove(&mut ana.browser, &page, &code).await;
    assert_eq!(late.status, 422, "{}", late.text("main"));
    // Another one, in the browser beside it, and once.
    let page = ana.browser.get(late.path.split("&by").next().unwrap_or_default()).await;
    page.expect_at("/login/second");
    let page = elsewhere.browser.get(&ask.path()).await;
    let page = elsewhere.browser.submit(page.form("/login/second/mail")).await;
    let code = app.mailed_code(&ana.email).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert_eq!(prove(&mut elsewhere.browser, &page, wrong).await.status, 422);
    let away = prove(&mut elsewhere.browser, &page, &code).await;
    assert_eq!(away.place(), "/consent");
}
