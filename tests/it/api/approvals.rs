//! What takes two people, by the API: it is read there. A program is whoever holds its secret, and nobody besides.

use chrono::TimeDelta;
use idp_core::admin::{Operation, Role};
use idp_core::id::ClientId;
use idp_core::scope::Scope;
use idp_tests::{App, Member};
use idp_web::api::routes::addresses;
use serde_json::json;

async fn ask(member: &mut Member) {
    let page = member.browser.get("/admin/client/rp").await;
    let form = page.form("/admin/client/rp/ask").with("kind", "client.citizen_id").with("reason", "the law");
    member.browser.submit(form).await;
}

/// A super admin makes a program's secret anew, and is then two, unless programs neither ask nor decide.
#[tokio::test]
async fn a_program_asks_for_nothing_and_decides_nothing() {
    let app = App::start().await;
    app.client("rp").await;
    let one = app.program("one", Role::SuperAdmin, None).await;
    let because = json!({ "kind": "client.citizen_id", "reason": "the law asks for it" });
    one.post("/api/v1/clients/rp/approvals", &because).await.expect_problem(404, "not-found");
    let member = app.insert_permanent("member").await;
    let path = format!("/api/v1/members/{}/badge-withdrawal", member.id);
    one.post(&path, &json!({ "reason": "case 17, a mistake" })).await.expect_problem(404, "not-found");
    let mut ana = app.insert_staff("ana", Role::SuperAdmin, None).await;
    ask(&mut ana).await;
    app.advance(TimeDelta::seconds(1));
    let list = one.get("/api/v1/approvals").await.expect(200).json();
    let id = list["items"][0]["id"].as_str().unwrap();
    assert_eq!(list["items"][0]["asked_by"], json!(ana.id.to_string()));
    for decision in ["client-decision", "member-decision"] {
        let path = format!("/api/v1/approvals/{id}/{decision}");
        let yes = json!({ "decision": "approved", "reason": "case 17, looked at" });
        one.post(&path, &yes).await.expect_problem(404, "not-found");
    }
    let client = app.store.client(&ClientId::parse("rp").unwrap()).await.unwrap().unwrap();
    assert!(!client.scopes.contains(Scope::CitizenId));
    // It hears what came of it.
    let mut ben = app.insert_staff("ben", Role::SuperAdmin, None).await;
    let page = ben.browser.get("/admin/approvals").await;
    ben.browser.submit(page.form("/admin/approvals/clients").with("decision", "approved")).await;
    let decided = one.get(&format!("/api/v1/approvals/{id}")).await.expect(200).json();
    assert_eq!((&decided["decision"], &decided["decided_by"]), (&json!("approved"), &json!(ben.id.to_string())));
}

/// What a person is needed for has no route, whatever its path is.
#[tokio::test]
async fn no_route_does_what_takes_a_person() {
    use Operation::{ApprovalDecideClient, ApprovalDecideMember, BadgeAsk, CaseDecide, ClientAsk};
    let app = App::start().await;
    let persons = [ApprovalDecideClient, ApprovalDecideMember, BadgeAsk, CaseDecide, ClientAsk];
    for address in addresses(app.provider()) {
        assert!(!persons.contains(&address.operation), "{} {}", address.method.as_str(), address.path);
    }
}
