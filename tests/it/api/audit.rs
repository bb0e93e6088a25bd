//! The audit log by the API.

use idp_core::admin::Role;
use idp_tests::App;

#[tokio::test]
async fn lines_are_found_by_the_program_that_did_it_and_the_seals_are_checked() {
    let app = App::start().await;
    let root = app.program("root", Role::SuperAdmin, None).await;
    let ana = app.insert_member("ana").await;
    let because = serde_json::json!({ "reason": "case 12, lost" });
    root.post(&format!("/api/v1/members/{}/end-sessions", ana.id), &because).await.expect(200);
    let auditor = app.program("auditor", Role::Auditor, None).await;
    let lines = auditor.get("/api/v1/audit?actor=root").await.expect(200).json();
    let first = &lines["items"][0];
    assert_eq!((&first["actor"], &first["action"]), (&"program".into(), &"session.ended_by_officer".into()), "{lines}");
    assert_eq!(first["account_id"], ana.id.to_string());
    app.advance(chrono::TimeDelta::seconds(30));
    app.store.seal_audit(app.now(), chrono::TimeDelta::seconds(10)).await.unwrap();
    let checked = auditor.get("/api/v1/audit/verification").await.expect(200).json();
    assert_eq!((&checked["sound"], &checked["seals"]), (&true.into(), &1.into()), "{checked}");
    for query in ["from=yesterday", "actor=%00", "action=DROP%20TABLE", "from=2026-13-01"] {
        auditor.get(&format!("/api/v1/audit?{query}")).await.expect_problem(400, "invalid-request");
    }
}

#[tokio::test]
async fn who_is_shown_to_a_program_is_told_of_it() {
    let app = App::start().await;
    let auditor = app.program("auditor", Role::Auditor, None).await;
    let mut ana = app.insert_member("ana").await;
    let mut elsewhere = ana.elsewhere();
    elsewhere.sign_in().await;
    let lines = auditor.get(&format!("/api/v1/audit?account={}", ana.id)).await.expect(200).json();
    assert_eq!(lines["items"][0]["origin"], elsewhere.browser.address.to_string(), "{lines}");
    let lines = auditor.get("/api/v1/audit?action=session.signed_in").await.expect(200).json();
    assert_eq!(lines["items"][0]["account_id"], ana.id.to_string(), "{lines}");
    let own = ana.browser.get("/profile/data").await;
    assert_eq!(own.texts("#officials > li").len(), 2, "{}", own.text("#seen"));
    assert!(own.text("#officials").contains("บันทึกการตรวจสอบ"));
}
