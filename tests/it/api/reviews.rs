//! Verifications that need a person, by the API.

use idp_core::admin::Role;
use idp_store::ReviewList;
use idp_tests::{App, Member, filled_card};
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

/// Somebody presents the card of whoever `holder` was verified as: a review waits.
async fn presents_a_held_number(app: &App) -> (Member, Member, String) {
    let holder = app.insert_member("holder").await;
    let sample = app.promote(&holder).await;
    let mut ana = app.insert_member("ana").await;
    let page = ana.browser.get("/verify/public").await;
    let page = ana.browser.submit(filled_card(page.form("/verify/public"), sample)).await;
    assert_eq!(page.status, 409);
    let (reviews, _) = app.store.reviews(ReviewList::Waiting, None, 9).await.unwrap();
    (holder, ana, reviews[0].id.to_string())
}

#[tokio::test]
async fn a_review_is_read_and_neither_taken_nor_decided() {
    let app = App::start().await;
    let (holder, mut ana, id) = presents_a_held_number(&app).await;
    let one = app.program("one", Role::VerificationOfficer, None).await;
    let listed = one.get("/api/v1/reviews").await.expect(200);
    assert_eq!(listed.json()["items"][0]["id"], id.as_str());
    assert!(!listed.body.contains(&ana.id.to_string()), "it names nobody");
    let seen = one.call("POST", &format!("/api/v1/reviews/{id}/look"), None).await.expect(200);
    let detail = seen.json();
    assert_eq!(
        (&detail["holder"], &detail["review"]["kind"]),
        (&json!(holder.id.to_string()), &json!("held_by_other"))
    );
    assert!(detail["typed"]["number"].as_str().unwrap().contains("x-xxxx"), "{}", seen.body);
    assert!(!seen.body.contains(&ana.email));
    // The member reads that a program looked, and why.
    assert!(ana.browser.get("/profile/data").await.text("main").contains("held_by_other"));
    let case = &detail["review"]["case_id"];
    let yes = json!({ "decision": "approved", "case_id": case, "reason": "seen in person, case 3/2026" });
    for (deed, body) in [("assignment", json!({ "to": "me" })), ("decision", yes)] {
        one.post(&format!("/api/v1/reviews/{id}/{deed}"), &body).await.expect_problem(404, "not-found");
    }
    assert!(ana.account().await.badge().is_none());
}
