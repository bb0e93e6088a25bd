//! Signed answers (JARM).

use idp_core::client::Client as Registered;
use idp_core::jose::{Algorithm, ContentEncryption, Encryption, KeyManagement};
use idp_tests::{Answer, App, Client, EncryptionKeys, ISSUER, decoded_part};
use openidconnect::core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey as _, JsonWebKeyId};
use serde_json::{Value, json};

/// Checks the answer as JARM §2.4 wants a client to, with an implementation that is not ours.
async fn checked(rp: &Client, token: &str, algorithm: Algorithm) -> Value {
    let jwks = rp.app().get("/jwks.json").await.expect(200);
    let keys: CoreJsonWebKeySet = serde_json::from_str(&jwks.body).unwrap();
    let header = decoded_part(token, 0);
    assert_eq!(header["alg"], algorithm.as_str());
    let kid = JsonWebKeyId::new(header["kid"].as_str().unwrap().to_owned());
    let key = keys.keys().iter().find(|key| key.key_id() == Some(&kid)).expect("a published key");
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = idp_core::secret::from_base64url(signature).unwrap();
    let alg: CoreJwsSigningAlgorithm = serde_json::from_value(json!(algorithm.as_str())).unwrap();
    key.verify_signature(&alg, signed.as_bytes(), &signature).expect("signed by us");
    let claims = decoded_part(token, 1);
    assert_eq!((claims["iss"].as_str(), claims["aud"].as_str()), (Some(ISSUER), Some(rp.id())));
    let life = claims["exp"].as_i64().unwrap() - rp.app().now().timestamp();
    assert!((1..=600).contains(&life));
    claims
}

#[tokio::test]
async fn a_signed_answer_holds_everything_and_nothing_stands_beside_it() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    rp.sign_in(&mut ana).await;
    for (mode, mark) in [("jwt", "?response="), ("query.jwt", "?response="), ("fragment.jwt", "#response=")] {
        let ask = rp.ask().with("response_mode", mode);
        let page = ana.browser.get(&ask.path()).await;
        assert!(page.away.clone().unwrap().starts_with(&format!("https://rp.test/cb{mark}")), "{mode}");
        let answer = Answer::of(&page);
        let claims = checked(&rp, answer.signed.as_ref().unwrap(), Algorithm::RS256).await;
        assert_eq!(claims["state"].as_str(), ask.get("state"));
        rp.exchange(&ask, claims["code"].as_str().unwrap()).await.expect(200);
    }
    let ask = rp.ask().with("response_mode", "form_post.jwt");
    let page = ana.browser.get(&ask.path()).await;
    assert!(!page.path.contains("response="));
    let answer = Answer::of(&page);
    assert!(answer.is_form);
    checked(&rp, answer.signed.as_ref().unwrap(), Algorithm::RS256).await;
    rp.exchange(&ask, answer.code()).await.expect(200);
}

#[tokio::test]
async fn errors_are_signed_as_well() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    for mode in ["jwt", "query.jwt", "fragment.jwt", "form_post.jwt"] {
        let ask = rp.ask().with("response_mode", mode).with("prompt", "none");
        let answer = Answer::of(&app.browser().get(&ask.path()).await);
        answer.expect_error("login_required", &ask, ISSUER);
        checked(&rp, answer.signed.as_ref().unwrap(), Algorithm::RS256).await;
    }
}

#[tokio::test]
async fn the_clients_algorithm_signs_its_answers() {
    let app = App::start().await;
    for algorithm in [Algorithm::PS256, Algorithm::EdDSA] {
        idp_web::keys::add(&app.store, &app.vault, &*app.chance, algorithm, app.now()).await.unwrap();
    }
    idp_web::keys::reload(app.provider()).await.unwrap();
    let answer = async |rp: &Client| {
        let ask = rp.ask().with("response_mode", "jwt").with("prompt", "none");
        Answer::of(&app.browser().get(&ask.path()).await).signed.unwrap()
    };
    // JARM §3: RS256 where nothing is said, whatever signs its ID tokens.
    let unsaid = app.client("unsaid").await;
    assert_eq!(unsaid.client.id_token_algorithm, Algorithm::ES256);
    checked(&unsaid, &answer(&unsaid).await, Algorithm::RS256).await;
    for algorithm in Algorithm::ALL {
        let id = format!("rp-{}", algorithm.as_str().to_lowercase());
        let rp = app.client(&id).with(|draft| draft.answers.response_algorithm = algorithm).await;
        checked(&rp, &answer(&rp).await, algorithm).await;
    }
}

#[tokio::test]
async fn an_encrypted_answer_is_for_its_client_alone() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let keys = EncryptionKeys::make();
    let jwks = json!({ "keys": keys.public() });
    let how = Encryption { algorithm: KeyManagement::EcdhEs, content: ContentEncryption::A128Gcm };
    let rp = app.client("rp").first_party().with(|draft| {
        draft.jwks = Some(jwks);
        draft.answers.response_encryption = Some(how);
    });
    let rp = rp.await;
    let ask = rp.ask().with("response_mode", "jwt");
    let answer = Answer::of(&ana.browser.get(&ask.path()).await);
    let (header, token) = keys.open(&answer.parameters["response"]);
    assert_eq!((header["cty"].as_str(), header["kid"].as_str()), (Some("JWT"), Some("ec")));
    let claims = checked(&rp, &token, Algorithm::RS256).await;
    rp.exchange(&ask, claims["code"].as_str().unwrap()).await.expect(200);
    // Without the mode nothing of it is done.
    Answer::of(&ana.browser.get(&rp.ask().path()).await).code();
}

#[tokio::test]
async fn a_signed_answer_is_no_id_token() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    rp.sign_in(&mut ana).await;
    let answer = Answer::of(&ana.browser.get(&rp.ask().with("response_mode", "jwt").path()).await);
    let hint = answer.signed.unwrap();
    let ask = rp.ask().with("id_token_hint", &hint).with("prompt", "none");
    Answer::of(&ana.browser.get(&ask.path()).await).expect_error("login_required", &ask, ISSUER);
    ana.browser.get(&rp.logout_path(&[("id_token_hint", &hint)])).await.expect_error(400, "invalid_request");
    assert_eq!(rp.userinfo(&hint).await.status, 401);
}

#[tokio::test]
async fn clients_registered_before_these_settings_are_read_as_before() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut stored = serde_json::to_value(&rp.client).unwrap();
    for name in ["requests", "answers"] {
        stored.as_object_mut().unwrap().remove(name).expect("a member of today");
    }
    let read: Registered = serde_json::from_value(stored).unwrap();
    assert_eq!(read, rp.client);
}
