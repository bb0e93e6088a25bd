//! What tokens look like by the client's setting: algorithms, encryption, userinfo as a token.

use idp_core::client::DraftError;
use idp_core::jose::{Algorithm, ContentEncryption, Encryption, KeyManagement};
use idp_core::secret::Secret;
use idp_tests::{App, Client, ClientBuilder, EncryptionKeys, ISSUER, decoded_part};
use serde_json::{Value, json};

fn with_keys(client: ClientBuilder, keys: &EncryptionKeys) -> ClientBuilder {
    let jwks = json!({ "keys": keys.public() });
    client.with(|draft| draft.jwks = Some(jwks))
}

/// Every way to encrypt.
fn ways() -> Vec<Encryption> {
    let ways = KeyManagement::ALL.into_iter();
    ways.flat_map(|algorithm| ContentEncryption::ALL.map(|content| Encryption { algorithm, content })).collect()
}

fn name(how: Encryption) -> String {
    format!("rp-{}-{}", how.algorithm.as_str().replace('+', "-"), how.content.as_str()).to_lowercase()
}

async fn all_algorithms(app: &App) {
    for algorithm in Algorithm::ALL {
        idp_web::keys::add(&app.store, &app.vault, &*app.chance, algorithm, app.now()).await.unwrap();
    }
    idp_web::keys::reload(app.provider()).await.unwrap();
}

#[tokio::test]
async fn id_tokens_are_signed_with_the_clients_algorithm() {
    let app = App::start().await;
    all_algorithms(&app).await;
    let mut ana = app.insert_member("ana").await;
    for algorithm in Algorithm::ALL {
        let id = format!("rp-{}", algorithm.as_str().to_lowercase());
        let rp = app.client(&id).with(|draft| draft.id_token_algorithm = algorithm).await;
        // The harness accepts the registered algorithm alone, and checks at_hash.
        let tokens = rp.sign_in(&mut ana).await;
        assert_eq!(decoded_part(&tokens.id.token, 0)["alg"], algorithm.as_str());
        rp.refreshed(&tokens).await;
    }
}

#[tokio::test]
async fn an_encrypted_id_token_holds_the_signed_one() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let keys = EncryptionKeys::make();
    for how in ways() {
        let rp =
            with_keys(app.client(&name(how)), &keys).with(|draft| draft.answers.id_token_encryption = Some(how)).await;
        let ask = rp.ask();
        let code = rp.authorize(&mut ana, &ask).await.code().to_owned();
        let reply = rp.exchange(&ask, &code).await.expect(200).json();
        let (header, token) = keys.open(reply["id_token"].as_str().unwrap());
        assert_eq!(header["alg"], how.algorithm.as_str());
        assert_eq!(header["enc"], how.content.as_str());
        assert_eq!(header["cty"], "JWT");
        let access = reply["access_token"].as_str().unwrap();
        let id = rp.check_id_token(&token, ask.get("nonce"), access).await;
        // What was inside is a hint like any other; what is around it is not ours to open.
        let hinted = |hint: &str| rp.ask().with("prompt", "none").with("id_token_hint", hint);
        let answer = idp_tests::Answer::of(&ana.browser.get(&hinted(&id.token).path()).await);
        answer.code();
        let ask = hinted(reply["id_token"].as_str().unwrap());
        idp_tests::Answer::of(&ana.browser.get(&ask.path()).await).expect_error("login_required", &ask, ISSUER);
        let refreshed = rp.refresh(reply["refresh_token"].as_str().unwrap(), None).await.expect(200).json();
        keys.open(refreshed["id_token"].as_str().unwrap());
    }
}

async fn userinfo(rp: &Client, member: &mut idp_tests::Member) -> idp_tests::Reply {
    let ask = rp.ask().with("scope", "openid email");
    let code = rp.authorize(member, &ask).await.code().to_owned();
    let reply = rp.exchange(&ask, &code).await.expect(200).json();
    let reply = rp.userinfo(reply["access_token"].as_str().unwrap()).await.expect(200);
    assert_eq!(reply.header("cache-control"), "no-store");
    reply
}

fn expect_claims(rp: &Client, claims: &Value) {
    assert_eq!((claims["iss"].as_str(), claims["aud"].as_str()), (Some(ISSUER), Some(rp.id())));
    assert_eq!(claims["email"], "ana@mail.example");
    assert!(claims["sub"].is_string() && claims.get("nonce").is_none());
}

#[tokio::test]
async fn userinfo_is_json_or_a_token_by_the_clients_setting() {
    let app = App::start().await;
    all_algorithms(&app).await;
    let mut ana = app.insert_member("ana").await;
    let plain = app.client("plain").await;
    let reply = userinfo(&plain, &mut ana).await;
    assert_eq!(reply.header("content-type"), "application/json");
    assert!(reply.json().get("iss").is_none());
    for algorithm in Algorithm::ALL {
        let id = format!("rp-{}", algorithm.as_str().to_lowercase());
        let rp = app.client(&id).with(|draft| draft.answers.userinfo_algorithm = Some(algorithm)).await;
        let reply = userinfo(&rp, &mut ana).await;
        assert_eq!(reply.header("content-type"), "application/jwt");
        assert_eq!(decoded_part(&reply.body, 0)["alg"], algorithm.as_str());
        expect_claims(&rp, &decoded_part(&reply.body, 1));
        let ring = app.keys.load();
        let read = idp_core::jose::Unverified::parse(&reply.body);
        let read: Value = read.unwrap().verify(idp_core::jose::TokenType::Userinfo, &ring).unwrap();
        expect_claims(&rp, &read);
    }
}

#[tokio::test]
async fn userinfo_is_encrypted_with_or_without_a_signature_inside() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let keys = EncryptionKeys::make();
    for how in ways() {
        let rp =
            with_keys(app.client(&name(how)), &keys).with(|draft| draft.answers.userinfo_encryption = Some(how)).await;
        let reply = userinfo(&rp, &mut ana).await;
        assert_eq!(reply.header("content-type"), "application/jwt");
        let (header, claims) = keys.open(&reply.body);
        assert!(header.get("cty").is_none());
        expect_claims(&rp, &serde_json::from_str(&claims).unwrap());
    }
    let both = with_keys(app.client("both"), &keys).with(|draft| {
        draft.answers.userinfo_algorithm = Some(Algorithm::RS256);
        draft.answers.userinfo_encryption = Some(ways()[0]);
    });
    let both = both.await;
    let (header, token) = keys.open(&userinfo(&both, &mut ana).await.body);
    assert_eq!(header["cty"], "JWT");
    expect_claims(&both, &decoded_part(&token, 1));
}

#[tokio::test]
async fn what_needs_keys_is_refused_without_them() {
    let app = App::start().await;
    let how = ways()[0];
    let accept = |client: ClientBuilder| client.draft().accept(&Secret::presented("x"), app.now()).unwrap_err();
    let errors = accept(app.client("a").with(|draft| draft.answers.id_token_encryption = Some(how)));
    assert_eq!(errors, [DraftError::KeysNeeded("encryption")]);
    let errors = accept(app.client("b").with(|draft| draft.requests.signed = true));
    assert_eq!(errors, [DraftError::KeysNeeded("a signed request object")]);
    let (signing, _) = idp_core::jose::SigningKey::generate(Algorithm::ES256).unwrap();
    let jwks = json!({ "keys": [signing.public()] });
    let errors = accept(app.client("c").with(|draft| {
        draft.jwks = Some(jwks);
        draft.answers.userinfo_encryption = Some(how);
    }));
    assert_eq!(errors, [DraftError::NoEncryptionKey("RSA-OAEP-256")]);
}
