//! Verifications that need a person, by the API.

use idp_core::admin::Role;
use idp_core::audit::Action;
use idp_store::ReviewList;
use idp_tests::{App, Letter, Member, filled_card};
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
async fn a_review_is_taken_looked_at_moved_and_given_back() {
    let app = App::start().await;
    let (holder, mut ana, id) = presents_a_held_number(&app).await;
    let one = app.program("one", Role::VerificationOfficer, None).await;
    let two = app.program("two", Role::VerificationOfficer, None).await;
    let support = app.program("support", Role::SupportOfficer, None).await;
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
    let assign = format!("/api/v1/reviews/{id}/assignment");
    support.post(&assign, &json!({ "to": "me" })).await.expect_problem(403, "not-permitted");
    for (to, status, word) in [
        ("somebody", 422, "unprocessable"),
        (&ana.id.to_string() as &str, 422, "unprocessable"),
        ("nobody", 200, ""),
        ("me", 200, ""),
    ] {
        let reply = one.post(&assign, &json!({ "to": to })).await;
        match word {
            "" => assert_eq!(reply.status, status, "{to}: {}", reply.body),
            word => drop(reply.expect_problem(status, word)),
        }
    }
    // To the member, the holder, or somebody without the role: not with any reason.
    for nobody in [ana.id, holder.id] {
        let asked = json!({ "to": nobody.to_string(), "reason": "case 3/2026" });
        one.post(&assign, &asked).await.expect_problem(409, "not-as-it-stands");
    }
    // Somebody else's is taken with a reason alone.
    two.post(&assign, &json!({ "to": "me" })).await.expect_problem(422, "unprocessable");
    two.post(&assign, &json!({ "to": "nobody" })).await.expect_problem(422, "unprocessable");
    let taken = two.post(&assign, &json!({ "to": "me", "reason": "one is stopped" })).await.expect(200).json();
    assert_eq!(taken["state"], "taken");
    let person = app.insert_staff("person", Role::VerificationOfficer, None).await;
    let on = json!({ "to": person.id.to_string(), "reason": "a person has to see it" });
    let moved = two.post(&assign, &on).await.expect(200).json();
    assert_eq!(moved["officer"], person.id.to_string());
    let back = json!({ "to": "nobody", "reason": "person is on leave" });
    assert_eq!(one.post(&assign, &back).await.expect(200).json()["state"], "open");
    let lines = app.store.events_of(ana.id, &[Action::ReviewAssigned], 9).await.unwrap();
    assert_eq!(lines.len(), 5, "{lines:?}");
    assert!(lines.iter().all(|line| line.actor == "program"));
}

#[tokio::test]
async fn a_review_is_decided_by_who_took_it_about_what_was_looked_at() {
    let app = App::start().await;
    let (holder, ana, id) = presents_a_held_number(&app).await;
    let one = app.program("one", Role::VerificationOfficer, None).await;
    let two = app.program("two", Role::VerificationOfficer, None).await;
    let path = format!("/api/v1/reviews/{id}/decision");
    let look = one.call("POST", &format!("/api/v1/reviews/{id}/look"), None).await.expect(200).json();
    let case = look["review"]["case_id"].as_str().unwrap();
    let yes = json!({ "decision": "approved", "case_id": case, "reason": "seen in person, case 3/2026" });
    let no = json!({
        "decision": "declined", "case_id": case, "reason": "called, case 3/2026", "why": "not_the_person",
    });
    one.post(&path, &no).await.expect_problem(409, "not-as-it-stands");
    one.post(&format!("/api/v1/reviews/{id}/assignment"), &json!({ "to": "me" })).await.expect(200);
    two.post(&path, &no).await.expect_problem(409, "not-as-it-stands");
    for (name, value) in [
        ("decision", json!("perhaps")),
        ("reason", json!("x")),
        ("reason", json!("ana@mail.example asked")),
        ("why", json!("no_idea")),
        ("why", json!(null)),
        ("extra", json!(1)),
    ] {
        let mut wrong = no.clone();
        wrong[name] = value;
        one.post(&path, &wrong).await.expect_problem(422, "unprocessable");
    }
    let mut other = no.clone();
    other["case_id"] = json!("00000000-0000-4000-8000-000000000000");
    one.post(&path, &other).await.expect_problem(409, "not-as-it-stands");
    // Approving does not take the number away from its holder.
    let held = one.post(&path, &yes).await.expect_problem(409, "not-as-it-stands");
    assert!(held.json()["detail"].as_str().unwrap().contains("withdrawn first"), "{}", held.body);
    assert!(ana.account().await.badge().is_none());
    let end = app.now() + chrono::TimeDelta::days(60);
    assert!(app.store.withdraw_badge(holder.id, end, app.now(), &[], &[]).await.unwrap());
    assert_eq!(one.post(&path, &yes).await.expect(200).json()["state"], "approved");
    assert_eq!(ana.account().await.badge().map(|badge| badge.ial.as_str()), Some("1.2"));
    assert!(matches!(app.letters_to(&ana.email).await.last(), Some(Letter::Verified { .. })));
    one.post(&path, &no).await.expect_problem(409, "not-as-it-stands");
    let decided = two.get("/api/v1/reviews?list=decided").await.expect(200).json();
    assert_eq!(decided["items"][0]["id"], id.as_str());
}

#[tokio::test]
async fn a_declined_review_tells_the_member_why() {
    let app = App::start().await;
    let (_, ana, id) = presents_a_held_number(&app).await;
    let one = app.program("one", Role::SuperAdmin, None).await;
    one.post(&format!("/api/v1/reviews/{id}/assignment"), &json!({ "to": "me" })).await.expect(200);
    let look = one.call("POST", &format!("/api/v1/reviews/{id}/look"), None).await.expect(200).json();
    let no = json!({
        "decision": "declined", "case_id": look["review"]["case_id"], "reason": "called, case 3/2026",
        "why": "nothing_heard",
    });
    let declined = one.post(&format!("/api/v1/reviews/{id}/decision"), &no).await.expect(200).json();
    assert_eq!(declined["state"], "declined");
    let letters = app.letters_to(&ana.email).await;
    assert!(matches!(letters.last(), Some(Letter::ReviewDeclined { reason_key, .. }) if reason_key == "nothing_heard"));
}
