//! `verified_claims`: what the civil registry confirmed, for whom it was asked for (OpenID Connect for Identity
//! Assurance 1.0).

use chrono::TimeDelta;
use idp_tests::{App, Client, Member};
use serde_json::{Value, json};

fn request(verification: Value, claims: Value) -> Value {
    json!({ "verification": verification, "claims": claims })
}

fn names() -> Value {
    json!({ "given_name": null, "family_name": null, "birthdate": null })
}

/// The value at userinfo and the one in the ID token.
async fn asked(rp: &Client, member: &mut Member, verified: Value) -> (Value, Value) {
    let place = json!({ "verified_claims": verified });
    let claims = json!({ "userinfo": place, "id_token": place });
    let tokens = rp.sign_in_with(member, rp.ask().with("scope", "openid").with("claims", &claims.to_string())).await;
    let (userinfo, id) = (rp.claims(&tokens).await, tokens.id.claims.clone());
    let of = |claims: &Value| claims.get("verified_claims").cloned().unwrap_or_default();
    (of(&userinfo), of(&id))
}

#[tokio::test]
async fn the_evidence_of_a_badge_is_told_as_far_as_it_was_asked_for() {
    let app = App::start().await;
    let mut bo = app.insert_member("bo").await;
    let citizen = app.promote(&bo).await;
    let rp = app.client("rp").await;
    let (least, id) =
        asked(&rp, &mut bo, request(json!({ "trust_framework": null }), json!({ "given_name": null }))).await;
    assert_eq!(least, id);
    assert_eq!(
        least,
        json!({ "verification": { "trust_framework": "th_moc_account" }, "claims": { "given_name": citizen.first } })
    );
    let everything = json!({
        "trust_framework": { "value": "th_moc_account" },
        "assurance_level": null,
        "time": { "max_age": 86_400 },
        "verification_process": null,
        "evidence": [{
            "type": { "value": "electronic_record" },
            "check_details": [{ "check_method": { "value": "data" }, "organization": null, "txn": null, "time": null }],
            "time": null,
            "record": { "type": { "value": "population_register" }, "source": { "name": null } },
        }],
    });
    let (whole, _) = asked(&rp, &mut bo, request(everything, names())).await;
    assert_eq!(whole["claims"]["family_name"], citizen.last);
    assert!(whole["claims"]["birthdate"].as_str().is_some_and(|date| date.len() == 10));
    let verification = &whole["verification"];
    assert_eq!(verification["assurance_level"], "ial1.2");
    assert_eq!(verification["time"], "2026-11-02T03:00:00Z");
    let evidence = &verification["evidence"][0];
    assert_eq!(evidence["type"], "electronic_record");
    assert_eq!(evidence["record"]["type"], "population_register");
    assert_eq!(evidence["check_details"][0]["check_method"], "data");
    assert!(!whole.to_string().contains(citizen.number), "the number is never among it");
    // OpenID Connect: never null, never empty.
    assert!(!whole.to_string().contains("null") && !whole.to_string().contains("\"\""));
}

#[tokio::test]
async fn without_a_badge_nothing_is_verified() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let wish = request(json!({ "trust_framework": null }), names());
    assert_eq!(asked(&rp, &mut ana, wish.clone()).await, (Value::Null, Value::Null));
    // The badge comes later, and the next claims carry it.
    app.promote(&ana).await;
    let (userinfo, id) = asked(&rp, &mut ana, wish).await;
    assert!(userinfo.is_object() && id.is_object());
}

#[tokio::test]
async fn s115_a_refresh_after_the_badge_carries_it_and_an_asked_for_claim_alone() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let wish = json!({ "id_token": { "verified_claims": request(json!({ "trust_framework": null }), names()) } });
    let ask = rp.ask().with("scope", "openid").with("claims", &wish.to_string());
    let tokens = rp.sign_in_with(&mut ana, ask).await;
    assert!(tokens.id.claims.get("verified_claims").is_none());
    app.promote(&ana).await;
    let refreshed = rp.refreshed(&tokens).await;
    assert!(refreshed.id.claims["verified_claims"]["claims"]["given_name"].is_string());
    assert!(rp.claims(&refreshed).await.get("verified_claims").is_none(), "not asked for there");
}

#[tokio::test]
async fn a_constraint_that_is_not_met_leaves_it_out_without_an_error() {
    let app = App::start().await;
    let mut bo = app.insert_member("bo").await;
    let citizen = app.promote(&bo).await;
    let rp = app.client("rp").await;
    app.advance(TimeDelta::minutes(2));
    for unmet in [
        json!({ "trust_framework": { "value": "eidas" } }),
        json!({ "trust_framework": null, "assurance_level": { "value": "ial3" } }),
        json!({ "trust_framework": null, "time": { "max_age": 60 } }),
        json!({ "trust_framework": null, "evidence": [{ "type": { "value": "document" } }] }),
    ] {
        let (userinfo, id) = asked(&rp, &mut bo, request(unmet.clone(), names())).await;
        assert_eq!((userinfo, id), (Value::Null, Value::Null), "{unmet}");
    }
    // A claim with a value is given with that value or not at all.
    let wish = json!({ "given_name": { "value": "ใครก็ได้" }, "family_name": { "values": ["x", citizen.last] } });
    let (userinfo, _) = asked(&rp, &mut bo, request(json!({ "trust_framework": null }), wish)).await;
    assert_eq!(userinfo["claims"], json!({ "family_name": citizen.last }));
    // Of several requests those are answered that can be.
    let several = json!([
        request(json!({ "trust_framework": { "value": "eidas" } }), names()),
        request(json!({ "trust_framework": null }), json!({ "birthdate": null })),
        request(json!({ "trust_framework": null, "time": null }), json!({ "given_name": null })),
    ]);
    let (userinfo, _) = asked(&rp, &mut bo, several).await;
    assert_eq!(userinfo.as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn the_member_is_asked_although_the_scopes_were_agreed_to() {
    let app = App::start().await;
    let mut bo = app.insert_permanent("bo").await;
    let rp = app.client("rp").await;
    rp.sign_in(&mut bo).await;
    let wish = json!({ "userinfo": { "verified_claims": request(json!({ "trust_framework": null }), names()) } });
    let page = bo.browser.get(&rp.ask().with("claims", &wish.to_string()).path()).await;
    page.expect_at("/consent");
    assert!(page.text("main").contains("ข้อมูลที่ตรวจสอบกับทะเบียนแล้ว"), "{}", page.text("main"));
}

#[tokio::test]
async fn a_client_without_the_scopes_hears_nothing() {
    let app = App::start().await;
    let mut bo = app.insert_permanent("bo").await;
    let wish = request(json!({ "trust_framework": null }), names());
    for scopes in ["openid profile", "openid membership"] {
        let rp = app.client(&scopes.replace(' ', "-")).scopes(scopes).await;
        assert_eq!(asked(&rp, &mut bo, wish.clone()).await, (Value::Null, Value::Null), "{scopes}");
    }
}

#[tokio::test]
async fn discovery_says_what_can_be_verified() {
    let app = App::start().await;
    let document = app.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["verified_claims_supported"], true);
    assert_eq!(document["trust_frameworks_supported"], json!(["th_moc_account"]));
    assert_eq!(document["claims_in_verified_claims_supported"], json!(["given_name", "family_name", "birthdate"]));
    assert_eq!(document["evidence_supported"], json!(["electronic_record"]));
    assert_eq!(document["electronic_records_supported"], json!(["population_register"]));
}
