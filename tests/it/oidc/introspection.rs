//! What a resource hears about a token, and what nobody else does (S038).

use chrono::TimeDelta;
use idp_core::client::ClientStatus;
use idp_core::jose::Algorithm;
use idp_tests::{App, Client, FORM, Jwt, Reply, decoded_part, encoded};
use openidconnect::JsonWebKey as _;
use openidconnect::core::{CoreJsonWebKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use serde_json::json;

use super::client_credentials::{TRADE, access, ask, machine, resource};

const INACTIVE: &str = r#"{"active":false}"#;

async fn introspect(rp: &Client, token: &str) -> Reply {
    rp.call("/introspect", &[("token", token)], &[]).await
}

#[tokio::test]
async fn a_resource_hears_about_tokens_meant_for_it() {
    let app = App::start().await;
    let api = resource(&app).await;
    let rp = machine(&app).await;
    let token = access(&ask(&rp, &[]).await);
    for hint in ["access_token", "refresh_token", "nonsense"] {
        let reply = api.call("/introspect", &[("token", &token), ("token_type_hint", hint)], &[]).await.expect(200);
        assert_eq!(reply.header("cache-control"), "no-store");
        assert_eq!(reply.header("content-type"), "application/json");
        let now = app.now().timestamp();
        let jti = decoded_part(&token, 1)["jti"].clone();
        let expected = json!({
            "active": true, "iss": app.issuer(), "sub": "machine", "aud": TRADE, "client_id": "machine",
            "scope": "trade:read", "token_type": "Bearer", "iat": now, "exp": now + 300, "jti": jti,
        });
        assert_eq!(reply.json(), expected);
    }
}

#[tokio::test]
async fn s038_who_has_not_proven_who_they_are_hears_nothing() {
    let app = App::start().await;
    let api = resource(&app).await;
    let token = access(&ask(&machine(&app).await, &[]).await);
    let spa = app.client("spa").public().await;
    introspect(&spa, &token).await.expect_token_error("invalid_client");
    app.post("/introspect", &encoded(&[("token", &token)])).await.expect_token_error("invalid_client");
    let mut stranger = api.clone();
    stranger.secret = idp_core::secret::Secret::presented("x");
    introspect(&stranger, &token).await.expect_token_error("invalid_client");
    api.call("/introspect", &[], &[]).await.expect_token_error("invalid_request");
    app.get(&format!("/introspect?token={token}")).await.expect(405);
    let reply = app.post(&format!("/introspect?token={token}"), "").await;
    assert_eq!(reply.error(), "invalid_request");
    let repeated = format!("{}&token=x", encoded(&[("token", &token)]));
    let request = axum::http::Request::post("/introspect").header("content-type", FORM);
    let request = request.header("authorization", api.basic()).body(repeated.into()).unwrap();
    app.send(request).await.expect_token_error("invalid_request");
}

#[tokio::test]
async fn s038_everything_else_is_the_same_no() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let api = resource(&app).await;
    let rp = machine(&app).await;
    let token = access(&ask(&rp, &[]).await);
    let service = app.client("rp").await;
    let other =
        app.client("other").with(|draft| draft.resource = Some(("https://other.test".to_owned(), Vec::new()))).await;
    let tokens = service.sign_in(&mut ana).await;
    // Outside the audience: the client it was given to, another resource, a service.
    for stranger in [&rp, &other, &service] {
        assert_eq!(introspect(stranger, &token).await.expect(200).body, INACTIVE);
    }
    let forged = Jwt::read(&token).claim("scope", "trade:write").token();
    let cut = &token[..token.len() - 1];
    let key = idp_core::jose::SigningKey::generate(Algorithm::ES256).unwrap().0;
    let foreign = key.seal_claims(idp_core::jose::TokenType::Access, &decoded_part(&token, 1)).unwrap();
    for dead in [
        &tokens.access,
        &tokens.refresh,
        &tokens.id.token,
        "x",
        "a.b.c",
        "e30.e30.e30",
        &forged,
        cut,
        &foreign,
        &"x".repeat(9_000),
    ] {
        let reply = app.unchanged(introspect(&api, dead)).await.expect(200);
        assert_eq!(reply.body, INACTIVE);
    }
    app.advance(TimeDelta::seconds(300));
    assert_eq!(introspect(&api, &token).await.body, INACTIVE, "expired");
}

#[tokio::test]
async fn s038_a_token_dies_with_its_client_and_with_what_it_may() {
    let app = App::start().await;
    let api = resource(&app).await;
    let mut rp = machine(&app).await;
    let token = access(&ask(&rp, &[]).await);
    rp.change(|client| client.resources[0].scopes.clear()).await;
    assert_eq!(introspect(&api, &token).await.json()["scope"], "");
    rp.change(|client| client.resources.clear()).await;
    assert_eq!(introspect(&api, &token).await.body, INACTIVE);
    let mut again = app
        .client("again")
        .with(|draft| {
            draft.client_credentials = true;
            draft.resources = vec![(TRADE.to_owned(), Vec::new())];
        })
        .await;
    let token = access(&ask(&again, &[]).await);
    assert_eq!(introspect(&api, &token).await.json()["active"], true);
    again.change(|client| client.status = ClientStatus::Suspended).await;
    assert_eq!(introspect(&api, &token).await.body, INACTIVE);
}

#[tokio::test]
async fn the_answer_is_signed_when_asked_for() {
    let app = App::start().await;
    let mut api = resource(&app).await;
    let token = access(&ask(&machine(&app).await, &[]).await);
    let kind = "application/token-introspection+jwt";
    // RFC 9701 §6: RS256 where nothing is said, whatever signs ID tokens.
    assert_eq!(api.client.id_token_algorithm, Algorithm::ES256);
    for (said, algorithm) in [(None, Algorithm::RS256), (Some(Algorithm::ES256), Algorithm::ES256)] {
        if let Some(said) = said {
            api.change(|client| client.answers.introspection_algorithm = said).await;
        }
        for (token, active) in [(token.as_str(), true), ("x", false)] {
            let headers = [("accept", "application/json;q=0.5, application/token-introspection+jwt")];
            let reply = api.call("/introspect", &[("token", token)], &headers).await.expect(200);
            assert_eq!(reply.header("content-type"), kind);
            assert_eq!(reply.header("cache-control"), "no-store");
            let header = decoded_part(&reply.body, 0);
            assert_eq!(
                (&header["typ"], &header["alg"]),
                (&json!("token-introspection+jwt"), &json!(algorithm.as_str()))
            );
            let claims = decoded_part(&reply.body, 1);
            assert_eq!((&claims["iss"], &claims["aud"]), (&json!(app.issuer()), &json!(TRADE)));
            assert_eq!(claims["token_introspection"]["active"], active);
            let (signed, signature) = reply.body.rsplit_once('.').unwrap();
            let keys: CoreJsonWebKeySet = serde_json::from_str(&app.get("/jwks.json").await.body).unwrap();
            let named = |key: &&CoreJsonWebKey| key.key_id().is_some_and(|id| header["kid"] == id.as_str());
            let key = keys.keys().iter().find(named).unwrap();
            let algorithm = match algorithm {
                Algorithm::RS256 => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
                _ => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            };
            let signature = idp_core::secret::from_base64url(signature).unwrap();
            key.verify_signature(&algorithm, signed.as_bytes(), &signature).unwrap();
        }
    }
    let plain = api.call("/introspect", &[("token", &token)], &[("accept", "*/*")]).await;
    assert_eq!(plain.header("content-type"), "application/json");
}
