//! Verifications that need a person, by the API.

use idp_core::admin::Role;
use idp_tests::App;
use serde_json::json;

#[tokio::test]
async fn what_is_not_there_or_not_one_of_the_lists_is_refused() {
    let app = App::start().await;
    let officer = app.program("officer", Role::VerificationOfficer, None).await;
    let list = officer.get("/api/v1/reviews").await.expect(200).json();
    assert_eq!(list["items"], json!([]));
    officer.get("/api/v1/reviews?list=best").await.expect_problem(400, "invalid-request");
    let missing = "/api/v1/reviews/00000000-0000-4000-8000-000000000000";
    officer.call("POST", &format!("{missing}/look"), None).await.expect_problem(404, "not-found");
}
