//! What may be asked, and how: methods, order, repetition, what is refused and in which words.

use std::net::TcpListener;

use idp_tests::{Answer, App, Ask, Client, encoded};

/// What the client hears to `ask` in a browser where nobody is signed in.
async fn refusal(app: &App, rp: &Client, ask: Ask, error: &str) {
    let mut browser = app.browser();
    let answer = Answer::of(&app.unchanged(browser.get(&ask.path())).await);
    assert_eq!(answer.address, rp.redirect_uri);
    answer.expect_error(error, &ask, app.issuer());
}

#[tokio::test]
async fn a_posted_request_is_as_good_as_a_get() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    rp.sign_in(&mut ana).await;
    let ask = rp.ask();
    let fields: Vec<(&str, &str)> =
        ask.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let page = ana.browser.post_from("https://rp.test", "/authorize", &fields).await;
    rp.exchange(&ask, Answer::of(&page).code()).await.expect(200);
    // Half in the query, half in the body.
    let (query, body) = fields.split_at(4);
    let page = ana.browser.post_from("https://rp.test", &format!("/authorize?{}", encoded(query)), body).await;
    assert!(!Answer::of(&page).code().is_empty());
}

#[tokio::test]
async fn parameters_and_scopes_come_in_any_order() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let mut ask = rp.ask();
    let reversed: Vec<&str> = rp.scope.split(' ').rev().collect();
    ask = ask.with("scope", &reversed.join(" "));
    ask.parameters.sort_by(|a, b| b.0.cmp(&a.0));
    let tokens = rp.sign_in_with(&mut ana, ask).await;
    assert_eq!(tokens.scope, rp.scope);
}

#[tokio::test]
async fn unknown_parameters_and_scopes_are_ignored() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").scopes("openid email").await;
    let ask = rp
        .ask()
        .with("extra", "foobar")
        .with("claims", r#"{"userinfo":{"name":{"essential":true}}}"#)
        .with("claims_locales", "se")
        .with("scope", "openid email profile offline_access nonsense OPENID");
    let tokens = rp.sign_in_with(&mut ana, ask).await;
    assert_eq!(tokens.scope, "openid email", "what is not known or not the client's is left out");
}

#[tokio::test]
async fn s005_a_repeated_parameter_is_a_page() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    rp.sign_in(&mut ana).await;
    let ask = rp.ask().with("prompt", "none").with("response_mode", "query");
    for (name, value) in ask.parameters.clone() {
        let again = encoded(&[(name.as_str(), value.as_str())]);
        let page = app.unchanged(ana.browser.get(&format!("{}&{again}", ask.path()))).await;
        page.expect_error(400, "invalid_request");
        // Once in the query, once in the body.
        let path = ask.path();
        let page = app.unchanged(ana.browser.post_from("https://rp.test", &path, &[(&name, &value)])).await;
        page.expect_error(400, "invalid_request");
        // The same name in another spelling.
        let hidden = format!("{}&%{:02x}{}", ask.path(), name.as_bytes()[0], &again[1..]);
        app.unchanged(ana.browser.get(&hidden)).await.expect_error(400, "invalid_request");
    }
}

#[tokio::test]
async fn a_request_that_cannot_be_read_is_a_page() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let path = rp.ask().path();
    let mut browser = app.browser();
    for (what, path) in [
        ("a bare percent sign", format!("{path}&x=%")),
        ("no hexadecimal digits", format!("{path}&x=%zz")),
        ("no UTF-8", format!("{path}&x=%ff%fe")),
        ("a zero byte", format!("{path}&x=%00")),
        ("an overlong encoding", format!("{path}&x=%c0%af")),
        ("a surrogate", format!("{path}&x=%ed%a0%80")),
        ("17 KB", format!("{path}&x={}", "a".repeat(17 * 1024))),
    ] {
        let page = app.unchanged(browser.get(&path)).await;
        assert_eq!((page.status.as_u16(), page.away.as_deref()), (400, None), "{what}");
    }
}

#[tokio::test]
async fn a_client_that_is_none_is_a_page() {
    let app = App::start().await;
    let mut rp = app.client("rp").await;
    let ask = rp.ask();
    let mut browser = app.browser();
    for bad in [
        ask.clone().without(&["client_id"]),
        ask.clone().with("client_id", ""),
        ask.clone().with("client_id", "nobody"),
        ask.clone().with("client_id", "RP"),
        ask.clone().with("client_id", "rp "),
        ask.clone().with("client_id", "rp'--"),
        ask.clone().with("client_id", &"a".repeat(5000)),
    ] {
        app.unchanged(browser.get(&bad.path())).await.expect_error(400, "invalid_request");
    }
    rp.change(|client| client.status = idp_core::client::ClientStatus::Suspended).await;
    browser.get(&ask.path()).await.expect_error(403, "service_suspended");
}

#[tokio::test]
async fn a_missing_response_type_is_an_invalid_request() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    refusal(&app, &rp, rp.ask().without(&["response_type"]), "invalid_request").await;
    refusal(&app, &rp, rp.ask().with("response_type", ""), "invalid_request").await;
}

#[tokio::test]
async fn another_response_type_than_code_is_not_supported() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    for other in ["token", "id_token", "code id_token", "id_token token", "none", "CODE", "code code", "code ", "x"] {
        refusal(&app, &rp, rp.ask().with("response_type", other), "unsupported_response_type").await;
    }
}

#[tokio::test]
async fn request_objects_and_registration_are_refused_in_their_own_words() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let object = "eyJhbGciOiJub25lIn0.eyJzY29wZSI6Im9wZW5pZCJ9.";
    refusal(&app, &rp, rp.ask().with("request", object), "request_not_supported").await;
    refusal(&app, &rp, rp.ask().with("registration", "{}"), "registration_not_supported").await;
    // Even where the outer request alone would be wrong, the object is what is refused.
    let bare = rp.ask().with("request", object).without(&["response_type", "scope"]);
    refusal(&app, &rp, bare, "request_not_supported").await;
    // Without a proven place to answer to, there is a page.
    let nowhere = rp.ask().with("request", object).without(&["redirect_uri"]);
    app.browser().get(&nowhere.path()).await.expect_error(400, "invalid_request");
}

#[tokio::test]
async fn s016_a_request_uri_is_refused_and_never_fetched() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let canary = TcpListener::bind("127.0.0.1:0").unwrap();
    canary.set_nonblocking(true).unwrap();
    let port = canary.local_addr().unwrap().port();
    for uri in [
        format!("http://127.0.0.1:{port}/object.jwt"),
        format!("https://127.0.0.1:{port}/object.jwt#fragment"),
        "file:///etc/passwd".to_owned(),
        "urn:ietf:params:oauth:request_uri:nobody".to_owned(),
    ] {
        refusal(&app, &rp, rp.ask().with("request_uri", &uri), "request_uri_not_supported").await;
    }
    assert_eq!(canary.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "somebody called");
}

#[tokio::test]
async fn a_request_without_openid_is_an_invalid_scope() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    refusal(&app, &rp, rp.ask().without(&["scope"]), "invalid_scope").await;
    for scope in ["", "profile email", "OpenID", "openid,profile", "openid\u{a0}profile", "nonsense"] {
        refusal(&app, &rp, rp.ask().with("scope", scope), "invalid_scope").await;
    }
}

#[tokio::test]
async fn a_nonce_is_not_needed_beside_pkce() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in_with(&mut ana, rp.ask().without(&["nonce"])).await;
    assert!(tokens.id.claims.get("nonce").is_none());
}

#[tokio::test]
async fn a_nonce_comes_back_byte_for_byte() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    for nonce in ["n", "a+b/c=%20&d", "ก ไก่ \"\\<>", &"x".repeat(255)] {
        // The harness's client compares.
        rp.sign_in_with(&mut ana, rp.ask().with("nonce", nonce)).await;
    }
}

#[tokio::test]
async fn s026_the_browser_holds_only_a_name_of_the_request() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut browser = app.browser();
    let ask = rp.ask().with("login_hint", "not-an-address");
    let page = browser.get(&ask.path()).await;
    assert_eq!(page.place(), "/login");
    for name in ["redirect_uri", "state", "nonce", "code_challenge", "login_hint"] {
        let value = ask.get(name).unwrap();
        let seen = format!("{} {} {:?}", page.path, page.html, browser.cookies);
        assert!(!seen.contains(value), "{name} lies open");
    }
}
