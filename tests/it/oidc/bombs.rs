//! S031: tokens made to cost: compressed, derived from passwords, nested, deep, long, ambiguous. At every place that reads
//! one.

use axum::body::Body;
use axum::http::{HeaderValue, Request, header};
use idp_core::client::ASSERTION_TYPE;
use idp_core::jose::Algorithm;
use idp_core::secret::base64url;
use idp_tests::{App, Client, FORM, Reply, encoded};

fn bombs() -> Vec<(&'static str, String)> {
    let token =
        |header: &[u8], payload: &[u8]| format!("{}.{}.{}", base64url(header), base64url(payload), "A".repeat(86));
    let sealed =
        |header: &str, length: usize| format!("{}.AAAA.AAAA.{}.AAAA", base64url(header.as_bytes()), "A".repeat(length));
    let good = br#"{"alg":"ES256"}"#;
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let mut nested = sealed(r#"{"alg":"dir","enc":"A128GCM"}"#, 40);
    for _ in 0..50 {
        // Each layer names the next; what grows beyond what is read is cut where an attacker would stop.
        nested = format!(
            "{}.{}.AA",
            base64url(br#"{"alg":"dir","enc":"A128GCM","cty":"JWT"}"#),
            base64url(nested.as_bytes())
        );
        nested.truncate(60_000);
    }
    vec![
        ("a compressed one", sealed(r#"{"alg":"ECDH-ES","enc":"A256GCM","zip":"DEF"}"#, 4000)),
        (
            "two thousand million rounds",
            sealed(r#"{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2s":"AAAA","p2c":2147483648}"#, 40),
        ),
        ("an unknown critical header", token(br#"{"alg":"ES256","crit":["zip"],"zip":"DEF"}"#, b"{}")),
        ("fifty layers", nested),
        ("deep claims", token(good, deep(5000).as_bytes())),
        ("a deep header", token(deep(1000).as_bytes(), b"{}")),
        ("claims of a hundred thousand levels", token(good, deep(100_000).as_bytes())),
        ("a header with a name twice", token(br#"{"alg":"none","alg":"ES256"}"#, b"{}")),
        ("claims with a name twice", token(good, br#"{"iss":"rp","iss":"other"}"#)),
        ("a header that is not UTF-8", token(b"{\"alg\":\"\xff\xfe\"}", b"{}")),
        ("claims that are not UTF-8", token(good, b"{\"iss\":\"\xc0\xaf\"}")),
        ("numbers beyond numbers", token(good, br#"{"exp":1e999,"iat":-1e999,"nbf":123456789012345678901234567890}"#)),
        ("nothing but dots", ".".repeat(8000)),
        ("a very long one", format!("{}.{}", token(good, b"{}"), "A".repeat(1 << 20))),
    ]
}

async fn presented(app: &App, rp: &Client, token: &str) -> Vec<(&'static str, Reply)> {
    let mut replies = Vec::new();
    let ask = rp.ask();
    let query = |name: &str| {
        encoded(&[
            ("client_id", rp.id()),
            ("redirect_uri", &rp.redirect_uri),
            ("response_type", "code"),
            ("scope", "openid"),
            (name, token),
        ])
    };
    for (place, path) in [
        ("request", format!("/authorize?{}", query("request"))),
        (
            "hint",
            format!(
                "/authorize?{}&code_challenge={}&code_challenge_method=S256",
                query("id_token_hint"),
                ask.get("code_challenge").unwrap()
            ),
        ),
        ("logout", format!("/logout?{}", encoded(&[("id_token_hint", token)]))),
    ] {
        if path.parse::<axum::http::Uri>().is_ok() {
            replies.push((place, app.get(&path).await));
        }
    }
    let assertion = encoded(&[
        ("grant_type", "refresh_token"),
        ("refresh_token", "x"),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", token),
    ]);
    for path in ["/token", "/par", "/introspect", "/revoke", "/device_authorization"] {
        replies.push((path, app.post(path, &assertion).await));
    }
    for fields in [[("token", token)], [("request", token)]] {
        let path = if fields[0].0 == "token" { "/introspect" } else { "/par" };
        replies.push((path, rp.call(path, &fields, &[]).await));
    }
    for (name, value) in [
        ("authorization", format!("Bearer {token}")),
        ("authorization", format!("DPoP {token}")),
        ("dpop", token.to_owned()),
    ] {
        for (method, path) in [("GET", "/userinfo"), ("POST", "/token")] {
            let request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, FORM);
            let request = request.header(name, HeaderValue::try_from(&value).unwrap()).body(Body::empty()).unwrap();
            replies.push((path, app.send(request).await));
        }
    }
    replies
}

#[tokio::test]
async fn s031_tokens_made_to_cost_are_refused_everywhere_and_leave_nothing() {
    let app = App::start().await;
    let rp = app.client("rp").signing(Algorithm::ES256).await;
    // What a client's own assertion leaves is its name, used once: the digest of that is not what is meant here.
    for (what, token) in bombs() {
        let before = app.tables().await;
        for (place, reply) in presented(&app, &rp, &token).await {
            assert!(reply.status.as_u16() < 500, "{what} at {place}: {} {}", reply.status, reply.body);
            assert!(reply.error().is_empty() || reply.body.is_ascii(), "{what} at {place}: {}", reply.body);
            assert!(!reply.body.contains("access_token\":"), "{what} at {place}");
        }
        let (mut before, mut after) = (before, app.tables().await);
        before.remove("client_assertions");
        after.remove("client_assertions");
        assert_eq!(before, after, "{what}");
    }
}
