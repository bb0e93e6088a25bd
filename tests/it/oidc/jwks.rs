//! The published keys.

use std::collections::HashSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use idp_core::jose::{Algorithm, KeyState, SigningKey};
use idp_core::seal::Purpose;
use idp_store::StoredKey;
use idp_tests::{App, decoded_part};
use idp_web::keys;
use serde_json::Value;

async fn published(app: &App) -> Vec<Value> {
    let reply = app.get("/jwks.json").await.expect(200);
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    reply.json()["keys"].as_array().expect("a list of keys").clone()
}

fn has(keys: &[Value], kid: &str) -> bool {
    keys.iter().any(|key| key["kid"] == kid)
}

#[tokio::test]
async fn every_key_has_a_name_of_its_own_and_its_public_members_alone() {
    let app = App::start().await;
    let keys = published(&app).await;
    let names: HashSet<&str> = keys.iter().map(|key| key["kid"].as_str().expect("a kid")).collect();
    assert_eq!(names.len(), keys.len());
    for key in &keys {
        let members: Vec<&str> = match key["kty"].as_str().expect("a kty") {
            "EC" => {
                assert_eq!((&key["crv"], &key["alg"]), (&"P-256".into(), &"ES256".into()));
                vec!["x", "y"]
            }
            "RSA" => {
                assert_eq!(key["alg"], "RS256");
                vec!["n", "e"]
            }
            other => panic!("{other} is not for everybody"),
        };
        assert_eq!(key["use"], "sig");
        for member in members {
            let text = key[member].as_str().expect("a member of its kty");
            assert!(URL_SAFE_NO_PAD.decode(text).is_ok(), "{member} is not unpadded base64url");
        }
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert!(key.get(private).is_none(), "{private} is published");
        }
    }
    assert!(keys.iter().any(|key| key["alg"] == "RS256") && keys.iter().any(|key| key["alg"] == "ES256"));
}

#[tokio::test]
async fn a_next_key_is_published_before_it_signs_and_a_retired_one_still_verifies() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let before = rp.sign_in(&mut ana).await;
    let old = decoded_part(&before.id.token, 0)["kid"].as_str().unwrap().to_owned();

    let (key, bytes) = SigningKey::generate(Algorithm::ES256).unwrap();
    let next = key.kid().to_owned();
    let sealed = app.vault.seal(Purpose::SigningKey, &format!("signing_keys/{next}"), &bytes, &*app.chance);
    let stored = StoredKey {
        kid: next.clone(),
        algorithm: Algorithm::ES256,
        state: KeyState::Next,
        sealed,
        created_at: app.now(),
        activated_at: None,
        retired_at: None,
    };
    app.store.insert_signing_key(&stored, &[]).await.unwrap();
    keys::reload(app.provider()).await.unwrap();
    assert!(has(&published(&app).await, &next));
    let meanwhile = rp.sign_in(&mut ana).await;
    assert_eq!(decoded_part(&meanwhile.id.token, 0)["kid"], old);

    assert!(app.store.switch_signing_key(&next, &old, app.now(), &[]).await.unwrap());
    keys::reload(app.provider()).await.unwrap();
    let after = rp.sign_in(&mut ana).await;
    assert_eq!(decoded_part(&after.id.token, 0)["kid"], next);
    let keys = published(&app).await;
    assert!(has(&keys, &old) && has(&keys, &next), "what the old key signed can still be checked");
    rp.userinfo(&meanwhile.access).await.expect(200);
}

#[tokio::test]
async fn signing_keys_survive_a_restart() {
    let app = App::start().await;
    let before = published(&app).await;
    let ring = Arc::as_ptr(&app.keys.load_full());
    let app = app.restart().await;
    assert_ne!(ring, Arc::as_ptr(&app.keys.load_full()));
    assert_eq!(published(&app).await, before);
}
