//! The token endpoint itself: methods, media types, grants, errors.

use axum::body::Body;
use axum::http::{Method, Request, header};
use idp_tests::{App, Client, FORM, Reply, encoded};

async fn send(rp: &Client, method: Method, path: &str, kind: &str, body: &str) -> Reply {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, kind)
        .header(header::AUTHORIZATION, rp.basic());
    rp.app().send(request.body(Body::from(body.to_owned())).unwrap()).await
}

#[tokio::test]
async fn the_answer_is_what_the_specifications_say() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    let reply = &tokens.reply;
    let mut names: Vec<String> = reply.json().as_object().unwrap().keys().cloned().collect();
    names.sort();
    assert_eq!(names, ["access_token", "expires_in", "id_token", "refresh_token", "scope", "token_type"]);
    assert_eq!(reply.header("pragma"), "no-cache");
    assert_eq!(reply.json()["expires_in"], 300);
    let quiet = app.client("quiet").with(|draft| draft.refresh_tokens = false).await;
    let tokens = quiet.sign_in(&mut ana).await;
    assert!(tokens.reply.json().get("refresh_token").is_none());
}

#[tokio::test]
async fn s043_other_grants_are_not_supported() {
    let app = App::start().await;
    for rp in [app.client("web").await, app.client("spa").public().await] {
        for grant in [
            "password",
            "implicit",
            "urn:ietf:params:oauth:grant-type:token-exchange",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "urn:openid:params:grant-type:ciba",
            "AUTHORIZATION_CODE",
            "refresh_token ",
            "x",
        ] {
            let fields = [("grant_type", grant), ("username", "a"), ("password", "b"), ("scope", "openid")];
            app.unchanged(rp.token(&fields)).await.expect_token_error("unsupported_grant_type");
        }
        for grant in ["client_credentials", "urn:ietf:params:oauth:grant-type:device_code"] {
            app.unchanged(rp.token(&[("grant_type", grant)])).await.expect_token_error("unauthorized_client");
        }
        rp.token(&[]).await.expect_token_error("invalid_request");
        rp.token(&[("grant_type", "")]).await.expect_token_error("invalid_request");
    }
}

#[tokio::test]
async fn s043_a_client_without_refresh_tokens_may_not_present_one() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mut rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    rp.change(|client| client.grant_types.truncate(1)).await;
    rp.refresh(&tokens.refresh, None).await.expect_token_error("unauthorized_client");
}

#[tokio::test]
async fn only_post_is_answered() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let ask = rp.ask();
    let answer = rp.authorize(&mut ana, &ask).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", answer.code()),
        ("redirect_uri", rp.redirect_uri.as_str()),
        ("code_verifier", ask.verifier.as_str()),
    ];
    let body = encoded(&fields);
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH, Method::HEAD] {
        let reply = app.unchanged(send(&rp, method, &format!("/token?{body}"), FORM, &body)).await.expect(405);
        assert!(reply.header("allow").contains("POST"));
    }
    // Nothing is read from the query, where it would end in logs.
    let reply = app.unchanged(send(&rp, Method::POST, &format!("/token?{body}"), FORM, "")).await;
    reply.expect_token_error("invalid_request");
    let (head, tail) = body.split_once('&').unwrap();
    let reply = app.unchanged(send(&rp, Method::POST, &format!("/token?{head}"), FORM, tail)).await;
    reply.expect_token_error("invalid_request");
    send(&rp, Method::POST, "/token", FORM, &body).await.expect(200);
}

#[tokio::test]
async fn only_a_form_is_read() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let body = "grant_type=refresh_token&refresh_token=x";
    for kind in ["application/json", "text/plain", "multipart/form-data; boundary=x", "", "application/x-www-form"] {
        send(&rp, Method::POST, "/token", kind, body).await.expect_token_error("invalid_request");
    }
    let json = r#"{"grant_type":"refresh_token","refresh_token":"x"}"#;
    send(&rp, Method::POST, "/token", "application/json", json).await.expect_token_error("invalid_request");
    for kind in ["application/x-www-form-urlencoded; charset=UTF-8", "APPLICATION/X-WWW-FORM-URLENCODED"] {
        send(&rp, Method::POST, "/token", kind, body).await.expect_token_error("invalid_grant");
    }
}

#[tokio::test]
async fn s005_a_repeated_parameter_is_an_invalid_request() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let ask = rp.ask();
    let answer = rp.authorize(&mut ana, &ask).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", answer.code()),
        ("redirect_uri", rp.redirect_uri.as_str()),
        ("code_verifier", ask.verifier.as_str()),
    ];
    for (name, value) in fields {
        let body = format!("{}&{}", encoded(&fields), encoded(&[(name, value)]));
        let reply = app.unchanged(send(&rp, Method::POST, "/token", FORM, &body)).await;
        reply.expect_token_error("invalid_request");
    }
    for body in ["grant_type=refresh_token&x=%zz", "grant_type=%ff", "grant_type=refresh_token&refresh_token=%00"] {
        send(&rp, Method::POST, "/token", FORM, body).await.expect_token_error("invalid_request");
    }
    send(&rp, Method::POST, "/token", FORM, &encoded(&fields)).await.expect(200);
}

#[tokio::test]
async fn unknown_parameters_are_ignored() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let ask = rp.ask();
    let answer = rp.authorize(&mut ana, &ask).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", answer.code()),
        ("redirect_uri", rp.redirect_uri.as_str()),
        ("code_verifier", ask.verifier.as_str()),
        ("scope", "openid citizen_id"),
        ("extra", "foobar"),
    ];
    let tokens = rp.read(rp.token(&fields).await.expect(200), ask.get("nonce")).await;
    assert_eq!(tokens.scope, rp.scope, "the scope is the request's");
}
