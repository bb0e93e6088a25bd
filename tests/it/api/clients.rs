//! Clients by the API: the console's rules.

use chrono::TimeDelta;
use idp_core::admin::{Role, program_id};
use idp_core::client::ClientStatus;
use idp_core::id::ClientId;
use idp_store::AuditFilter;
use idp_tests::App;
use serde_json::json;

use super::settings;

#[tokio::test]
async fn a_program_registers_a_client_puts_it_to_use_and_rotates_its_secret() {
    let app = App::start().await;
    let root = app.program("root", Role::SuperAdmin, None).await;
    let made = root.post("/api/v1/clients", &json!({ "client_id": "new", "settings": settings() })).await.expect(201);
    assert_eq!(made.header("cache-control"), "no-store");
    let made = made.json();
    let secret = made["client_secret"].as_str().unwrap().to_owned();
    assert_eq!((secret.len(), made["status"].as_str()), (43, Some("draft")), "{made}");
    let shown = root.get("/api/v1/clients/new").await.expect(200);
    assert!(!shown.body.contains(&secret) && !shown.body.contains("client_secret\""), "{}", shown.body);
    let client = app.store.client(&ClientId::parse("new").unwrap()).await.unwrap().unwrap();
    assert_eq!(client.owner.en, "Department of Internal Trade");
    app.advance(TimeDelta::seconds(1));
    let step = |word: &str| json!({ "step": word });
    root.post("/api/v1/clients/new/state", &step("activate")).await.expect(200);
    root.post("/api/v1/clients/new/state", &step("activate")).await.expect_problem(409, "not-as-it-stands");
    root.post("/api/v1/clients/new/state", &step("retire")).await.expect_problem(422, "unprocessable");
    app.advance(TimeDelta::seconds(1));
    root.call("DELETE", "/api/v1/clients/new/secret/older", None).await.expect_problem(409, "not-as-it-stands");
    let rotated = root.call("POST", "/api/v1/clients/new/secret", None).await.expect(200).json();
    assert_ne!(rotated["client_secret"], secret);
    assert_eq!(rotated["secrets"].as_array().unwrap().len(), 2);
    app.advance(TimeDelta::seconds(1));
    let ended = root.call("DELETE", "/api/v1/clients/new/secret/older", None).await.expect(200).json();
    assert_eq!(ended["secrets"].as_array().unwrap().len(), 1);
    // Every line says that the program did it.
    let filter = AuditFilter { actor: Some(program_id(&root.rp.client.id)), ..AuditFilter::default() };
    let lines = app.store.audit_lines(&filter, None, 10).await.unwrap();
    let actions: Vec<&str> = lines.iter().map(|line| line.action.as_str()).collect();
    assert_eq!(
        actions,
        ["client.secret_rotated", "client.secret_rotated", "client.state_changed", "client.registered"]
    );
    assert!(lines.iter().all(|line| line.actor == "program" && line.client_id == ClientId::parse("new")));
}

#[tokio::test]
async fn settings_go_out_as_they_come_in() {
    let app = App::start().await;
    let root = app.program("root", Role::SuperAdmin, None).await;
    let made = root.post("/api/v1/clients", &json!({ "settings": settings() })).await.expect(201).json();
    let path = format!("/api/v1/clients/{}", made["client_id"].as_str().unwrap());
    let mut wished = made["settings"].clone();
    wished["redirect_uris"] = json!(["https://service.example/other"]);
    wished["membership"] = json!("permanent-only");
    app.advance(TimeDelta::seconds(1));
    let changed = root.call("PUT", &path, Some(&wished)).await.expect(200).json();
    assert_eq!(changed["settings"], wished);
    assert_eq!(changed["secrets"], made["secrets"], "the secret stays");
}

#[tokio::test]
async fn everything_that_is_wrong_is_named_at_once_with_its_setting() {
    let app = App::start_with(|config| config.clients.allow_loopback_http_redirects = false).await;
    let root = app.program("root", Role::SuperAdmin, None).await;
    let mut wrong = settings();
    wrong["redirect_uris"] = json!(["https://*.service.example/cb", "http://localhost/cb"]);
    wrong["name"]["th"] = json!("");
    wrong["id_token_signed_response_alg"] = json!("EdDSA");
    let reply = root.post("/api/v1/clients", &json!({ "settings": wrong })).await.expect_problem(422, "unprocessable");
    let body = reply.json();
    let settings: Vec<&str> =
        body["errors"].as_array().unwrap().iter().filter_map(|error| error["setting"].as_str()).collect();
    for setting in ["redirect_uris", "name", "id_token_signed_response_alg"] {
        assert!(settings.contains(&setting), "{setting}: {body}");
    }
}

/// The 13-digit number takes two people by every door: it is not set, it is asked for.
#[tokio::test]
async fn citizen_id_cannot_be_set() {
    let app = App::start().await;
    let root = app.program("root", Role::SuperAdmin, None).await;
    let mut greedy = settings();
    greedy["scopes"] = json!(["openid", "citizen_id"]);
    let asked = json!({ "client_id": "greedy", "settings": greedy });
    root.post("/api/v1/clients", &asked).await.expect_problem(422, "unprocessable");
    root.post("/api/v1/clients", &json!({ "client_id": "modest", "settings": settings() })).await.expect(201);
    root.call("PUT", "/api/v1/clients/modest", Some(&greedy)).await.expect_problem(422, "unprocessable");
}

/// S085, S088: a program stays in its department; nobody touches a program with roles but super admins; no program
/// touches itself. Refused in the same words whether a client is there or not.
#[tokio::test]
async fn s088_one_clients_credentials_do_nothing_to_another() {
    let app = App::start().await;
    let dit = app.program("dit", Role::ClientAdmin, Some("dit")).await;
    let dft = app.program("dft", Role::ClientAdmin, Some("dft")).await;
    dit.post("/api/v1/clients", &json!({ "client_id": "theirs", "settings": settings() })).await.expect(201);
    let mut moved = settings();
    moved["department"] = json!("dft");
    dit.call("PUT", "/api/v1/clients/theirs", Some(&moved)).await.expect_problem(422, "unprocessable");
    let ana = app.insert_member("ana").await;
    let before = app.store.table_digests(&["audit_log", "audit_seals"]).await.unwrap();
    for path in ["theirs", "nothing", "rp", "dft", "dit"] {
        for (method, rest, body) in [
            ("GET", "", None),
            ("PUT", "", Some(settings())),
            ("POST", "/secret", None),
            ("DELETE", "/secret/older", None),
            ("POST", "/state", Some(json!({ "step": "suspend" }))),
        ] {
            let reply = dft.call(method, &format!("/api/v1/clients/{path}{rest}"), body.as_ref()).await;
            reply.expect_problem(403, "not-permitted");
        }
    }
    // Members and staff are beyond a client admin's program.
    let because = json!({ "reason": "case 12" });
    dft.post(&format!("/api/v1/members/{}/suspend", ana.id), &because).await.expect_problem(403, "not-permitted");
    dft.get("/api/v1/staff").await.expect_problem(403, "not-permitted");
    let role = json!({ "client_id": "dft", "role": "super-admin" });
    dft.post("/api/v1/staff", &role).await.expect_problem(403, "not-permitted");
    let after = app.store.table_digests(&["audit_log", "audit_seals"]).await.unwrap();
    assert_eq!(before, after);
}

/// A client admin of the department cannot get at the roles of a program by way of its secret.
#[tokio::test]
async fn s085_a_program_with_roles_is_looked_after_by_super_admins_alone() {
    let app = App::start().await;
    let dit = app.program("dit", Role::ClientAdmin, Some("dit")).await;
    let mut strong = app.program("strong", Role::SuperAdmin, None).await;
    strong.rp.change(|client| client.department = idp_core::admin::Department::parse("dit").ok()).await;
    dit.call("POST", "/api/v1/clients/strong/secret", None).await.expect_problem(403, "not-permitted");
    strong.call("POST", "/api/v1/clients/strong/secret", None).await.expect_problem(403, "not-permitted");
    let mut person = app.insert_staff("person", Role::ClientAdmin, Some("dit")).await;
    let token = person.browser.get("/admin").await.form("/language").value("csrf").to_owned();
    let page = person.browser.get("/admin/client/strong").await;
    assert_eq!(page.status, 200);
    let mut form = page.form("/language").with("csrf", &token);
    form.action = "/admin/client/strong/secret".to_owned();
    person.browser.submit(form).await.expect_error(403, "not_permitted");
    let root = app.program("root", Role::SuperAdmin, None).await;
    app.advance(TimeDelta::seconds(1));
    root.call("POST", "/api/v1/clients/strong/secret", None).await.expect(200);
    assert_eq!(app.store.client(&strong.rp.client.id).await.unwrap().unwrap().status, ClientStatus::Active);
}
