//! `private_key_jwt`: what a client must sign to be believed (S040), and where its keys come from.

use chrono::TimeDelta;
use idp_core::client::{ASSERTION_TYPE, ClientAuthentication, ClientDraft, KeySource};
use idp_core::jose::{Algorithm, SigningKey, TokenType};
use idp_core::secret::base64url;
use idp_tests::{App, Client, ClientServer, Jwt, Reply, encoded};
use serde_json::{Value, json};

/// A token request of which only the client's proof matters: a proven client hears `invalid_grant`.
async fn prove(app: &App, fields: &[(&str, &str)]) -> Reply {
    let mut all = vec![("grant_type", "refresh_token"), ("refresh_token", "x")];
    all.extend(fields);
    app.post("/token", &encoded(&all)).await
}

async fn present(rp: &Client, assertion: &str) -> Reply {
    prove(rp.app(), &[("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion)]).await
}

async fn claims(rp: &Client, change: impl FnOnce(&mut Value)) -> Reply {
    let mut claims = rp.assertion_claims();
    change(&mut claims);
    present(rp, &rp.assertion(&claims)).await
}

fn key(algorithm: Algorithm) -> SigningKey {
    SigningKey::generate(algorithm).unwrap().0
}

#[tokio::test]
async fn a_client_signs_in_its_members_with_keys_of_every_algorithm() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for algorithm in Algorithm::ALL {
        let rp = app.client(&format!("rp-{}", algorithm.as_str().to_ascii_lowercase())).signing(algorithm).await;
        let tokens = rp.sign_in(&mut ana).await;
        rp.refreshed(&tokens).await;
    }
}

#[tokio::test]
async fn s040_an_assertion_for_somebody_else_is_refused() {
    let app = App::start().await;
    let rp = app.client("rp").signing(Algorithm::ES256).await;
    let issuer = app.issuer().to_owned();
    claims(&rp, |_| {}).await.expect_token_error("invalid_grant");
    claims(&rp, |c| c["aud"] = json!([issuer])).await.expect_token_error("invalid_grant");
    for audience in [
        json!(format!("{issuer}/token")),
        json!(format!("{issuer}/par")),
        json!(format!("{issuer}/")),
        json!([issuer, "https://other.test"]),
        json!([issuer, issuer]),
        json!([]),
        json!("https://other.test"),
        json!(""),
        json!(7),
        json!({ "x": issuer }),
        Value::Null,
    ] {
        let reply = app.unchanged(claims(&rp, |c| c["aud"] = audience.clone())).await;
        assert_eq!(reply.error(), "invalid_client", "{audience}");
    }
}

#[tokio::test]
async fn s040_the_token_endpoints_url_is_taken_from_flagged_clients_alone() {
    let app = App::start().await;
    let flagged = |draft: &mut ClientDraft| draft.assertion_to_token_endpoint = true;
    let rp = app.client("rp").signing(Algorithm::ES256).with(flagged).await;
    let url = format!("{}/token", app.issuer());
    claims(&rp, |c| c["aud"] = json!(url)).await.expect_token_error("invalid_grant");
    claims(&rp, |_| {}).await.expect_token_error("invalid_grant");
    claims(&rp, |c| c["aud"] = json!(format!("{url}/"))).await.expect_token_error("invalid_client");
    // Auth.js names both; whoever else is named could use the assertion here.
    let issuer = app.issuer();
    claims(&rp, |c| c["aud"] = json!([issuer, url])).await.expect_token_error("invalid_grant");
    for audience in [json!([]), json!([issuer, url, "https://other.test"]), json!(["https://other.test", url])] {
        claims(&rp, |c| c["aud"] = audience).await.expect_token_error("invalid_client");
    }
}

#[tokio::test]
async fn s040_every_claim_is_needed_and_of_its_own_type() {
    let app = App::start().await;
    let rp = app.client("rp").signing(Algorithm::ES256).await;
    let other = app.client("other").signing(Algorithm::ES256).await;
    for name in ["iss", "sub", "aud", "exp", "jti"] {
        for wrong in [None, Some(json!(null)), Some(json!(true)), Some(json!(["x"])), Some(json!("x"))] {
            if name == "jti" && wrong == Some(json!("x")) {
                continue;
            }
            let reply = claims(&rp, |c| match &wrong {
                None => {
                    c.as_object_mut().unwrap().remove(name);
                }
                Some(value) => c[name] = value.clone(),
            });
            assert_eq!(app.unchanged(reply).await.error(), "invalid_client", "{name}: {wrong:?}");
        }
    }
    for (name, value) in [("iss", "other"), ("sub", "other"), ("jti", ""), ("jti", &"x".repeat(257))] {
        let reply = app.unchanged(claims(&rp, |c| c[name] = json!(value))).await;
        assert_eq!(reply.error(), "invalid_client", "{name}");
    }
    // Signed by another client.
    let stolen = other.assertion(&rp.assertion_claims());
    app.unchanged(present(&rp, &stolen)).await.expect_token_error("invalid_client");
}

#[tokio::test]
async fn s040_an_assertion_lives_for_five_minutes_at_most() {
    let app = App::start().await;
    let rp = app.client("rp").signing(Algorithm::ES256).await;
    let now = app.now().timestamp();
    for (name, value, error) in [
        ("exp", json!(now + 300), "invalid_grant"),
        ("exp", json!(now - 10), "invalid_grant"),
        ("exp", json!(now - 31), "invalid_client"),
        ("exp", json!(now + 331), "invalid_client"),
        ("exp", json!(now + 3600), "invalid_client"),
        ("exp", json!(1e18), "invalid_client"),
        ("exp", json!(-1), "invalid_client"),
        ("exp", json!((now + 60).to_string()), "invalid_client"),
        ("iat", json!(now + 10), "invalid_grant"),
        ("iat", json!(now + 61), "invalid_client"),
        ("iat", json!("now"), "invalid_client"),
        ("nbf", json!(now + 10), "invalid_grant"),
        ("nbf", json!(now + 61), "invalid_client"),
    ] {
        let made = |c: &mut Value| {
            c["iat"] = json!(now - 60);
            c[name] = value.clone();
        };
        let reply = claims(&rp, made).await;
        assert_eq!(reply.error(), error, "{name}: {value}");
    }
    let assertion = rp.assertion(&rp.assertion_claims());
    app.advance(TimeDelta::minutes(2));
    present(&rp, &assertion).await.expect_token_error("invalid_client");
}

#[tokio::test]
async fn s040_an_assertion_is_good_for_one_request_also_after_a_restart() {
    let app = App::start().await;
    let rp = app.client("rp").signing(Algorithm::ES256).await;
    let other = app.client("other").signing(Algorithm::ES256).await;
    let mut used = rp.assertion_claims();
    used["jti"] = json!("one");
    let assertion = rp.assertion(&used);
    present(&rp, &assertion).await.expect_token_error("invalid_grant");
    app.unchanged(present(&rp, &assertion)).await.expect_token_error("invalid_client");
    // The same name in another assertion is used as well; another client's is its own.
    claims(&rp, |c| c["jti"] = json!("one")).await.expect_token_error("invalid_client");
    claims(&other, |c| c["jti"] = json!("one")).await.expect_token_error("invalid_grant");
    let app = app.restart().await;
    present(&rp.at(&app), &assertion).await.expect_token_error("invalid_client");
}

#[tokio::test]
async fn s040_only_the_registered_algorithm_and_keys_count() {
    let app = App::start().await;
    let only = |draft: &mut ClientDraft| draft.assertion_algorithm = Some(Algorithm::PS256);
    // Its key may be used for both algorithms of RSA.
    let without_alg = |draft: &mut ClientDraft| {
        draft.jwks.as_mut().unwrap()["keys"][0].as_object_mut().unwrap().remove("alg");
    };
    let mut rp = app.client("rp").signing(Algorithm::RS256).with(without_alg).with(only).await;
    claims(&rp, |_| {}).await.expect_token_error("invalid_client");
    rp.change(|client| {
        client.authentication =
            ClientAuthentication::PrivateKeyJwt { algorithm: Some(Algorithm::RS256), token_endpoint_audience: false };
    })
    .await;
    claims(&rp, |_| {}).await.expect_token_error("invalid_grant");
    let good = rp.assertion(&rp.assertion_claims());
    for (name, value) in [
        ("alg", json!("none")),
        ("alg", json!("None")),
        ("alg", json!("HS256")),
        ("alg", json!("PS256")),
        ("alg", json!(7)),
        ("kid", json!("../../etc/passwd")),
        ("kid", json!("x' OR '1'='1")),
        ("crit", json!(["exp"])),
        ("typ", json!("at+jwt")),
        ("typ", json!("dpop+jwt")),
        ("typ", json!("logout+jwt")),
    ] {
        // Under the client's own signature nothing but the member is wrong.
        let forged = Jwt::read(&good).header(name, value.clone()).signed_by(rp.key.as_ref().unwrap());
        let reply = app.unchanged(present(&rp, &forged)).await;
        assert_eq!(reply.error(), "invalid_client", "{name}: {value}");
    }
    let stranger = key(Algorithm::RS256);
    let canary = ClientServer::with_keys(&[&stranger]).await;
    for (name, value) in [
        ("jwk", json!(stranger.public())),
        ("jku", json!(canary.url("/jwks.json"))),
        ("x5u", json!(canary.url("/jwks.json"))),
        ("x5c", json!(["MIIB"])),
    ] {
        let forged = Jwt::read(&good).header(name, value).signed_by(&stranger);
        app.unchanged(present(&rp, &forged)).await.expect_token_error("invalid_client");
    }
    assert_eq!(canary.times_asked(), 0, "no address in a token is ever asked");
    let unsigned = Jwt::read(&good).header("alg", "none").signature(b"").token();
    for text in [&unsigned, "", ".", "a.b.c", "e30.e30.e30", &good[1..], &good[..good.len() - 1], &"x".repeat(20_000)] {
        let reply = app.unchanged(present(&rp, text)).await;
        assert!(matches!(reply.error().as_str(), "invalid_client" | "invalid_request"), "{}", reply.body);
    }
    let own_key = key(Algorithm::RS256);
    let with_key = format!(r#"{{"alg":"RS256","kid":"{}","jwk":{}}}"#, own_key.kid(), json!(own_key.public()));
    let smuggled = own_key.seal_under(&with_key, &rp.assertion_claims()).unwrap();
    app.unchanged(present(&rp, &smuggled)).await.expect_token_error("invalid_client");
}

#[tokio::test]
async fn s040_assertion_type_and_method_are_exact() {
    let app = App::start().await;
    let rp = app.client("rp").signing(Algorithm::ES256).await;
    let secret = app.client("secret").await;
    let assertion = || rp.assertion(&rp.assertion_claims());
    let (saml, upper) =
        ("urn:ietf:params:oauth:client-assertion-type:saml2-bearer", &*ASSERTION_TYPE.to_ascii_uppercase());
    for kind in [saml, upper, "jwt-bearer", "x"] {
        let reply = prove(&app, &[("client_assertion_type", kind), ("client_assertion", &assertion())]).await;
        reply.expect_token_error("invalid_client");
    }
    prove(&app, &[("client_assertion", &assertion())]).await.expect_token_error("invalid_request");
    let alone = [("client_assertion_type", ASSERTION_TYPE), ("client_id", "rp")];
    prove(&app, &alone).await.expect_token_error("invalid_request");
    // Another client's name beside it, another proof beside it, or none.
    let proof = assertion();
    let with = |name, value| [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", &*proof), (name, value)];
    prove(&app, &with("client_id", "secret")).await.expect_token_error("invalid_client");
    prove(&app, &with("client_secret", "x")).await.expect_token_error("invalid_request");
    prove(&app, &[("client_id", "rp")]).await.expect_token_error("invalid_client");
    prove(&app, &with("client_id", "rp")).await.expect_token_error("invalid_grant");
    // A client with a secret has no keys to sign with.
    let mut by_secret = secret.clone();
    by_secret.key = Some(key(Algorithm::ES256));
    let reply = present(&by_secret, &by_secret.assertion(&by_secret.assertion_claims())).await;
    reply.expect_token_error("invalid_client");
}

#[tokio::test]
async fn a_client_changes_its_keys_at_its_own_address() {
    let app = App::start().await;
    let (first, second) = (key(Algorithm::ES256), key(Algorithm::PS256));
    let server = ClientServer::with_keys(&[&first]).await;
    let mut rp = app.client("rp").signing_by_address(&first, &server.url("/jwks.json")).await;
    for _ in 0..3 {
        claims(&rp, |_| {}).await.expect_token_error("invalid_grant");
    }
    assert_eq!(server.times_asked(), 1, "kept");
    server.show_keys(&[&second]);
    rp.key = Some(second.clone());
    claims(&rp, |_| {}).await.expect_token_error("invalid_client");
    app.advance(TimeDelta::seconds(60));
    claims(&rp, |_| {}).await.expect_token_error("invalid_grant");
    assert_eq!(server.times_asked(), 2, "an unknown kid is asked for, at most once a minute");
    rp.key = Some(first);
    claims(&rp, |_| {}).await.expect_token_error("invalid_client");
    app.advance(TimeDelta::seconds(60));
    for _ in 0..20 {
        claims(&rp, |_| {}).await.expect_token_error("invalid_client");
    }
    assert_eq!(server.times_asked(), 3, "whatever is sent");
    // What it was asked with tells nobody anything.
    let (path, headers) = server.asked().remove(0);
    assert_eq!(path, "/jwks.json");
    assert!(
        !headers.contains_key("cookie") && !headers.contains_key("authorization") && !headers.contains_key("referer")
    );
}

#[tokio::test]
async fn keys_that_cannot_be_fetched_are_no_keys_and_no_flood() {
    let app = App::start().await;
    let own = key(Algorithm::ES256);
    let canary = ClientServer::with_keys(&[&own]).await;
    for (name, prepare) in [
        ("missing", Box::new(|server: &ClientServer| server.answer_with(404, "")) as Box<dyn Fn(&ClientServer)>),
        ("broken", Box::new(|server: &ClientServer| server.answer_with(500, ""))),
        ("html", Box::new(|server: &ClientServer| server.answer_with(200, "<html>"))),
        ("huge", Box::new(|server: &ClientServer| server.answer_with(200, vec![b' '; 1 << 20]))),
        ("secret", Box::new(|server: &ClientServer| server.answer_with(200, r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#))),
        ("redirect", Box::new(|server: &ClientServer| server.redirect_to(&canary.url("/jwks.json")))),
    ] {
        let server = ClientServer::start().await;
        prepare(&server);
        let rp = app.client(name).signing_by_address(&own, &server.url("/jwks.json")).await;
        for _ in 0..5 {
            app.unchanged(claims(&rp, |_| {})).await.expect_token_error("invalid_client");
        }
        assert_eq!(server.times_asked(), 1, "{name}");
    }
    assert_eq!(canary.times_asked(), 0, "a redirect is not followed");
}

#[tokio::test]
async fn keys_outlast_an_outage_of_their_server_for_an_hour() {
    let app = App::start().await;
    let own = key(Algorithm::ES256);
    let server = ClientServer::with_keys(&[&own]).await;
    let rp = app.client("rp").signing_by_address(&own, &server.url("/jwks.json")).await;
    claims(&rp, |_| {}).await.expect_token_error("invalid_grant");
    server.answer_with(503, "");
    app.advance(TimeDelta::minutes(59));
    claims(&rp, |_| {}).await.expect_token_error("invalid_grant");
    app.advance(TimeDelta::minutes(1));
    claims(&rp, |_| {}).await.expect_token_error("invalid_client");
    server.show_keys(&[&own]);
    app.advance(TimeDelta::minutes(1));
    claims(&rp, |_| {}).await.expect_token_error("invalid_grant");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_ask_a_client_for_its_keys_once() {
    let app = App::start().await;
    let own = key(Algorithm::ES256);
    let server = ClientServer::with_keys(&[&own]).await;
    let rp = app.client("rp").signing_by_address(&own, &server.url("/jwks.json")).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let rp = rp.clone();
        tasks.spawn(async move { claims(&rp, |_| {}).await.error() });
    }
    assert!(tasks.join_all().await.iter().all(|error| error == "invalid_grant"));
    assert_eq!(server.times_asked(), 1);
}

#[tokio::test]
async fn a_private_network_is_never_asked() {
    let app = App::start_with(|config| config.egress.allow_loopback = false).await;
    let own = key(Algorithm::ES256);
    let canary = ClientServer::with_keys(&[&own]).await;
    let port = canary.url("").rsplit_once(':').unwrap().1.to_owned();
    let addresses = [
        "http://127.0.0.1",
        "http://localhost",
        "https://localhost",
        "https://127.0.0.1",
        "https://[::ffff:127.0.0.1]",
    ];
    for (number, address) in addresses.into_iter().enumerate() {
        let uri = format!("{address}:{port}/jwks.json");
        let Ok(uri) = url::Url::parse(&uri) else { panic!("{uri}") };
        let rp = app.client(&format!("rp{number}")).signing_by_address(&own, uri.as_str()).await;
        claims(&rp, |_| {}).await.expect_token_error("invalid_client");
    }
    assert_eq!(canary.times_asked(), 0);
}

#[tokio::test]
async fn a_key_without_a_name_is_found_by_its_algorithm() {
    let app = App::start().await;
    let (own, decoy) = (key(Algorithm::ES256), key(Algorithm::RS256));
    let mut rp = app.client("rp").signing(Algorithm::ES256).await;
    let mut jwks = json!({ "keys": [decoy.public(), own.public()] });
    jwks["keys"][1].as_object_mut().unwrap().remove("kid");
    rp.change(|client| client.keys = KeySource::Document(jwks.to_string())).await;
    let nameless = own.seal_under(r#"{"alg":"ES256"}"#, &rp.assertion_claims()).unwrap();
    present(&rp, &nameless).await.expect_token_error("invalid_grant");
    let named = own.seal_claims(TokenType::Id, &rp.assertion_claims()).unwrap();
    present(&rp, &named).await.expect_token_error("invalid_client");
    let header = base64url(br#"{"alg":"ES256"}"#);
    present(&rp, &format!("{header}.e30.AAAA")).await.expect_token_error("invalid_client");
}
