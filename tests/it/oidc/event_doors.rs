//! That its registration changed is told to a service whichever door the change came through: console, API, the client
//! itself (RFC 7592). The command line's is tested with it.

use axum::http::Method;
use chrono::TimeDelta;
use idp_core::admin::Role;
use idp_core::client::{EventFeedDraft, EventKind};
use idp_core::id::ClientId;
use idp_tests::{App, Member};
use idp_web::clients::ClientSettings;
use serde_json::json;

use super::registration::{path_of, register, registered, send, text, token};

/// How many changes wait to be fetched.
async fn told(app: &App, id: &str) -> usize {
    let id = ClientId::parse(id).unwrap();
    let waiting = app.store.open_events(&id, 100).await.unwrap();
    assert!(waiting.iter().all(|event| event.kind == EventKind::ClientChanged && event.account_id.is_none()));
    waiting.len()
}

/// A form of the console sent by a member of staff.
async fn sent(root: &mut Member, page: &str, action: &str, fields: &[(&str, &str)]) {
    let page = root.browser.get(page).await;
    let form = fields.iter().fold(page.form(action), |form, (name, value)| form.with(name, value));
    let page = root.browser.submit(form).await;
    assert!(page.status.is_success(), "{action}: {}", page.text("main"));
}

async fn wanting(app: &App) -> idp_tests::Client {
    let wanting = app.client("rp").with(|draft| {
        draft.events = EventFeedDraft { kinds: vec!["client-changed".to_owned()], push: None };
    });
    wanting.await
}

#[tokio::test]
async fn the_console_tells_a_service_of_each_change() {
    let app = App::start().await;
    wanting(&app).await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let mut other = app.insert_staff("other", Role::SuperAdmin, None).await;
    let mut changes = 0;
    let own = [("name_en", "Another name"), ("owner", "somchai@moc.example"), ("department", "dit")];
    let ask = [("kind", "client.citizen_id"), ("reason", "the law asks for it")];
    let (edit, state) = ("/admin/client/rp/edit", "/admin/client/rp/state");
    let page = "/admin/client/rp";
    for (on, action, fields, told_of) in [
        (edit, edit, &own as &[(&str, &str)], 1),
        (page, "/admin/client/rp/secret", &[], 1),
        (page, "/admin/client/rp/ask", &ask, 0),
    ] {
        app.advance(TimeDelta::seconds(1));
        sent(&mut root, on, action, fields).await;
        changes += told_of;
        assert_eq!(told(&app, "rp").await, changes, "{action}");
    }
    // What was asked for is a change once the second person allows it.
    app.advance(TimeDelta::seconds(1));
    sent(&mut other, "/admin/approvals", "/admin/approvals/clients", &[("decision", "approved")]).await;
    assert_eq!(told(&app, "rp").await, changes + 1);
    for step in ["suspend", "resume"] {
        app.advance(TimeDelta::seconds(1));
        sent(&mut root, page, state, &[("step", step)]).await;
    }
    assert_eq!(told(&app, "rp").await, changes + 3);
    app.advance(TimeDelta::seconds(1));
    sent(&mut root, page, "/admin/client/rp/ask", &[("kind", "client.removal"), ("reason", "no longer used")]).await;
    sent(&mut other, "/admin/approvals", "/admin/approvals/clients", &[("decision", "approved")]).await;
    assert_eq!(told(&app, "rp").await, changes + 4, "its end is a change as well");
}

#[tokio::test]
async fn the_api_tells_a_service_of_each_change() {
    let app = App::start().await;
    let rp = wanting(&app).await;
    let root = app.program("root", Role::SuperAdmin, None).await;
    let mut settings = serde_json::to_value(ClientSettings::of(&rp.client)).unwrap();
    settings["name"]["en"] = json!("Another name");
    settings["department"] = json!("dit");
    settings["owner_email"] = json!("somchai@moc.example");
    let calls = [
        ("PUT", "", Some(settings)),
        ("POST", "/secret", None),
        ("DELETE", "/secret/older", None),
        ("POST", "/state", Some(json!({ "step": "suspend" }))),
        ("POST", "/state", Some(json!({ "step": "resume" }))),
    ];
    for (number, (method, rest, body)) in calls.into_iter().enumerate() {
        app.advance(TimeDelta::seconds(1));
        let reply = root.call(method, &format!("/api/v1/clients/rp{rest}"), body.as_ref()).await;
        assert!(reply.status.is_success(), "{method} {rest}: {}", reply.body);
        assert_eq!(told(&app, "rp").await, number + 1, "{method} {rest}");
    }
    // What changes nothing, and what is refused, is not told.
    root.get("/api/v1/clients/rp").await.expect(200);
    root.post("/api/v1/clients/rp/state", &json!({ "step": "resume" })).await.expect_problem(409, "not-as-it-stands");
    assert_eq!(told(&app, "rp").await, 5);
}

#[tokio::test]
async fn a_service_that_changes_its_own_registration_is_told_of_it() {
    let app = App::start_with(|config| config.clients.registration = true).await;
    let metadata = json!({ "client_name": "Service", "redirect_uris": ["https://rp.test/cb"] });
    let made = register(&app, &token(&app).await, metadata.clone()).await.expect(201);
    let (path, access, id) = (path_of(&made, &app), text(&made, "registration_access_token"), text(&made, "client_id"));
    // It wants to hear of it: staff say so.
    let root = app.program("root", Role::SuperAdmin, None).await;
    app.advance(TimeDelta::seconds(1));
    let mut settings = serde_json::to_value(ClientSettings::of(&registered(&app, &made).await)).unwrap();
    settings["events"] = json!(["client-changed"]);
    settings["department"] = json!("dit");
    settings["owner_email"] = json!("somchai@moc.example");
    let reply = root.call("PUT", &format!("/api/v1/clients/{id}"), Some(&settings)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(told(&app, &id).await, 1, "that is the first change");
    let mut changed = metadata;
    changed["client_id"] = json!(id);
    changed["redirect_uris"] = json!(["https://rp.test/other"]);
    app.advance(TimeDelta::seconds(1));
    send(&app, Method::PUT, &path, &access, Some(changed)).await.expect(200);
    assert_eq!(told(&app, &id).await, 2);
    app.advance(TimeDelta::seconds(1));
    send(&app, Method::DELETE, &path, &access, None).await.expect(204);
    assert_eq!(told(&app, &id).await, 3);
}
