//! How answers travel: state, issuer, form_post.

use idp_core::authorize::ResponseMode;
use idp_tests::{Answer, App, ISSUER};

/// RFC 6749 appendix A.5 allows less than this. Line breaks are not among them: HTML changes those in forms.
const ODD_STATES: [&str; 7] = [
    "x",
    " leading and trailing ",
    "a+b&c=d%25/?#[]@!$'()*,;:",
    "\"quoted\" <b>\\",
    "ก ข 😀 é",
    "a\ttab",
    "https://evil.test/?code=1&state=2&iss=3",
];

#[tokio::test]
async fn state_comes_back_byte_for_byte() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let mut states: Vec<String> = ODD_STATES.map(str::to_owned).to_vec();
    states.push("s".repeat(128));
    states.push((' '..='~').collect());
    states.push("ส".repeat(1000));
    for state in states {
        for mode in ResponseMode::NAMES {
            // With a code, by way of the pages the first time; with an error, without any page.
            let ask = rp.ask().with("state", &state).with("response_mode", mode);
            assert_eq!(rp.authorize(&mut ana, &ask).await.get("state"), state, "{mode}");
            let wrong = ask.with("response_type", "token");
            let answer = Answer::of(&ana.browser.get(&wrong.path()).await);
            answer.expect_error("unsupported_response_type", &wrong, ISSUER);
            assert_eq!(answer.get("state"), state, "{mode}");
        }
    }
}

#[tokio::test]
async fn a_line_break_in_state_breaks_no_header() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    for state in ["x\r\nset-cookie: session=evil", "x\n\n<html>", "\r"] {
        let ask = rp.ask().with("state", state).with("prompt", "none");
        let page = app.browser().get(&ask.path()).await;
        assert_eq!(Answer::of(&page).get("state"), state);
        assert!(!page.away.unwrap().contains(['\r', '\n']));
    }
}

#[tokio::test]
async fn without_state_none_comes_back() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let answer = rp.authorize(&mut ana, &rp.ask().without(&["state"])).await;
    assert_eq!(answer.parameters.keys().collect::<Vec<_>>(), ["code", "iss"]);
    let wrong = rp.ask().without(&["state", "response_type"]);
    let answer = Answer::of(&ana.browser.get(&wrong.path()).await);
    assert_eq!(answer.parameters.keys().collect::<Vec<_>>(), ["error", "error_description", "iss"]);
}

#[tokio::test]
async fn form_post_sends_itself_or_by_a_button() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    rp.sign_in(&mut ana).await;
    let ask = rp.ask().with("response_mode", "form_post");
    let page = ana.browser.get(&ask.path()).await;
    assert_eq!(page.status, 200);
    let answer = Answer::of(&page);
    assert_eq!((answer.address.as_str(), answer.is_form), (rp.redirect_uri.as_str(), true));
    assert_eq!(answer.parameters.keys().collect::<Vec<_>>(), ["code", "iss", "state"]);
    assert!(page.has("form[data-send] button[type=submit]"), "a button for browsers without scripts");
    assert!(page.has("script[src]"), "a script for the others");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(!policy.contains("form-action"), "where the browser goes from there is the service's to say: {policy}");
    assert_eq!(page.headers["cache-control"], "no-store");
    assert!(!page.path.contains(answer.code()), "nothing in a URL");
    rp.exchange(&ask, answer.code()).await.expect(200);
}

#[tokio::test]
async fn form_post_keeps_what_looks_like_markup_as_text() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let state = r#""><script>alert(1)</script><input name="code" value="mine"#;
    let ask = rp.ask().with("response_mode", "form_post").with("state", state).with("prompt", "none");
    let page = app.browser().get(&ask.path()).await;
    let answer = Answer::of(&page);
    assert_eq!((answer.get("state"), answer.error()), (state, "login_required"));
    assert!(!answer.parameters.contains_key("code") && !page.html.contains("<script>alert"));
}

#[tokio::test]
async fn errors_travel_as_the_client_wishes() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    for (mode, is_form) in
        [("form_post", true), ("query", false), ("fragment", false), ("form_post.jwt", true), ("jwt", false)]
    {
        let ask = rp.ask().with("response_mode", mode).with("prompt", "none");
        let answer = Answer::of(&app.browser().get(&ask.path()).await);
        assert_eq!(answer.is_form, is_form);
        answer.expect_error("login_required", &ask, ISSUER);
    }
}

#[tokio::test]
async fn an_unknown_response_mode_is_a_page() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    for mode in ["web_message", "QUERY", "query.JWT", "jwt.jwt", "code", "x"] {
        let page = app.browser().get(&rp.ask().with("response_mode", mode).path()).await;
        page.expect_error(400, "invalid_request");
    }
}

#[tokio::test]
async fn s014_every_answer_names_the_issuer_and_every_redirect_is_a_303() {
    for app in [App::start().await, App::start_on_https().await] {
        let mut ana = app.insert_member("ana").await;
        let rp = app.client("rp").await;
        for mode in ResponseMode::NAMES {
            // The browser of the harness takes no other redirect than a 303.
            let ask = rp.ask().with("response_mode", mode);
            assert_eq!(rp.authorize(&mut ana, &ask).await.get("iss"), app.issuer());
            for (name, value) in
                [("response_type", "token"), ("scope", "email"), ("prompt", "none login"), ("max_age", "soon")]
            {
                let wrong = ask.clone().with(name, value);
                let answer = Answer::of(&ana.browser.get(&wrong.path()).await);
                assert_eq!(answer.get("iss"), app.issuer(), "{name}={value}");
            }
            app.advance(chrono::TimeDelta::seconds(5));
            let page = ana.browser.get(&ask.clone().with("prompt", "consent").path()).await;
            let page = ana.browser.submit(page.form("/consent").with("decision", "deny")).await;
            Answer::of(&page).expect_error("access_denied", &ask, app.issuer());
        }
    }
}

#[tokio::test]
async fn an_answer_is_never_kept_or_passed_on() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    rp.sign_in(&mut ana).await;
    let reply = ana.browser.look(&rp.ask().path()).await.expect(303);
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("referrer-policy"), "same-origin");
}

#[tokio::test]
async fn a_fragment_carries_the_answer_where_the_client_asks_for_it() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").redirect_uris(&["https://rp.test/cb?bar=foo"]).await;
    rp.sign_in(&mut ana).await;
    let ask = rp.ask().with("response_mode", "fragment");
    let page = ana.browser.get(&ask.path()).await;
    let away = page.away.clone().unwrap();
    assert!(away.starts_with("https://rp.test/cb?bar=foo#code="), "{away}");
    let (_, fragment) = away.split_once('#').unwrap();
    assert!(fragment.contains("&state=") && fragment.contains("&iss="), "{fragment}");
    let wrong = ask.with("prompt", "none login");
    let page = ana.browser.get(&wrong.path()).await;
    assert!(page.away.unwrap().starts_with("https://rp.test/cb?bar=foo#error=invalid_request&"));
}
