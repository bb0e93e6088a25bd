//! Claims asked for by name: the `claims` parameter and `claims_locales` (OpenID Connect Core §5.2, §5.5).

use std::collections::BTreeSet;

use idp_core::client::ClientStatus;
use idp_core::scope::ScopeSet;
use idp_tests::{Answer, App, Client, ISSUER, Member};
use serde_json::{Value, json};

/// The names beside the protocol's own.
fn names(claims: &Value) -> BTreeSet<&str> {
    let own = ["iss", "sub", "aud", "iat", "exp", "auth_time", "nonce", "acr", "amr", "sid", "at_hash"];
    claims.as_object().unwrap().keys().map(String::as_str).filter(|name| !own.contains(name)).collect()
}

async fn asked(rp: &Client, member: &mut Member, claims: Value) -> (Value, Value) {
    let ask = rp.ask().with("scope", "openid").with("claims", &claims.to_string());
    let tokens = rp.sign_in_with(member, ask).await;
    (tokens.id.claims.clone(), rp.claims(&tokens).await)
}

#[tokio::test]
async fn an_essential_claim_comes_at_userinfo_and_not_in_the_id_token() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let (id, userinfo) = asked(&rp, &mut ana, json!({ "userinfo": { "name": { "essential": true } } })).await;
    assert_eq!(names(&id), BTreeSet::new());
    assert_eq!(names(&userinfo), ["name"].into());
    assert_eq!(userinfo["name"], "สมหญิง ทดสอบระบบ");
}

#[tokio::test]
async fn each_place_gets_what_was_asked_for_there() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let claims = json!({
        "userinfo": { "given_name#en": null, "phone_number": { "value": "x" }, "picture": null, "sub": null },
        "id_token": { "email": { "essential": true }, "membership": null, "auth_time": { "essential": true } },
    });
    let (id, userinfo) = asked(&rp, &mut ana, claims).await;
    assert_eq!(names(&id), ["email", "membership"].into());
    assert_eq!((id["email"].as_str(), id["membership"].as_str()), (Some("ana@mail.example"), Some("temporary")));
    assert_eq!(names(&userinfo), ["given_name#en", "phone_number"].into());
}

#[tokio::test]
async fn a_claim_of_a_scope_is_there_once_and_the_scope_keeps_its_others() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let claims = json!({ "id_token": { "membership": null, "name": null }, "userinfo": { "email": null } });
    let ask = rp.ask().with("scope", "openid membership").with("claims", &claims.to_string());
    let tokens = rp.sign_in_with(&mut ana, ask).await;
    let token = &tokens.id.token;
    let payload = idp_core::secret::from_base64url(token.split('.').nth(1).unwrap()).unwrap();
    let text = String::from_utf8(payload).unwrap();
    assert_eq!(text.matches("\"membership\":").count(), 1, "{text}");
    let all = ["membership", "membership_expires_at", "verified_badge", "member_type", "name"];
    assert_eq!(names(&tokens.id.claims), all.into());
}

#[tokio::test]
async fn a_refresh_gives_the_same_claims_again() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let claims = json!({ "id_token": { "email": null }, "userinfo": { "gender": null } });
    let ask = rp.ask().with("scope", "openid").with("claims", &claims.to_string());
    let tokens = rp.sign_in_with(&mut ana, ask).await;
    let refreshed = rp.refreshed(&tokens).await;
    assert_eq!(refreshed.id.text("email"), "ana@mail.example");
    assert_eq!(names(&rp.claims(&refreshed).await), ["gender"].into());
}

#[tokio::test]
async fn what_the_client_may_not_ask_for_is_left_out_then_and_later() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mut rp = app.client("rp").scopes("openid email").await;
    let claims =
        json!({ "userinfo": { "email": null, "name": null }, "id_token": { "phone_number": null, "email": null } });
    let ask = rp.ask().with("scope", "openid").with("claims", &claims.to_string());
    let tokens = rp.sign_in_with(&mut ana, ask).await;
    assert_eq!(names(&tokens.id.claims), ["email"].into());
    assert_eq!(names(&rp.claims(&tokens).await), ["email"].into());
    rp.change(|client| client.scopes = ScopeSet::parse("openid")).await;
    assert_eq!(names(&rp.claims(&tokens).await), BTreeSet::new());
    assert_eq!(names(&rp.refreshed(&tokens).await.id.claims), BTreeSet::new());
    assert_eq!(rp.client.status, ClientStatus::Active);
}

#[tokio::test]
async fn s116_the_number_cannot_be_asked_for_by_name() {
    let app = App::start().await;
    let mut bo = app.insert_permanent("bo").await;
    let rp = app.client("rp").citizen_id().await;
    let claims = json!({ "userinfo": { "citizen_id": { "essential": true } }, "id_token": { "citizen_id": null } });
    let (id, userinfo) = asked(&rp, &mut bo, claims).await;
    assert!(id.get("citizen_id").is_none() && userinfo.get("citizen_id").is_none());
}

#[tokio::test]
async fn the_member_is_asked_about_claims_and_agrees_once() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let ask = |claims: Value| rp.ask().with("scope", "openid").with("claims", &claims.to_string());
    let email = json!({ "userinfo": { "email": null } });
    let silent = ask(email.clone()).with("prompt", "none");
    Answer::of(&ana.browser.get(&silent.path()).await).expect_error("consent_required", &silent, ISSUER);
    let page = ana.browser.get(&ask(email.clone()).path()).await;
    page.expect_at("/consent");
    let text = page.text("main");
    assert!(text.contains("ana@mail.example") && !text.contains("สมหญิง"), "{text}");
    ana.browser.submit(page.form("/consent").with("decision", "allow")).await;
    for again in [email.clone(), json!({ "id_token": { "email": null } })] {
        Answer::of(&ana.browser.get(&ask(again).with("prompt", "none").path()).await).code();
    }
    // Another claim is another question, and the page tells both.
    let more = ask(json!({ "userinfo": { "email": null, "birthdate": null } }));
    let page = ana.browser.get(&more.path()).await;
    page.expect_at("/consent");
    assert_eq!(page.texts(".asked li").len(), 2, "{:?}", page.texts(".asked li"));
    ana.browser.submit(page.form("/consent").with("decision", "deny")).await;
    let silent = more.with("prompt", "none");
    Answer::of(&ana.browser.get(&silent.path()).await).expect_error("consent_required", &silent, ISSUER);
    // The member's own page lists what they agreed to.
    let page = ana.browser.get("/profile/services").await;
    assert!(page.text("#services").contains("อีเมล"), "{}", page.text("main"));
}

#[tokio::test]
async fn a_scope_agreed_to_stands_for_its_claims() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    rp.sign_in(&mut ana).await;
    let ask = rp.ask().with("scope", "openid").with("claims", r#"{"userinfo":{"name":null,"position":null}}"#);
    Answer::of(&ana.browser.get(&ask.with("prompt", "none").path()).await).code();
}

#[tokio::test]
async fn a_consent_that_was_withdrawn_is_withdrawn_for_claims_too() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let (_, userinfo) = asked(&rp, &mut ana, json!({ "userinfo": { "email": null } })).await;
    assert_eq!(userinfo["email"], "ana@mail.example");
    app.store.withdraw_consent(ana.id, &rp.client.id, app.now(), &[]).await.unwrap();
    let ask = rp.ask().with("scope", "openid").with("claims", r#"{"userinfo":{"email":null}}"#).with("prompt", "none");
    Answer::of(&ana.browser.get(&ask.path()).await).expect_error("consent_required", &ask, ISSUER);
}

#[tokio::test]
async fn names_without_a_tag_are_in_the_language_the_client_asked_for() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mut bo = app.insert_member_with("bo", |account| account.profile.first_name_en = None).await;
    let rp = app.client("rp").await;
    let name = async |member: &mut Member, locales: &str| {
        let tokens = rp.sign_in_with(member, rp.ask().with("claims_locales", locales)).await;
        let claims = rp.claims(&tokens).await;
        assert_eq!(claims["name#th"], "สมหญิง ทดสอบระบบ");
        (claims["name"].clone(), claims["family_name"].clone())
    };
    let (thai, english) =
        ((json!("สมหญิง ทดสอบระบบ"), json!("ทดสอบระบบ")), (json!("Somying Thotsoprabop"), json!("Thotsoprabop")));
    assert_eq!(name(&mut ana, "en").await, english);
    assert_eq!(name(&mut ana, "se en-GB th").await, english);
    assert_eq!(name(&mut ana, "th en").await, thai);
    assert_eq!(name(&mut ana, "se").await, thai);
    assert_eq!(name(&mut bo, "en").await, thai, "a name is never half in one script");
}

#[tokio::test]
async fn sub_with_a_value_is_that_member_or_login_required() {
    let app = App::start().await;
    let (mut ana, mut bo) = (app.insert_member("ana").await, app.insert_member("bo").await);
    let rp = app.client("rp").await;
    let (of_ana, of_bo) = (rp.sign_in(&mut ana).await, rp.sign_in(&mut bo).await);
    let ask =
        |sub: &str, place: &str| rp.ask().with("claims", &json!({ place: { "sub": { "value": sub } } }).to_string());
    for place in ["id_token", "userinfo"] {
        let right = ask(of_ana.id.text("sub"), place).with("prompt", "none");
        Answer::of(&ana.browser.get(&right.path()).await).code();
        let wrong = ask(of_bo.id.text("sub"), place);
        let silent = wrong.clone().with("prompt", "none");
        Answer::of(&ana.browser.get(&silent.path()).await).expect_error("login_required", &silent, ISSUER);
        app.advance(chrono::TimeDelta::seconds(5));
        // Without prompt=none somebody else may sign in, and the wrong one is refused.
        let page = ana.browser.get(&wrong.path()).await;
        page.expect_at("/login");
        Answer::of(&ana.sign_in_at(&page).await).expect_error("login_required", &wrong, ISSUER);
    }
    // Hint and sub must agree.
    let both = ask(of_bo.id.text("sub"), "id_token").with("id_token_hint", &of_ana.id.token).with("prompt", "none");
    for member in [&mut ana, &mut bo] {
        Answer::of(&member.browser.get(&both.path()).await).expect_error("login_required", &both, ISSUER);
    }
}

#[tokio::test]
async fn s031_what_is_no_claims_request_is_an_invalid_request() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let deep = format!("{{\"userinfo\":{{\"name\":{}{}}}}}", "[".repeat(1000), "]".repeat(1000));
    let long = format!("{{\"userinfo\":{{\"{}\":null}}}}", "x".repeat(9000));
    let twice = r#"{"userinfo":{"name":null,"name":null}}"#;
    for wrong in ["x", "[]", "7", "null", "{", "{\"userinfo\":7}", "{\"id_token\":{\"acr\":[]}}", &deep, &long, twice] {
        let ask = rp.ask().with("claims", wrong);
        let page = app.unchanged(app.browser().get(&ask.path())).await;
        Answer::of(&page).expect_error("invalid_request", &ask, ISSUER);
    }
}
