//! S088: what a client proves itself with opens nothing of another client's, and nothing of members or staff, at any door.

use axum::body::Body;
use axum::http::{Method, Request, header};
use idp_core::client::EventKind;
use idp_tests::{App, Reply, encoded};
use serde_json::json;

use super::registration::{path_of, register, registered, send, text, token};

async fn basic(app: &App, path: &str, credentials: &str, fields: &[(&str, &str)]) -> Reply {
    let request = Request::post(path)
        .header(header::AUTHORIZATION, credentials)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    app.send(request.body(Body::from(encoded(fields))).unwrap()).await
}

#[tokio::test]
async fn s088_one_clients_credentials_open_no_other_clients_doors() {
    let app = App::start_with(|config| config.clients.registration = true).await;
    let thief = app.client("thief").await;
    let rp = app.client("rp").with(|draft| {
        draft.events.kinds = EventKind::ALL.map(|kind| kind.as_str().to_owned()).to_vec();
    });
    let rp = rp.await;
    let mut ana = app.insert_member("ana").await;
    let tokens = rp.sign_in(&mut ana).await;
    let ask = rp.ask();
    let code = rp.authorize(&mut ana, &ask).await.code().to_owned();
    let parameters: Vec<(&str, &str)> =
        ask.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let pushed = rp.call("/par", &parameters, &[]).await.expect(201).json()["request_uri"].as_str().unwrap().to_owned();
    let seen = rp.call("/events", &[], &[]).await.expect(200).json();
    let event = seen["sets"].as_object().unwrap().keys().next().expect("one waits").clone();
    app.unchanged(async {
        // As itself, with what is another's.
        thief.exchange(&ask, &code).await.expect_token_error("invalid_grant");
        thief.refresh(&tokens.refresh, None).await.expect_token_error("invalid_grant");
        for secret in [&tokens.access, &tokens.refresh] {
            let reply = thief.call("/introspect", &[("token", secret)], &[]).await;
            assert!(reply.status.is_client_error() || reply.json()["active"] == json!(false), "{}", reply.body);
            thief.call("/revoke", &[("token", secret)], &[]).await.expect_token_error("unauthorized_client");
        }
        thief.call("/events", &[("ack", &event)], &[]).await.expect_token_error("unauthorized_client");
        let fields = [("client_id", "thief"), ("request_uri", pushed.as_str())];
        let page = app.browser().get(&format!("/authorize?{}", encoded(&fields))).await;
        assert_eq!((page.status.as_u16(), page.away.is_none()), (400, true), "{}", page.text("main"));
        // Under another's name, with its own secret.
        for path in ["/token", "/introspect", "/revoke", "/events", "/par"] {
            let secret = thief.secret.reveal();
            let named = [("client_id", "rp"), ("client_secret", secret), ("token", &tokens.access), ("ack", &event)];
            let grant = [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh.as_str())];
            let fields: Vec<(&str, &str)> = named.into_iter().chain(grant).collect();
            let reply = app.post(path, &encoded(&fields)).await;
            assert_eq!((reply.status.as_u16(), reply.error().as_str()), (401, "invalid_client"), "{path}");
            // Two names in one request are none.
            let fields = [("client_id", "rp"), ("token", tokens.access.as_str())];
            let reply = basic(&app, path, &thief.basic(), &fields).await;
            assert!(matches!(reply.status.as_u16(), 400 | 401), "{path}: {}", reply.body);
        }
    })
    .await;
    // Nothing of it was spent: the event still waits, and the tokens are good.
    let again = rp.call("/events", &[], &[]).await.expect(200).json();
    assert!(again["sets"].as_object().unwrap().contains_key(&event));
    rp.claims(&tokens).await;
}

/// RFC 7592: a registration is looked after with its own token alone.
#[tokio::test]
async fn s088_a_registration_is_opened_by_its_own_token_alone() {
    let app = App::start_with(|config| config.clients.registration = true).await;
    let metadata = json!({ "client_name": "Service", "redirect_uris": ["https://rp.test/cb"] });
    let initial = token(&app).await;
    let (one, two) =
        (register(&app, &initial, metadata.clone()).await, register(&app, &initial, metadata.clone()).await);
    let (one, two) = (one.expect(201), two.expect(201));
    let by_staff = app.client("by-staff").await;
    let before = registered(&app, &one).await;
    let own = text(&one, "registration_access_token");
    let mut changed = metadata;
    changed["client_id"] = one.json()["client_id"].clone();
    changed["redirect_uris"] = json!(["https://rp.test/other"]);
    let program = app.program("program", idp_core::admin::Role::SuperAdmin, None).await;
    app.unchanged(async {
        for stranger in [
            text(&two, "registration_access_token"),
            text(&one, "client_secret"),
            text(&two, "client_secret"),
            initial.clone(),
            program.token.clone(),
        ] {
            for method in [Method::GET, Method::PUT, Method::DELETE] {
                let body = (method == Method::PUT).then(|| changed.clone());
                let reply = send(&app, method.clone(), &path_of(&one, &app), &stranger, body).await;
                assert_eq!((reply.status.as_u16(), reply.error().as_str()), (401, "invalid_token"), "{method}");
            }
        }
        // What was registered by staff has no such door at all.
        let place = format!("/connect/register/{}", by_staff.id());
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let body = (method == Method::PUT).then(|| changed.clone());
            assert_eq!(send(&app, method, &place, &own, body).await.status, 401);
        }
    })
    .await;
    assert_eq!(registered(&app, &one).await, before);
    send(&app, Method::GET, &path_of(&one, &app), &own, None).await.expect(200);
}

/// A service's credentials do nothing to members and staff.
#[tokio::test]
async fn s088_a_services_credentials_reach_neither_members_nor_staff() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    // One that may ask for tokens to the API, and holds no role there.
    let scopes = ["members:read", "members:write", "staff:read", "staff:write", "clients:read"];
    let machine = app.machine("machine", &scopes).await;
    let mut ana = app.insert_member("ana").await;
    let of_ana = rp.sign_in(&mut ana).await.access;
    let own = machine.machine_token().await;
    let because = json!({ "reason": "case 12/2026" });
    app.unchanged(async {
        for (credentials, refusal) in [
            (format!("Bearer {own}"), (403, "not-permitted")),
            (format!("Bearer {of_ana}"), (401, "unauthorized")),
            (rp.basic(), (401, "unauthorized")),
        ] {
            for (method, path) in [
                ("POST", format!("/api/v1/members/{}/suspend", ana.id)),
                ("POST", format!("/api/v1/members/{}/look", ana.id)),
                ("POST", "/api/v1/members/search".to_owned()),
                ("POST", "/api/v1/staff".to_owned()),
                ("GET", "/api/v1/staff".to_owned()),
                ("GET", "/api/v1/clients/rp".to_owned()),
            ] {
                let headers = [("authorization", credentials.as_str())];
                let body = (method == "POST").then_some(&because);
                app.call_api(method, &path, &headers, body).await.expect_problem(refusal.0, refusal.1);
            }
            for path in ["/admin", "/admin/members", "/profile", "/profile/data"] {
                let request = Request::get(path).header(header::AUTHORIZATION, &credentials);
                let reply = app.send(request.body(Body::empty()).unwrap()).await;
                assert!(reply.status == 303 && reply.header("location").starts_with("/login"), "{path}");
            }
        }
    })
    .await;
}
