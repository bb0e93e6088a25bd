//! Tokens that are worth something to the holder of a key alone (RFC 9449).

use chrono::TimeDelta;
use idp_core::jose::Algorithm;
use idp_tests::{App, Ask, Client, Member, Prover, Reply, decoded_part};
use serde_json::{Value, json};

async fn code(rp: &Client, member: &mut Member) -> (Ask, String) {
    let ask = rp.ask();
    let code = rp.authorize(member, &ask).await.code().to_owned();
    (ask, code)
}

fn fields<'a>(ask: &'a Ask, code: &'a str) -> [(&'a str, &'a str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", ask.get("redirect_uri").unwrap()),
        ("code_verifier", &ask.verifier),
    ]
}

async fn sign_in(rp: &Client, member: &mut Member, prover: &Prover) -> Reply {
    let (ask, code) = code(rp, member).await;
    prover.token(rp, &fields(&ask, &code)).await
}

fn text(reply: &Reply, name: &str) -> String {
    reply.json()[name].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_bound_token_works_with_proofs_by_its_key_alone() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    for algorithm in Algorithm::ALL {
        let prover = app.prover(algorithm);
        let reply = sign_in(&rp, &mut ana, &prover).await.expect(200);
        assert_eq!(reply.json()["token_type"], "DPoP");
        assert!(!reply.header("dpop-nonce").is_empty());
        let token = text(&reply, "access_token");
        assert_eq!(decoded_part(&token, 1)["cnf"]["jkt"], prover.thumbprint());
        let reply = prover.userinfo(&token).await.expect(200);
        assert!(!reply.header("dpop-nonce").is_empty() && reply.json()["sub"].is_string());
        rp.userinfo(&token).await.expect(401);
        app.prover(algorithm).userinfo(&token).await.expect(401);
    }
}

/// RFC 9449 §7.1, §7.2: a challenge names the scheme that the call used, or each that could have been.
#[tokio::test]
async fn a_refusal_names_the_scheme_of_the_call() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let prover = app.prover(Algorithm::ES256);
    let token = text(&sign_in(&rp, &mut ana, &prover).await.expect(200), "access_token");
    let bearer = rp.sign_in(&mut ana).await.access;
    let algorithms = r#"algs="ES256 RS256 PS256 EdDSA Ed25519""#;
    for reply in [app.userinfo_with(&[]).await, app.call_api("GET", "/api/v1/clients", &[], None).await] {
        let both = format!(r#"Bearer realm="moc-account", DPoP {algorithms}"#);
        assert_eq!(reply.expect(401).header("www-authenticate"), both);
    }
    let call = async |scheme: &str, token: &str| {
        let authorization = format!("{scheme} {token}");
        let reply = app.userinfo_with(&[("authorization", &authorization)]).await.expect(401);
        reply.header("www-authenticate").to_owned()
    };
    for (scheme, token) in [("Bearer", "x"), ("Bearer", token.as_str()), ("DPoP", "x"), ("DPoP", bearer.as_str())] {
        let challenge = call(scheme, token).await;
        assert!(challenge.starts_with(&format!(r#"{scheme} error="invalid_token""#)), "{challenge}");
        assert_eq!(challenge.contains(algorithms), scheme == "DPoP", "{challenge}");
    }
    // One whose session is over, with a sound proof.
    ana.sign_out().await;
    let challenge = prover.userinfo(&token).await.expect(401).header("www-authenticate").to_owned();
    assert!(challenge.starts_with(r#"DPoP error="invalid_token""#), "{challenge}");
    // The old dialect knows bearer tokens alone.
    let old = app.get("/auth/resource").await.expect(401).header("www-authenticate").to_owned();
    assert_eq!(old, r#"Bearer realm="moc-account""#);
}

#[tokio::test]
async fn a_proof_brings_a_nonce_of_ours() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let prover = app.prover(Algorithm::ES256);
    let (ask, code) = code(&rp, &mut ana).await;
    let mut claims = prover.claims("POST", "/token", None);
    claims.as_object_mut().unwrap().remove("nonce");
    // From a page of the client's own site, whose program has to read the nonce.
    let site = url::Url::parse(&rp.redirect_uri).unwrap().origin().ascii_serialization();
    let headers = [("dpop", prover.sign(&claims)), ("origin", site)];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let reply = rp.call("/token", &fields(&ask, &code), &headers).await;
    reply.expect_token_error("use_dpop_nonce");
    assert_eq!(reply.header("access-control-expose-headers"), "dpop-nonce, www-authenticate");
    // As a client does: once more with what it was told.
    claims["nonce"] = json!(reply.header("dpop-nonce"));
    claims["jti"] = json!("another");
    let reply = rp.call("/token", &fields(&ask, &code), &[("dpop", &prover.sign(&claims))]).await.expect(200);
    let token = text(&reply, "access_token");
    let mut claims = prover.claims("GET", "/userinfo", Some(&token));
    claims["nonce"] = json!("x");
    let authorization = format!("DPoP {token}");
    let present = async |claims: &Value| {
        app.userinfo_with(&[("authorization", &authorization), ("dpop", &prover.sign(claims))]).await
    };
    let reply = present(&claims).await.expect(401);
    assert!(reply.header("www-authenticate").starts_with(r#"DPoP error="use_dpop_nonce""#));
    claims["nonce"] = json!(reply.header("dpop-nonce"));
    present(&claims).await.expect(200);
    app.advance(TimeDelta::minutes(2));
    claims["iat"] = json!(app.now().timestamp());
    claims["jti"] = json!("a third");
    present(&claims).await.expect(200);
}

#[tokio::test]
async fn a_proof_is_used_once() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let prover = app.prover(Algorithm::ES256);
    let proof = prover.proof("POST", "/token", None);
    let (ask, first) = code(&rp, &mut ana).await;
    let token = text(&rp.call("/token", &fields(&ask, &first), &[("dpop", &proof)]).await.expect(200), "access_token");
    let (ask, second) = code(&rp, &mut ana).await;
    let replayed = rp.call("/token", &fields(&ask, &second), &[("dpop", &proof)]).await;
    replayed.expect_token_error("invalid_dpop_proof");
    // The code was not spent by it.
    prover.token(&rp, &fields(&ask, &second)).await.expect(200);
    let proof = prover.proof("GET", "/userinfo", Some(&token));
    let authorization = format!("DPoP {token}");
    let headers = [("authorization", authorization.as_str()), ("dpop", &proof)];
    app.userinfo_with(&headers).await.expect(200);
    app.userinfo_with(&headers).await.expect(401);
}

#[tokio::test]
async fn a_wrong_proof_is_refused_and_spends_nothing() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let prover = app.prover(Algorithm::ES256);
    let (ask, code) = code(&rp, &mut ana).await;
    let now = app.now().timestamp();
    for (name, value) in [
        ("htm", json!("GET")),
        ("htu", json!("https://other.test/token")),
        ("htu", json!(app.url("/userinfo"))),
        ("iat", json!(now - 301)),
        ("iat", json!(now + 31)),
        ("iat", json!("x")),
        ("jti", json!("")),
        ("jti", Value::Null),
    ] {
        let mut claims = prover.claims("POST", "/token", None);
        claims[name] = value.clone();
        let proof = prover.sign(&claims);
        let reply = app.unchanged(rp.call("/token", &fields(&ask, &code), &[("dpop", &proof)])).await;
        assert_eq!(reply.error(), "invalid_dpop_proof", "{name}: {value}");
    }
    let good = prover.proof("POST", "/token", None);
    for text in ["", "x", "a.b.c", &good[1..], &good[..good.len() - 2], &"x".repeat(20_000)] {
        let reply = app.unchanged(rp.call("/token", &fields(&ask, &code), &[("dpop", text)])).await;
        reply.expect_token_error("invalid_dpop_proof");
    }
    let other = prover.proof("POST", "/token", None);
    let two = rp.call("/token", &fields(&ask, &code), &[("dpop", &good), ("dpop", &other)]).await;
    two.expect_token_error("invalid_dpop_proof");
    prover.token(&rp, &fields(&ask, &code)).await.expect(200);
}

#[tokio::test]
async fn bound_and_unbound_tokens_do_not_pass_for_each_other() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let prover = app.prover(Algorithm::ES256);
    let plain = rp.sign_in(&mut ana).await;
    prover.userinfo(&plain.access).await.expect(401);
    let bound = text(&sign_in(&rp, &mut ana, &prover).await.expect(200), "access_token");
    let scheme = format!("DPoP {bound}");
    app.userinfo_with(&[("authorization", &scheme)]).await.expect(401);
    let for_another = prover.proof("GET", "/userinfo", Some(&plain.access));
    app.userinfo_with(&[("authorization", &scheme), ("dpop", &for_another)]).await.expect(401);
    let for_none = prover.proof("GET", "/userinfo", None);
    app.userinfo_with(&[("authorization", &scheme), ("dpop", &for_none)]).await.expect(401);
    let bearer = format!("Bearer {bound}");
    let proof = prover.proof("GET", "/userinfo", Some(&bound));
    app.userinfo_with(&[("authorization", &bearer), ("dpop", &proof)]).await.expect(401);
    app.post("/userinfo", &format!("access_token={bound}")).await.expect(401);
}

#[tokio::test]
async fn s032_a_public_clients_refresh_token_is_bound_and_rotates() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("spa").public().await;
    let prover = app.prover(Algorithm::ES256);
    let first = sign_in(&rp, &mut ana, &prover).await.expect(200);
    let refresh = text(&first, "refresh_token");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    app.unchanged(rp.token(&fields)).await.expect_token_error("invalid_grant");
    app.prover(Algorithm::ES256).token(&rp, &fields).await.expect_token_error("invalid_grant");
    let second = prover.token(&rp, &fields).await.expect(200);
    assert_ne!(text(&second, "refresh_token"), refresh);
    prover.userinfo(&text(&second, "access_token")).await.expect(200);
    // Spent, and its fruit is in use: the family ends.
    prover.token(&rp, &fields).await.expect_token_error("invalid_grant");
    let fresh = text(&second, "refresh_token");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", fresh.as_str())];
    prover.token(&rp, &fields).await.expect_token_error("invalid_grant");
}

#[tokio::test]
async fn s032_a_bound_confidential_client_keeps_its_refresh_token() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").signing(Algorithm::PS256).with(|draft| draft.dpop_bound_access_tokens = true).await;
    let prover = app.prover(Algorithm::ES256);
    let first = sign_in(&rp, &mut ana, &prover).await.expect(200);
    let refresh = text(&first, "refresh_token");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    for _ in 0..3 {
        let again = prover.token(&rp, &fields).await.expect(200);
        assert_eq!(text(&again, "refresh_token"), refresh);
        prover.userinfo(&text(&again, "access_token")).await.expect(200);
        app.advance(TimeDelta::minutes(1));
    }
    // Another key may take over: the client proves itself besides.
    let other = app.prover(Algorithm::EdDSA);
    let again = other.token(&rp, &fields).await.expect(200);
    other.userinfo(&text(&again, "access_token")).await.expect(200);
    // Never without a proof.
    rp.token(&fields).await.expect_token_error("invalid_dpop_proof");
    let (ask, code) = code(&rp, &mut ana).await;
    rp.exchange(&ask, &code).await.expect_token_error("invalid_dpop_proof");
}

#[tokio::test]
async fn introspection_says_that_a_token_is_bound() {
    let app = App::start().await;
    let api = super::client_credentials::resource(&app).await;
    let rp = super::client_credentials::machine(&app).await;
    let prover = app.prover(Algorithm::ES256);
    let reply = prover.token(&rp, &[("grant_type", "client_credentials")]).await.expect(200);
    assert_eq!(reply.json()["token_type"], "DPoP");
    let token = text(&reply, "access_token");
    let said = api.call("/introspect", &[("token", &token)], &[]).await.expect(200).json();
    assert_eq!(said["token_type"], "DPoP");
    assert_eq!(said["cnf"], json!({ "jkt": prover.thumbprint() }));
}
