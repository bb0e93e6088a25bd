//! Roles by the API.

use idp_core::admin::Role;
use idp_tests::App;
use serde_json::json;

#[tokio::test]
async fn roles_are_given_to_people_and_programs_and_end_at_once() {
    let app = App::start().await;
    let root = app.program("root", Role::SuperAdmin, None).await;
    let ana = app.insert_member("ana").await;
    let wished = json!({ "account": ana.id.to_string(), "role": "auditor" });
    let given = root.post("/api/v1/staff", &wished).await.expect(201).json();
    root.post("/api/v1/staff", &wished).await.expect_problem(409, "already");
    app.machine("reports", &["audit:read"]).await;
    let program = json!({ "client_id": "reports", "role": "client-admin", "department": "dit" });
    let program = root.post("/api/v1/staff", &program).await.expect(201).json();
    assert_eq!(program["client_id"], "reports");
    let list = root.get("/api/v1/staff").await.expect(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 3, "{list}");
    let path = format!("/api/v1/staff/{}", given["id"].as_str().unwrap());
    root.call("DELETE", &path, None).await.expect(204);
    root.call("DELETE", &path, None).await.expect_problem(404, "not-found");
    for (wrong, status, word) in [
        (json!({ "account": ana.id.to_string(), "role": "client-admin" }), 422, "unprocessable"),
        (json!({ "account": ana.id.to_string(), "role": "root" }), 422, "unprocessable"),
        (json!({ "role": "auditor" }), 422, "unprocessable"),
        (json!({ "client_id": "nobody", "role": "auditor" }), 404, "not-found"),
        (json!({ "client_id": "root", "role": "auditor" }), 403, "not-permitted"),
    ] {
        root.post("/api/v1/staff", &wrong).await.expect_problem(status, word);
    }
    // A client that only signs members in holds no role.
    app.client("rp").await;
    root.post("/api/v1/staff", &json!({ "client_id": "rp", "role": "auditor" }))
        .await
        .expect_problem(422, "unprocessable");
}

#[tokio::test]
async fn the_console_names_programs_among_the_staff() {
    let app = App::start().await;
    app.program("reports", Role::Auditor, None).await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let page = root.browser.get("/admin/staff").await;
    assert!(page.text("main").contains("reports"), "{}", page.text("main"));
}
