//! What takes two, by the API.

use chrono::TimeDelta;
use idp_core::admin::Role;
use idp_core::id::ClientId;
use idp_core::scope::Scope;
use idp_tests::{App, Letter, Member};
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
    officer.post(&path, &because).await.expect(201);
    officer.post(&path, &because).await.expect_problem(409, "already");
    let detail = officer.post(&format!("/api/v1/members/{}/look", ana.id), &because).await.expect(200).json();
    let id = detail["withdrawal"].as_str().unwrap();
    // It stands in the list, with what it would do.
    let listed = officer.get("/api/v1/approvals").await.expect(200).json();
    let entry = &listed["items"][0];
    assert_eq!((&entry["id"], &entry["kind"]), (&json!(id), &json!("badge.withdrawal")));
    assert_eq!((&entry["subject"], &entry["reason"]), (&json!(ana.id.to_string()), &because["reason"]));
    assert!(entry["effect"].as_str().unwrap().contains("temporary anew"), "{entry}");
    let path = format!("/api/v1/approvals/{id}/member-decision");
    let yes = json!({ "decision": "approved", "reason": "case 17, looked at" });
    officer.post(&path, &yes).await.expect_problem(403, "second-person");
    let other = app.program("other", Role::VerificationOfficer, None).await;
    other.post(&path, &yes).await.expect_problem(403, "second-person");
    officer
        .post(&format!("/api/v1/approvals/{id}/client-decision"), &json!({ "decision": "approved" }))
        .await
        .expect_problem(403, "not-permitted");
    assert!(ana.account().await.badge().is_some());
    // A person decides, in the console.
    let mut ben = app.insert_staff("ben", Role::VerificationOfficer, None).await;
    app.advance(TimeDelta::seconds(1));
    let page = ben.browser.get("/admin/approvals").await;
    assert!(page.text("#approvals").contains("officer"), "the program is named");
    let form = page.form("/admin/approvals/members").with("decision", "approved").with("reason", "case 17, seen");
    ben.browser.submit(form).await;
    assert!(ana.account().await.badge().is_none());
    other.post(&path, &yes).await.expect_problem(409, "not-as-it-stands");
    let decided = other.get(&format!("/api/v1/approvals/{id}")).await.expect(200).json();
    assert_eq!((&decided["decision"], &decided["decided_by"]), (&json!("approved"), &json!(ben.id.to_string())));
}

/// A person asks in the console for a member's badge to be withdrawn.
async fn asked_in_the_console(app: &App, member: &Member) -> String {
    let mut officer = app.insert_staff("asker", Role::VerificationOfficer, None).await;
    let path = format!("/admin/members/{}", member.id);
    let page = officer.browser.get(&path).await;
    let page = officer.browser.submit(page.form(&format!("{path}/open")).with("reason", "fraud, case 9/2026")).await;
    officer.browser.submit(page.form(&format!("{path}/badge")).with("reason", "fraud, case 9/2026")).await;
    app.store.approvals(None, 1).await.unwrap()[0].id.to_string()
}

#[tokio::test]
async fn a_program_decides_about_a_badge_as_a_person_asked() {
    let app = App::start().await;
    let ana = app.insert_permanent("ana").await;
    let id = asked_in_the_console(&app, &ana).await;
    let path = format!("/api/v1/approvals/{id}/member-decision");
    let yes = json!({ "decision": "approved", "reason": "case 9/2026, looked at" });
    for (name, role) in [("helper", Role::SupportOfficer), ("auditor", Role::Auditor)] {
        app.program(name, role, None).await.post(&path, &yes).await.expect_problem(403, "not-permitted");
    }
    let officer = app.program("officer", Role::VerificationOfficer, None).await;
    for (body, setting) in [
        (json!({ "decision": "maybe", "reason": "case 9/2026, looked at" }), "decision"),
        (json!({ "decision": "approved", "reason": "x" }), "reason"),
        (json!({ "decision": "approved", "reason": "it is ana@mail.example" }), "reason"),
    ] {
        let refused = officer.post(&path, &body).await.expect_problem(422, "unprocessable").json();
        assert_eq!(refused["errors"][0]["setting"], setting, "{refused}");
    }
    officer.post(&path, &json!({ "decision": "approved" })).await.expect_problem(422, "unprocessable");
    assert!(ana.account().await.badge().is_some());
    app.advance(TimeDelta::seconds(1));
    let decided = officer.post(&path, &yes).await.expect(200).json();
    assert_eq!(decided["decision"], "approved");
    assert!(ana.account().await.badge().is_none());
    assert!(matches!(app.letters_to(&ana.email).await.last(), Some(Letter::BadgeWithdrawn { .. })));
    officer.post(&path, &yes).await.expect_problem(409, "not-as-it-stands");
}

#[tokio::test]
async fn what_is_declined_or_too_late_changes_nothing_about_a_member() {
    let app = App::start().await;
    let ana = app.insert_permanent("ana").await;
    let id = asked_in_the_console(&app, &ana).await;
    let officer = app.program("officer", Role::VerificationOfficer, None).await;
    let path = format!("/api/v1/approvals/{id}/member-decision");
    let no = json!({ "decision": "declined", "reason": "no fraud was found" });
    assert_eq!(officer.post(&path, &no).await.expect(200).json()["decision"], "declined");
    let ben = app.insert_permanent("ben").await;
    officer
        .post(&format!("/api/v1/members/{}/badge-withdrawal", ben.id), &json!({ "reason": "case 18" }))
        .await
        .expect(201);
    let late = app.store.approvals(None, 1).await.unwrap()[0].id;
    app.advance(TimeDelta::days(7));
    let mut person = app.insert_staff("person", Role::VerificationOfficer, None).await;
    let page = person.browser.get("/admin/approvals").await;
    let mut form = page.form("/language").with("id", &late.to_string()).with("decision", "approved");
    form.action = "/admin/approvals/members".to_owned();
    person.browser.submit(form.with("reason", "case 18, seen")).await.expect_error(403, "not_decided");
    assert!(ana.account().await.badge().is_some() && ben.account().await.badge().is_some());
    officer.again().await.get("/api/v1/approvals/nothing").await.expect_problem(404, "not-found");
}
