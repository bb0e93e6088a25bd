//! What careful services ask for: keys instead of secrets, requests and answers that are signed, pushed or encrypted,
//! tokens bound to a key.

use idp_core::client::{Client as Registered, ClientDraft};
use idp_core::jose::{ContentEncryption, Encryption, KeyManagement};
use idp_tests::{App, Client, OpenidClient};
use serde_json::{Value, json};

use super::{Party, start};

/// A client with keys that the library made: `wanted` says which, by their use.
async fn with_keys(app: &App, wanted: Value, more: Value, change: impl FnOnce(&mut ClientDraft)) -> Party {
    let mut library = OpenidClient::start();
    let jwks = library.call("keys", wanted).await;
    let rp: Client = app
        .client("node")
        .with(|draft| {
            draft.jwks = Some(jwks);
            change(draft);
        })
        .await;
    Party::with(library, rp, more).await
}

fn by_key(draft: &mut ClientDraft) {
    draft.authentication_method = "private_key_jwt".to_owned();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openid_client_proves_itself_by_its_key() {
    let (_air, app) = start().await;
    let mut ana = app.insert_member("ana").await;
    for algorithm in ["ES256", "RS256", "PS256", "Ed25519"] {
        let id = format!("rp-{}", algorithm.to_lowercase());
        let mut library = OpenidClient::start();
        let jwks = library.call("keys", json!({ "sig": algorithm })).await;
        let rp = app.client(&id).with(by_key).with(|draft| draft.jwks = Some(jwks)).await;
        let mut party = Party::with(library, rp, json!({})).await;
        party.sign_in(&mut ana, json!({})).await;
        party.library.call("refresh", json!({})).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openid_client_pushes_and_signs_its_requests() {
    let (_air, app) = start().await;
    let mut ana = app.insert_member("ana").await;
    let mut party = with_keys(&app, json!({ "sig": "ES256" }), json!({}), |draft| {
        by_key(draft);
        draft.requests.signed = true;
    })
    .await;
    for how in [json!({ "jar": true }), json!({ "jar": true, "par": true })] {
        party.sign_in(&mut ana, how).await;
    }
    let mut party =
        Party::meet(app.client("pushing").with(|draft| draft.requests.pushed = true).await, json!({})).await;
    let claims = party.sign_in(&mut ana, json!({ "par": true })).await["claims"].clone();
    assert_eq!(claims["membership"], "temporary");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openid_client_reads_signed_answers() {
    let (_air, app) = start().await;
    let mut ana = app.insert_member("ana").await;
    let mut party = Party::meet(app.client("node").await, json!({ "jarm": true })).await;
    for mode in ["jwt", "query.jwt", "form_post.jwt"] {
        party.sign_in(&mut ana, json!({ "parameters": { "response_mode": mode } })).await;
    }
    let url = party.ask(json!({ "parameters": { "response_mode": "jwt", "prompt": "none" } })).await;
    let page = ana.elsewhere().browser.get(&url).await;
    let refusal = party.library.attempt("callback", super::callback(&page)).await.unwrap_err();
    assert_eq!(refusal["error"], "login_required", "{refusal}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openid_client_opens_what_was_encrypted_for_it() {
    let (_air, app) = start().await;
    let mut ana = app.insert_permanent("ana").await;
    let ways = [
        (KeyManagement::RsaOaep256, ContentEncryption::A128Gcm),
        (KeyManagement::EcdhEs, ContentEncryption::A256Gcm),
        (KeyManagement::EcdhEsA256Kw, ContentEncryption::A256Gcm),
    ];
    for (number, (algorithm, content)) in ways.into_iter().enumerate() {
        let how = Encryption { algorithm, content };
        let mut library = OpenidClient::start();
        let jwks = library.call("keys", json!({ "enc": algorithm.as_str() })).await;
        let rp = app.client(&format!("rp-{number}")).with(|draft| {
            draft.jwks = Some(jwks);
            draft.answers.id_token_encryption = Some(how);
            draft.answers.userinfo_encryption = Some(how);
        });
        let more = json!({ "content_encryption": content.as_str() });
        let mut party = Party::with(library, rp.await, more).await;
        let tokens = party.sign_in(&mut ana, json!({})).await;
        assert_eq!(tokens["claims"]["verified_badge"], true);
        assert_eq!(party.library.call("refresh", json!({})).await["claims"]["membership"], "permanent");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openid_client_binds_its_tokens_to_a_key() {
    let (_air, app) = start().await;
    let mut ana = app.insert_member("ana").await;
    let bound = |registered: &mut Registered| registered.dpop_bound_access_tokens = true;
    for (id, key, how) in [("plain", "ES256", json!({})), ("pushing", "Ed25519", json!({ "par": true }))] {
        let mut rp = app.client(id).await;
        rp.change(bound).await;
        let mut party = Party::meet(rp, json!({ "dpop": key })).await;
        let tokens = party.sign_in(&mut ana, how).await;
        assert_eq!(tokens["token_type"], "dpop");
        party.library.call("userinfo", json!({})).await;
        party.library.call("refresh", json!({})).await;
        party.library.call("userinfo", json!({})).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openid_client_asks_for_claims_by_name() {
    let (_air, app) = start().await;
    let mut ana = app.insert_permanent("ana").await;
    let mut party = Party::meet(app.client("node").await, json!({})).await;
    let claims = json!({ "id_token": { "email": null, "membership": { "value": "permanent" } } }).to_string();
    let tokens = party.sign_in(&mut ana, json!({ "parameters": { "claims": claims } })).await;
    assert_eq!(tokens["claims"]["email"], ana.email.as_str());
    assert_eq!(tokens["claims"]["membership"], "permanent");
}
