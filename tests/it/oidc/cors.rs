//! Programs in browsers: what they may reach from their own site.

use axum::body::Body;
use axum::http::{Method, Request, header};
use idp_core::client::ClientStatus;
use idp_tests::{App, FORM, Reply, encoded};

async fn from(app: &App, origin: &str, method: Method, path: &str, body: &str) -> Reply {
    let request = Request::builder().method(method).uri(path).header(header::ORIGIN, origin);
    app.send(request.header(header::CONTENT_TYPE, FORM).body(Body::from(body.to_owned())).expect("a request")).await
}

async fn preflight(app: &App, origin: &str, path: &str) -> Reply {
    let request = Request::options(path)
        .header(header::ORIGIN, origin)
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
        .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization");
    app.send(request.body(Body::empty()).expect("a request")).await
}

fn allowed(reply: &Reply) -> &str {
    assert_eq!(reply.header("access-control-allow-credentials"), "", "no cookie counts there");
    reply.header("access-control-allow-origin")
}

#[tokio::test]
async fn token_and_userinfo_answer_the_sites_of_clients_and_no_others() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mut spa = app.client("spa").public().await;
    app.client("dev").public().redirect_uris(&["http://localhost:3000/cb"]).await;
    let tokens = spa.sign_in(&mut ana).await;
    let fields = [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh.as_str()), ("client_id", "spa")];
    for origin in ["https://spa.test", "http://localhost:3000"] {
        for path in ["/token", "/userinfo"] {
            let reply = preflight(&app, origin, path).await.expect(204);
            assert_eq!(allowed(&reply), origin);
            assert!(reply.header("access-control-allow-headers").contains("authorization"));
            assert_eq!(reply.header("vary"), "Origin");
            // The answer to a mistake can be read as well.
            let reply = from(&app, origin, Method::POST, path, "").await;
            assert_eq!(allowed(&reply), origin);
            assert!((400..500).contains(&reply.status.as_u16()));
        }
    }
    for origin in
        ["https://evil.test", "https://spa.test.evil.test", "http://spa.test", "https://spa.test:8443", "null", "*"]
    {
        for path in ["/token", "/userinfo"] {
            assert_eq!(allowed(&preflight(&app, origin, path).await), "", "{origin}");
            assert_eq!(allowed(&from(&app, origin, Method::POST, path, "").await), "", "{origin}");
        }
    }
    let reply = from(&app, "https://spa.test", Method::POST, "/token", &encoded(&fields)).await.expect(200);
    assert_eq!((allowed(&reply), reply.header("vary")), ("https://spa.test", "Origin"));
    // A client that is switched off has no site any more, at once.
    spa.change(|client| client.status = ClientStatus::Suspended).await;
    assert_eq!(allowed(&preflight(&app, "https://spa.test", "/token").await), "");
}

#[tokio::test]
async fn what_is_public_is_there_for_any_site() {
    let app = App::start().await;
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/jwks.json"] {
        for reply in [from(&app, "https://any.test", Method::GET, path, "").await.expect(200), app.get(path).await] {
            assert_eq!((allowed(&reply), reply.header("vary")), ("*", ""), "{path}");
        }
        assert_eq!(allowed(&preflight(&app, "https://any.test", path).await.expect(204)), "*");
    }
}

#[tokio::test]
async fn pages_and_other_endpoints_answer_no_site() {
    let app = App::start_with(|config| config.clients.registration = true).await;
    app.client("spa").public().await;
    for path in ["/authorize", "/login", "/consent", "/logout", "/profile", "/auth/accesstoken", "/connect/register"] {
        assert_eq!(allowed(&preflight(&app, "https://spa.test", path).await), "", "{path}");
        assert_eq!(allowed(&from(&app, "https://spa.test", Method::GET, path, "").await), "", "{path}");
    }
}
