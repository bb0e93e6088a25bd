//! How clients prove who they are at the token endpoint (S041).

use axum::body::Body;
use axum::http::{Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use idp_core::client::ClientStatus;
use idp_core::secret::Secret;
use idp_tests::{App, Client, FORM, Reply, encoded};

/// A token request of which only the client's proof matters: a proven client hears `invalid_grant`.
async fn prove(app: &App, authorization: Option<&str>, fields: &[(&str, &str)]) -> Reply {
    let mut all = vec![("grant_type", "refresh_token"), ("refresh_token", "x")];
    all.extend(fields);
    let mut request = Request::post("/token").header(header::CONTENT_TYPE, FORM);
    if let Some(value) = authorization {
        request = request.header(header::AUTHORIZATION, value);
    }
    app.send(request.body(Body::from(encoded(&all))).unwrap()).await
}

fn basic(plain: &str) -> String {
    format!("Basic {}", STANDARD.encode(plain))
}

async fn three(app: &App) -> [Client; 3] {
    [app.client("basic").await, app.client("post").secret_in_body().await, app.client("spa").public().await]
}

#[tokio::test]
async fn s041_each_client_is_believed_by_its_own_method_alone() {
    let app = App::start().await;
    let clients = three(&app).await;
    for rp in &clients {
        let (id, secret) = (rp.id(), rp.secret.reveal());
        let own = rp.client.authentication.method();
        for (method, authorization, fields) in [
            ("client_secret_basic", Some(rp.basic()), vec![]),
            ("client_secret_basic", Some(rp.basic()), vec![("client_id", id)]),
            ("client_secret_post", None, vec![("client_id", id), ("client_secret", secret)]),
            ("none", None, vec![("client_id", id)]),
        ] {
            let reply = app.unchanged(prove(&app, authorization.as_deref(), &fields)).await;
            reply.expect_token_error(if method == own { "invalid_grant" } else { "invalid_client" });
        }
    }
}

#[tokio::test]
async fn s041_a_wrong_secret_is_invalid_client_and_says_how_to_authenticate() {
    let app = App::start().await;
    let [rp, post, _] = three(&app).await;
    let wrong = Secret::make(&*app.chance);
    for authorization in [
        basic(&format!("basic:{}", wrong.reveal())),
        basic(&format!("basic:{}x", rp.secret.reveal())),
        basic(&format!("basic:{}", &rp.secret.reveal()[1..])),
        basic(&format!("basic: {}", rp.secret.reveal())),
        basic("basic:"),
        basic(&format!("nobody:{}", rp.secret.reveal())),
        basic(&format!("post:{}", rp.secret.reveal())),
    ] {
        let reply = app.unchanged(prove(&app, Some(&authorization), &[])).await;
        reply.expect_token_error("invalid_client");
        assert!(reply.header("www-authenticate").starts_with("Basic "), "{authorization}");
    }
    for secret in [wrong.reveal(), &post.secret.reveal()[1..], "x"] {
        let reply = prove(&app, None, &[("client_id", "post"), ("client_secret", secret)]).await;
        reply.expect_token_error("invalid_client");
        // RFC 9110 §15.5.2: no 401 without it, whichever way was tried.
        assert!(reply.header("www-authenticate").starts_with("Basic "), "{secret}");
    }
    prove(&app, None, &[]).await.expect_token_error("invalid_client");
    prove(&app, None, &[("client_id", "nobody")]).await.expect_token_error("invalid_client");
}

#[tokio::test]
async fn s041_two_proofs_at_once_are_an_invalid_request() {
    let app = App::start().await;
    let [rp, post, _] = three(&app).await;
    let secret = rp.secret.reveal();
    let both = prove(&app, Some(&rp.basic()), &[("client_id", "basic"), ("client_secret", secret)]).await;
    both.expect_token_error("invalid_request");
    prove(&app, Some(&rp.basic()), &[("client_secret", secret)]).await.expect_token_error("invalid_request");
    prove(&app, Some(&rp.basic()), &[("client_id", "post")]).await.expect_token_error("invalid_request");
    let crossed = [("client_id", "post"), ("client_secret", post.secret.reveal())];
    prove(&app, Some(&rp.basic()), &crossed).await.expect_token_error("invalid_request");
    let request = Request::post("/token")
        .header(header::CONTENT_TYPE, FORM)
        .header(header::AUTHORIZATION, rp.basic())
        .header(header::AUTHORIZATION, rp.basic());
    let reply = app.send(request.body(Body::from("grant_type=refresh_token&refresh_token=x")).unwrap()).await;
    reply.expect_token_error("invalid_request");
}

#[tokio::test]
async fn s041_both_halves_of_basic_are_form_decoded() {
    let app = App::start().await;
    let secret = "p:a+s s%w&ö=\u{e01}~!*'()";
    let rp = app.client("odd.id-1_2").secret(secret).await;
    // The harness encodes as RFC 6749 §2.3.1 has it.
    rp.token(&[("grant_type", "refresh_token"), ("refresh_token", "x")]).await.expect_token_error("invalid_grant");
    let raw = basic(&format!("odd.id-1_2:{secret}"));
    prove(&app, Some(&raw), &[]).await.expect_token_error("invalid_client");
    let in_body = app.client("body").secret_in_body().secret(secret).await;
    let reply = in_body.token(&[("grant_type", "refresh_token"), ("refresh_token", "x")]).await;
    reply.expect_token_error("invalid_grant");
}

#[tokio::test]
async fn s041_a_header_that_cannot_be_read_is_invalid_client() {
    let app = App::start().await;
    let [rp, ..] = three(&app).await;
    let good = STANDARD.encode(format!("basic:{}", rp.secret.reveal()));
    for authorization in [
        "Basic".to_owned(),
        "Basic ".to_owned(),
        "Basic !!!".to_owned(),
        format!("Basic {}", &good[1..]),
        basic("basic"),
        basic("basic:%zz"),
        basic("basic:%"),
        basic("%ff:x"),
        basic(":x"),
        basic("ba%00sic:x"),
        format!("Bearer {good}"),
        format!("Digest {good}"),
        format!("Basic{good}"),
        format!("Basic {}", "A".repeat(1 << 20)),
    ] {
        let reply = app.unchanged(prove(&app, Some(&authorization), &[])).await;
        reply.expect_token_error("invalid_client");
    }
    for scheme in ["basic", "BASIC", "bAsIc"] {
        prove(&app, Some(&format!("{scheme} {good}")), &[]).await.expect_token_error("invalid_grant");
    }
}

#[tokio::test]
async fn s041_a_disabled_client_is_not_believed() {
    let app = App::start().await;
    for mut rp in three(&app).await {
        rp.change(|client| client.status = ClientStatus::Suspended).await;
        let fields = [("grant_type", "refresh_token"), ("refresh_token", "x")];
        rp.token(&fields).await.expect_token_error("invalid_client");
    }
}

#[tokio::test]
async fn s041_a_replaced_secret_works_for_a_day() {
    let app = App::start().await;
    let mut rp = app.client("rp").await;
    let old = rp.clone();
    let fresh = Secret::make(&*app.chance);
    let now = app.now();
    rp.change(|client| client.authentication = client.authentication.clone().rotated(&fresh, now).unwrap()).await;
    rp.secret = fresh;
    let fields = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    app.advance(TimeDelta::hours(23));
    for client in [&old, &rp] {
        client.token(&fields).await.expect_token_error("invalid_grant");
    }
    app.advance(TimeDelta::hours(2));
    old.token(&fields).await.expect_token_error("invalid_client");
    rp.token(&fields).await.expect_token_error("invalid_grant");
}

#[tokio::test]
async fn s041_a_secret_of_a_megabyte_is_refused() {
    let app = App::start().await;
    three(&app).await;
    let huge = "x".repeat(1 << 20);
    let reply = app.unchanged(prove(&app, None, &[("client_id", "post"), ("client_secret", &huge)])).await;
    assert!(matches!(reply.status.as_u16(), 400 | 413), "{}", reply.status);
}

#[tokio::test]
async fn a_client_that_was_not_believed_has_spent_nothing() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let ask = rp.ask();
    let code = rp.authorize(&mut ana, &ask).await.code().to_owned();
    let mut stranger = rp.clone();
    stranger.secret = Secret::make(&*app.chance);
    stranger.exchange(&ask, &code).await.expect_token_error("invalid_client");
    let tokens = rp.read(rp.exchange(&ask, &code).await.expect(200), ask.get("nonce")).await;
    stranger.refresh(&tokens.refresh, None).await.expect_token_error("invalid_client");
    rp.refreshed(&tokens).await;
}
