//! Pushed authorization requests (RFC 9126).

use axum::body::Body;
use axum::http::{Request, header};
use chrono::TimeDelta;
use idp_core::jose::Algorithm;
use idp_tests::{Answer, App, Ask, Client, FORM, ISSUER, Member, Page, Reply, encoded};
use serde_json::json;

/// Pushes the request with the client's own way of proving who it is.
pub(super) async fn push(rp: &Client, ask: &Ask) -> Reply {
    let by_body = matches!(rp.client.authentication.method(), "client_secret_post" | "none");
    let fields = ask.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    // The harness sends client_id itself where it is part of the proof.
    let fields: Vec<(&str, &str)> = fields.filter(|(name, _)| !by_body || *name != "client_id").collect();
    rp.call("/par", &fields, &[]).await
}

/// Pushes, and gives what the browser carries.
pub(super) async fn pushed(rp: &Client, ask: &Ask) -> Ask {
    let reply = push(rp, ask).await.expect(201);
    let uri = reply.json()["request_uri"].as_str().unwrap().to_owned();
    Ask {
        parameters: vec![("client_id".to_owned(), rp.id().to_owned()), ("request_uri".to_owned(), uri)],
        verifier: ask.verifier.clone(),
    }
}

async fn bring(member: &mut Member, carried: &Ask) -> Page {
    member.browser.get(&carried.path()).await
}

#[tokio::test]
async fn a_pushed_request_signs_a_member_in() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for rp in [
        app.client("basic").await,
        app.client("post").secret_in_body().await,
        app.client("spa").public().await,
        app.client("fapi").signing(Algorithm::PS256).with(|draft| draft.requests.pushed = true).await,
    ] {
        let ask = rp.ask();
        let reply = push(&rp, &ask).await.expect(201);
        assert_eq!(reply.header("cache-control"), "no-store");
        assert_eq!(reply.header("content-type"), "application/json");
        let (uri, seconds) = (reply.json()["request_uri"].clone(), reply.json()["expires_in"].as_i64());
        let name = uri.as_str().unwrap().strip_prefix("urn:ietf:params:oauth:request_uri:").unwrap().to_owned();
        assert!(idp_core::secret::from_base64url(&name).is_some_and(|bytes| bytes.len() == 32));
        assert!(seconds.is_some_and(|seconds| (60..=90).contains(&seconds)));
        let carried = Ask {
            parameters: vec![
                ("client_id".into(), rp.id().into()),
                ("request_uri".into(), uri.as_str().unwrap().into()),
            ],
            verifier: ask.verifier.clone(),
        };
        let page = bring(&mut ana, &carried).await;
        page.expect_at("/consent");
        let page = ana.browser.submit(page.form("/consent").with("decision", "allow")).await;
        let answer = Answer::of(&page);
        assert_eq!(answer.get("state"), ask.get("state").unwrap());
        let reply = rp.exchange(&ask, answer.code()).await.expect(200);
        rp.read(reply, ask.get("nonce")).await;
    }
}

#[tokio::test]
async fn s025_a_request_uri_is_good_until_it_is_answered_and_never_after() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    rp.sign_in(&mut ana).await;
    let carried = pushed(&rp, &rp.ask()).await;
    // Loaded, loaded again, and in another browser: nobody has answered yet.
    let mut stranger = app.browser();
    for _ in 0..2 {
        stranger.get(&carried.path()).await.expect_at("/login");
    }
    Answer::of(&bring(&mut ana, &carried).await).code();
    bring(&mut ana, &carried).await.expect_error(400, "invalid_request_uri");
    stranger.get(&carried.path()).await.expect_error(400, "invalid_request_uri");
    // An error is an answer too.
    for (name, value) in [("prompt", "none"), ("max_age", "0")] {
        let carried = pushed(&rp, &rp.ask().with("prompt", "none").with(name, value)).await;
        app.advance(TimeDelta::seconds(1));
        let first = Answer::of(&bring(&mut ana, &carried).await);
        assert_eq!(first.error(), if name == "max_age" { "login_required" } else { "" });
        bring(&mut ana, &carried).await.expect_error(400, "invalid_request_uri");
    }
    // And a member's no.
    let carried = pushed(&rp, &rp.ask().with("prompt", "consent")).await;
    let page = bring(&mut ana, &carried).await;
    let page = ana.browser.submit(page.form("/consent").with("decision", "deny")).await;
    assert_eq!(Answer::of(&page).error(), "access_denied");
    bring(&mut ana, &carried).await.expect_error(400, "invalid_request_uri");
}

#[tokio::test]
async fn s025_two_pages_of_one_pushed_request_give_one_code() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let carried = pushed(&rp, &rp.ask()).await;
    let (first, second) = (bring(&mut ana, &carried).await, bring(&mut ana, &carried).await);
    assert_ne!(first.path, second.path);
    let allow = |page: &Page| page.form("/consent").with("decision", "allow");
    Answer::of(&ana.browser.submit(allow(&first)).await).code();
    let late = Answer::of(&ana.browser.submit(allow(&second)).await);
    assert_eq!(late.error(), "invalid_request_uri");
}

#[tokio::test]
async fn s025_a_request_uri_is_of_one_client_and_of_a_minute_and_a_half() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let other = app.client("other").await;
    let carried = pushed(&rp, &rp.ask()).await;
    let stolen = carried.clone().with("client_id", other.id());
    bring(&mut ana, &stolen).await.expect_error(400, "invalid_request_uri");
    // With an address of its own that is proven, the other client hears it.
    let stolen = stolen.with("redirect_uri", &other.redirect_uri).with("state", "s");
    let answer = Answer::of(&bring(&mut ana, &stolen).await);
    assert_eq!((answer.error(), answer.address.as_str()), ("invalid_request_uri", other.redirect_uri.as_str()));
    bring(&mut ana, &carried).await.expect_at("/consent");
    app.advance(TimeDelta::seconds(90));
    bring(&mut ana, &carried).await.expect_error(400, "invalid_request_uri");
}

#[tokio::test]
async fn who_came_in_time_may_take_their_time_to_sign_in() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let mut elsewhere = ana.elsewhere();
    let rp = app.client("rp").first_party().await;
    let ask = rp.ask();
    let page = bring(&mut elsewhere, &pushed(&rp, &ask).await).await;
    app.advance(TimeDelta::minutes(20));
    let answer = Answer::of(&elsewhere.sign_in_at(&page).await);
    rp.exchange(&ask, answer.code()).await.expect(200);
}

#[tokio::test]
async fn what_stands_beside_a_request_uri_counts_for_nothing() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    rp.sign_in(&mut ana).await;
    let ask = rp.ask().with("scope", "openid email");
    let carried = pushed(&rp, &ask).await;
    let widened = carried.with("scope", "openid email phone").with("state", "mine").with("response_mode", "form_post");
    let answer = Answer::of(&bring(&mut ana, &widened).await);
    assert!(!answer.is_form);
    assert_eq!(answer.get("state"), ask.get("state").unwrap());
    let tokens = rp.exchange(&ask, answer.code()).await.expect(200);
    assert_eq!(tokens.json()["scope"], "openid email");
}

#[tokio::test]
async fn s026_only_a_proven_client_pushes_and_never_a_request_uri() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let ask = rp.ask();
    let bare = encoded(&ask.parameters);
    app.unchanged(app.post("/par", &bare)).await.expect_token_error("invalid_client");
    let wrong = app.client("wrong").await;
    let fields = ask.clone().with("client_id", "wrong");
    let request = Request::post("/par").header(header::CONTENT_TYPE, FORM).header(header::AUTHORIZATION, rp.basic());
    let reply = app.send(request.body(Body::from(encoded(&fields.parameters))).unwrap()).await;
    reply.expect_token_error("invalid_request");
    assert_eq!(wrong.id(), "wrong");
    let uri = pushed(&rp, &ask).await.get("request_uri").unwrap().to_owned();
    push(&rp, &ask.clone().with("request_uri", &uri)).await.expect_token_error("invalid_request");
    push(&rp, &ask.clone().with("request_uri", "https://rp.test/r")).await.expect_token_error("invalid_request");
    for path in ["/par", &format!("/par?{bare}")] {
        assert_eq!(app.get(path).await.status, 405);
    }
    // The secret is no part of the request, and nothing of it lies open in the browser.
    let post = app.client("post").secret_in_body().await;
    let mut browser = app.browser();
    let page = browser.get(&pushed(&post, &post.ask().with("login_hint", "x@y.example")).await.path()).await;
    let seen = format!("{} {} {:?}", page.path, page.html, browser.cookies);
    assert!(!seen.contains(post.secret.reveal()) && !seen.contains("https://post.test"));
}

#[tokio::test]
async fn what_the_authorization_endpoint_would_refuse_is_refused_when_it_is_pushed() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    for (name, value, error) in [
        ("redirect_uri", "https://evil.test/cb", "invalid_request"),
        ("redirect_uri", "", "invalid_request"),
        ("response_mode", "telepathy", "invalid_request"),
        ("response_type", "token", "unsupported_response_type"),
        ("scope", "email", "invalid_scope"),
        ("prompt", "none login", "invalid_request"),
        ("claims", "[]", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("request", "e30.e30.e30", "request_not_supported"),
        ("registration", "{}", "registration_not_supported"),
    ] {
        let reply = app.unchanged(push(&rp, &rp.ask().with(name, value))).await;
        reply.expect_token_error(error);
    }
}

#[tokio::test]
async fn s005_a_parameter_twice_is_refused_when_it_is_pushed() {
    let app = App::start().await;
    let rp = app.client("rp").secret_in_body().await;
    let ask = rp.ask();
    let body = format!("{}&client_secret={}", ask.query(), rp.secret.reveal());
    for name in ["state", "scope", "client_id", "client_secret"] {
        let reply = app.unchanged(app.post("/par", &format!("{body}&{name}=x"))).await;
        reply.expect_token_error("invalid_request");
    }
    app.post(&format!("/par?{}", ask.query()), &body).await.expect_token_error("invalid_request");
}

#[tokio::test]
async fn a_client_that_must_push_is_refused_without() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").with(|draft| draft.requests.pushed = true).await;
    let ask = rp.ask();
    Answer::of(&bring(&mut ana, &ask).await).expect_error("invalid_request", &ask, ISSUER);
    let nowhere = ask.without(&["redirect_uri"]);
    bring(&mut ana, &nowhere).await.expect_error(400, "invalid_request");
}

#[tokio::test]
async fn s001_a_pushed_redirect_uri_is_compared_byte_by_byte() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    for vector in [
        "https://rp.test.evil.test/cb",
        "https://rp.test@evil.test/cb",
        "https://rp.test/cb/",
        "https://rp.test/cb?x=y",
        "https://rp.test/cb#f",
        "https://RP.test/cb",
        "https://rp.test:443/cb",
        "https://rp.test/%63b",
        "https://rp.test/a/..;/cb",
        "https://rp.test\\@evil.test/cb",
        "http://rp.test/cb",
        " https://rp.test/cb",
        "https://rp.test/cb\n",
    ] {
        let reply = app.unchanged(push(&rp, &rp.ask().with("redirect_uri", vector))).await;
        reply.expect_token_error("invalid_request");
    }
}

#[tokio::test]
async fn s040_an_assertion_beside_a_pushed_request_is_for_the_issuer_alone_and_once() {
    let app = App::start().await;
    let rp = app.client("rp").signing(Algorithm::ES256).with(|draft| draft.assertion_to_token_endpoint = true).await;
    let ask = rp.ask();
    let with = |assertion: &str| {
        let ask = ask.clone().with("client_assertion", assertion);
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let body = ask.with("client_assertion_type", kind).query();
        let app = app.clone();
        async move { app.post("/par", &body).await }
    };
    for aud in
        [json!(format!("{ISSUER}/token")), json!(format!("{ISSUER}/par")), json!([ISSUER]), json!([]), json!("x")]
    {
        let mut claims = rp.assertion_claims();
        claims["aud"] = aud;
        app.unchanged(with(&rp.assertion(&claims))).await.expect_token_error("invalid_client");
    }
    let assertion = rp.assertion(&rp.assertion_claims());
    let reply = with(&assertion).await.expect(201);
    with(&assertion).await.expect_token_error("invalid_client");
    // It is no part of what the browser's request becomes.
    let uri = reply.json()["request_uri"].as_str().unwrap().to_owned();
    let carried = encoded(&[("client_id", rp.id()), ("request_uri", &uri)]);
    app.browser().get(&format!("/authorize?{carried}")).await.expect_at("/login");
}
