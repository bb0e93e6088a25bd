//! Members by the API: masked, with reasons, written down.

use idp_core::account::Standing;
use idp_core::admin::Role;
use idp_tests::App;
use serde_json::json;

#[tokio::test]
async fn a_member_is_found_seen_masked_and_helped_and_hears_of_it() {
    let app = App::start().await;
    let mut ana = app.insert_permanent("ana").await;
    let email = app.store.account(ana.id).await.unwrap().unwrap().account.email.as_str().to_owned();
    let helper = app.program("helper", Role::SupportOfficer, None).await;
    let found = helper.post("/api/v1/members/search", &json!({ "words": email })).await.expect(200);
    assert_eq!(found.json()["items"][0]["id"], ana.id.to_string(), "{}", found.body);
    assert!(!found.body.contains(&email), "the address is masked");
    let path = |what: &str| format!("/api/v1/members/{}/{what}", ana.id);
    helper.post(&path("look"), &json!({})).await.expect_problem(422, "unprocessable");
    helper.post(&path("look"), &json!({ "reason": "x" })).await.expect_problem(422, "unprocessable");
    let seen = helper.post(&path("look"), &json!({ "reason": "case 4711" })).await.expect(200);
    assert!(!seen.body.contains(&email) && !seen.body.contains("1000000000017"), "{}", seen.body);
    assert!(
        seen.json()["number"].as_str().is_some_and(|number| number.contains('x') || number.contains('•')),
        "{}",
        seen.body
    );
    // The member reads that it was looked at, and why.
    let page = ana.browser.get("/profile/data").await;
    assert!(page.text("main").contains("case 4711"), "{}", page.text("main"));
    let because = json!({ "reason": "case 4711, stolen telephone" });
    helper.post(&path("suspend"), &because).await.expect(200);
    helper.post(&path("suspend"), &because).await.expect_problem(409, "not-as-it-stands");
    let account = app.store.account(ana.id).await.unwrap().unwrap();
    assert!(matches!(account.account.standing, Standing::Suspended { .. }));
    helper.post(&path("restore"), &because).await.expect(200);
    helper.post(&path("end-sessions"), &because).await.expect(200);
    helper.post(&path("start-recovery"), &because).await.expect(200);
    helper
        .post(&path("extend"), &json!({ "reason": "case 4711", "days": 5 }))
        .await
        .expect_problem(409, "not-as-it-stands");
    // Looked up by number, with a reason, and only by who may.
    let number = json!({ "national_id": "1000000000017", "reason": "case 4711" });
    let reply = helper.post("/api/v1/members/search-number", &number).await.expect(200);
    assert!(!reply.body.contains("1000000000017"));
    let auditor = app.program("auditor", Role::Auditor, None).await;
    auditor.post("/api/v1/members/search-number", &number).await.expect_problem(403, "not-permitted");
}

/// S086: nobody picks a password for a member, and there is no route that would.
#[tokio::test]
async fn s086_recovery_mails_a_link_and_shows_nothing() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let helper = app.program("helper", Role::SupportOfficer, None).await;
    let path = format!("/api/v1/members/{}/start-recovery", ana.id);
    let reply = helper.post(&path, &json!({ "reason": "case 1 on the telephone" })).await.expect(200);
    assert!(!reply.body.contains("token"), "{}", reply.body);
    let chosen = json!({ "reason": "case 1 on the telephone", "password": "chosen for them" });
    helper.post(&path, &chosen).await.expect_problem(422, "unprocessable");
    for method in ["PUT", "PATCH", "DELETE"] {
        let path = format!("/api/v1/members/{}/password", ana.id);
        helper.call(method, &path, None).await.expect_problem(404, "not-found");
    }
}

/// Nobody reaches beyond their role by way of a colleague's account.
#[tokio::test]
async fn staff_are_looked_after_by_super_admins_alone() {
    let app = App::start().await;
    let boss = app.insert_staff("boss", Role::SuperAdmin, None).await;
    let helper = app.program("helper", Role::SupportOfficer, None).await;
    let path = format!("/api/v1/members/{}/suspend", boss.id);
    helper.post(&path, &json!({ "reason": "case 1" })).await.expect_problem(403, "not-permitted");
}
