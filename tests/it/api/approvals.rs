//! What takes two, by the API.

use chrono::TimeDelta;
use idp_core::admin::Role;
use idp_core::id::ClientId;
use idp_core::scope::Scope;
use idp_tests::App;
use serde_json::json;

async fn has_number(app: &App) -> bool {
    let client = app.store.client(&ClientId::parse("rp").unwrap()).await.unwrap().unwrap();
    client.scopes.contains(Scope::CitizenId)
}

#[tokio::test]
async fn a_program_never_decides_what_it_asked_nor_what_another_program_asked() {
    let app = App::start().await;
    app.client("rp").await;
    let one = app.program("one", Role::SuperAdmin, None).await;
    let two = app.program("two", Role::SuperAdmin, None).await;
    let asked = json!({ "kind": "client.citizen_id", "reason": "the law asks for it" });
    let approval = one.post("/api/v1/clients/rp/approvals", &asked).await.expect(201).json();
    one.post("/api/v1/clients/rp/approvals", &asked).await.expect_problem(409, "already");
    let path = format!("/api/v1/approvals/{}/client-decision", approval["id"].as_str().unwrap());
    let yes = json!({ "decision": "approved" });
    one.post(&path, &yes).await.expect_problem(403, "second-person");
    two.post(&path, &yes).await.expect_problem(403, "second-person");
    assert!(!has_number(&app).await);
    // A person decides, in the console.
    let mut ana = app.insert_staff("ana", Role::SuperAdmin, None).await;
    let page = ana.browser.get("/admin/approvals").await;
    assert!(page.html.contains("one"), "the program is named");
    app.advance(TimeDelta::seconds(1));
    ana.browser.submit(page.form("/admin/approvals/clients").with("decision", "approved")).await;
    assert!(has_number(&app).await);
    let decided = two.get(&format!("/api/v1/approvals/{}", approval["id"].as_str().unwrap())).await.expect(200).json();
    assert_eq!((&decided["decision"], &decided["decided_by"]), (&json!("approved"), &json!(ana.id.to_string())));
    two.post(&path, &yes).await.expect_problem(409, "not-as-it-stands");
}

#[tokio::test]
async fn a_program_decides_what_a_person_asked() {
    let app = App::start().await;
    app.client("rp").await;
    let mut ana = app.insert_staff("ana", Role::SuperAdmin, None).await;
    let page = ana.browser.get("/admin/client/rp").await;
    let form = page.form("/admin/client/rp/ask").with("kind", "client.citizen_id").with("reason", "the law");
    ana.browser.submit(form).await;
    let one = app.program("one", Role::SuperAdmin, None).await;
    let list = one.get("/api/v1/approvals").await.expect(200).json();
    let id = list["items"][0]["id"].as_str().unwrap();
    app.advance(TimeDelta::seconds(1));
    let path = format!("/api/v1/approvals/{id}/client-decision");
    one.post(&path, &json!({ "decision": "maybe" })).await.expect_problem(422, "unprocessable");
    one.post(&path, &json!({ "decision": "approved" })).await.expect(200);
    assert!(has_number(&app).await);
}

#[tokio::test]
async fn a_badge_is_withdrawn_by_a_program_and_a_person() {
    let app = App::start().await;
    let ana = app.insert_permanent("ana").await;
    let officer = app.program("officer", Role::VerificationOfficer, None).await;
    let because = json!({ "reason": "case 17, a mistake" });
    let path = format!("/api/v1/members/{}/badge-withdrawal", ana.id);
    officer.post(&path, &because).await.expect(200);
    officer.post(&path, &because).await.expect_problem(409, "not-as-it-stands");
    let detail = officer.post(&format!("/api/v1/members/{}/look", ana.id), &because).await.expect(200).json();
    let id = detail["withdrawal"].as_str().unwrap();
    let path = format!("/api/v1/approvals/{id}/member-decision");
    let yes = json!({ "decision": "approved", "reason": "case 17, looked at" });
    officer.post(&path, &yes).await.expect_problem(403, "second-person");
    let account = || async { app.store.account(ana.id).await.unwrap().unwrap() };
    assert!(account().await.account.badge().is_some());
}
