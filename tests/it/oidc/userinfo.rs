//! `/userinfo`: how the token comes, and when it counts.

use axum::body::Body;
use axum::http::{Method, Request, header};
use chrono::TimeDelta;
use idp_tests::{App, FORM, Reply, encoded};

async fn ask(app: &App, method: Method, header: Option<&str>, form: Option<&str>) -> Reply {
    let mut request = Request::builder().method(method).uri("/userinfo");
    if let Some(value) = header {
        request = request.header(header::AUTHORIZATION, value);
    }
    if form.is_some() {
        request = request.header(header::CONTENT_TYPE, FORM);
    }
    app.send(request.body(Body::from(form.unwrap_or_default().to_owned())).unwrap()).await
}

/// RFC 6750 §3: the challenge names the error, and nothing else is told.
#[track_caller]
fn is_refused(reply: &Reply, status: u16, error: Option<&str>) {
    assert_eq!(reply.status.as_u16(), status, "{}", reply.body);
    let challenge = reply.header("www-authenticate");
    assert!(challenge.starts_with("Bearer "), "{challenge}");
    match error {
        Some(error) => assert!(challenge.contains(&format!("error=\"{error}\"")), "{challenge}"),
        None => assert!(!challenge.contains("error"), "{challenge}"),
    }
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.body, "");
}

#[tokio::test]
async fn get_post_header_and_post_form_give_the_same() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    let bearer = format!("Bearer {}", tokens.access);
    let form = encoded(&[("access_token", tokens.access.as_str())]);
    let mut bodies = Vec::new();
    for reply in [
        ask(&app, Method::GET, Some(&bearer), None).await,
        ask(&app, Method::GET, Some(&bearer.replace("Bearer", "bEARER")), None).await,
        ask(&app, Method::POST, Some(&bearer), None).await,
        ask(&app, Method::POST, Some(&bearer), Some("")).await,
        ask(&app, Method::POST, None, Some(&form)).await,
    ] {
        let reply = reply.expect(200);
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!(reply.header("cache-control"), "no-store");
        assert_eq!(reply.json()["sub"], tokens.id.claims["sub"]);
        bodies.push(reply.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
}

#[tokio::test]
async fn two_tokens_at_once_are_an_invalid_request() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    let bearer = format!("Bearer {}", tokens.access);
    let form = encoded(&[("access_token", tokens.access.as_str())]);
    is_refused(&ask(&app, Method::POST, Some(&bearer), Some(&form)).await, 400, Some("invalid_request"));
    let twice = format!("{form}&{form}");
    is_refused(&ask(&app, Method::POST, None, Some(&twice)).await, 400, Some("invalid_request"));
    let request =
        Request::get("/userinfo").header(header::AUTHORIZATION, &bearer).header(header::AUTHORIZATION, &bearer);
    is_refused(&app.send(request.body(Body::empty()).unwrap()).await, 400, Some("invalid_request"));
}

#[tokio::test]
async fn no_token_is_asked_for_one() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    is_refused(&ask(&app, Method::GET, None, None).await, 401, None);
    is_refused(&ask(&app, Method::POST, None, Some("")).await, 401, None);
    // RFC 6750 §2.3: a token in the query ends in logs; it is not read.
    let query = encoded(&[("access_token", tokens.access.as_str())]);
    is_refused(&app.get(&format!("/userinfo?{query}")).await, 401, None);
    // Nor is one in a form that a GET carries, nor a session's cookie.
    let request = ana.browser.request(Method::GET, "/userinfo").body(Body::empty()).unwrap();
    is_refused(&app.send(request).await, 401, None);
}

#[tokio::test]
async fn other_schemes_and_odd_headers_are_refused() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    for value in [
        format!("Basic {}", tokens.access),
        format!("Bearer{}", tokens.access),
        format!("Bearer {0} {0}", tokens.access),
        format!("Bearer \"{}\"", tokens.access),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        rp.basic(),
    ] {
        is_refused(&ask(&app, Method::GET, Some(&value), None).await, 401, Some("invalid_token"));
    }
    let bound = format!("DPoP {}", tokens.access);
    let reply = ask(&app, Method::GET, Some(&bound), None).await.expect(401);
    let challenge = reply.header("www-authenticate");
    assert!(challenge.starts_with("DPoP error=\"invalid_token\""), "{challenge}");
}

#[tokio::test]
async fn an_access_token_lives_five_minutes() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    app.advance(TimeDelta::seconds(299));
    rp.userinfo(&tokens.access).await.expect(200);
    app.advance(TimeDelta::seconds(1));
    is_refused(&rp.userinfo(&tokens.access).await, 401, Some("invalid_token"));
}

#[tokio::test]
async fn an_access_token_dies_with_its_session() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    ana.sign_out().await;
    is_refused(&rp.userinfo(&tokens.access).await, 401, Some("invalid_token"));
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let app = App::start().await;
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        ask(&app, method, None, None).await.expect(405);
    }
}
