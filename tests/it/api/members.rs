//! Members by the API: masked, with reasons, written down.

use idp_core::account::Standing;
use idp_core::admin::Role;
use idp_tests::{App, Letter};
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
    let credentials = ["password", "passkeys", "passkeys/1", "totp", "recovery-codes", "credentials"];
    app.unchanged(async {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            for what in credentials {
                let path = format!("/api/v1/members/{}/{what}", ana.id);
                helper.call(method, &path, Some(&chosen)).await.expect_problem(404, "not-found");
            }
            let path = format!("/api/v1/members/{}", ana.id);
            helper.call(method, &path, Some(&chosen)).await.expect_problem(404, "not-found");
        }
    })
    .await;
    // Whoever may not begin a recovery does not.
    let because = json!({ "reason": "case 1 on the telephone" });
    for role in [Role::Auditor, Role::VerificationOfficer] {
        let other = app.program(role.as_str(), role, None).await;
        other.post(&path, &because).await.expect_problem(403, "not-permitted");
    }
}

#[tokio::test]
async fn what_must_not_be_shown_is_taken_away() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    ana.show_everything().await;
    let helper = app.program("helper", Role::SupportOfficer, None).await;
    let because = json!({ "reason": "complaint, case 4711" });
    let seen = helper.post(&format!("/api/v1/members/{}/look", ana.id), &because).await.expect(200).json();
    let all = json!(["picture", "nickname", "preferred_username", "profile", "website"]);
    assert_eq!(seen["shown"], all);
    let path = format!("/api/v1/members/{}/remove-shown", ana.id);
    for wrong in [json!([]), json!(["email"]), json!(["picture", "password"])] {
        let body = json!({ "reason": "complaint, case 4711", "parts": wrong });
        helper.post(&path, &body).await.expect_problem(422, "unprocessable");
    }
    helper.post(&path, &because).await.expect_problem(422, "unprocessable");
    let body = json!({ "reason": "complaint, case 4711", "parts": ["picture", "website"] });
    let verifier = app.program("verifier", Role::VerificationOfficer, None).await;
    verifier.post(&path, &body).await.expect_problem(403, "not-permitted");
    helper.post(&path, &body).await.expect(200);
    helper.post(&path, &body).await.expect_problem(409, "not-as-it-stands");
    let about = ana.account().await.about.clone();
    assert!(about.picture.is_none() && about.website.is_none() && about.nickname.is_some());
    assert!(matches!(app.letters_to(&ana.email).await.last(), Some(Letter::ShownRemoved { .. })));
}

/// A member as the console shows them: badge with evidence, sessions, sign-ins, services, mails, cases.
#[tokio::test]
async fn a_look_shows_what_the_page_of_the_console_shows() {
    let app = App::start().await;
    let mut ana = app.insert_permanent("ana").await;
    let rp = app.client("rp").await;
    rp.sign_in(&mut ana).await;
    ana.elsewhere().sign_in().await;
    let because = json!({ "reason": "case 4711" });
    let path = format!("/api/v1/members/{}/look", ana.id);
    let officer = app.program("officer", Role::VerificationOfficer, None).await;
    let seen = officer.post(&path, &because).await.expect(200).json();
    assert_eq!((&seen["evidence"]["method"], &seen["evidence"]["ial"]), (&json!("civil_registry"), &json!("1.2")));
    assert_eq!(seen["services"][0]["client_id"], "rp");
    assert_eq!(seen["cases"][0]["outcome"], "verified");
    assert!(seen["sessions"].as_array().is_some_and(|sessions| sessions.len() == 2), "{seen}");
    assert_eq!(seen["sign_ins"][0]["succeeded"], true, "{seen}");
    assert!(seen["mails"].is_array() && seen["reviews"].is_array());
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

/// A deed shows the member to the program as a look does, and so the member reads of it.
#[tokio::test]
async fn a_deed_is_a_look_too() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let helper = app.program("helper", Role::SupportOfficer, None).await;
    let path = |what: &str| format!("/api/v1/members/{}/{what}", ana.id);
    let looks = async || app.store.looks_at(ana.id, None, 99).await.unwrap().len();
    let because = json!({ "reason": "case 4711, on the telephone" });
    assert_eq!(helper.post(&path("send-again"), &because).await.expect(200).json()["id"], ana.id.to_string());
    assert_eq!(looks().await, 1);
    // Whatever comes of it.
    helper.post(&path("restore"), &because).await.expect_problem(409, "not-as-it-stands");
    assert_eq!(looks().await, 2);
    let page = ana.browser.get("/profile/data/seen").await;
    assert!(page.text("main").contains("case 4711, on the telephone"), "{}", page.text("main"));
    // What is refused before anything is shown is none.
    helper.post(&path("suspend"), &json!({ "reason": "x" })).await.expect_problem(422, "unprocessable");
    assert_eq!(looks().await, 2);
}

/// What the console does not offer is not done by this door either: a letter or a link that leads nowhere helps nobody.
#[tokio::test]
async fn a_suspended_member_is_neither_extended_nor_written_to() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let helper = app.program("helper", Role::SupportOfficer, None).await;
    let path = |what: &str| format!("/api/v1/members/{}/{what}", ana.id);
    let because = json!({ "reason": "case 4711, stolen telephone" });
    helper.post(&path("suspend"), &because).await.expect(200);
    let (letters, until) = (app.letters_to(&ana.email).await.len(), ana.account().await.tokens_end_at());
    let extension = json!({ "reason": "case 4711, stolen telephone", "days": 5 });
    helper.post(&path("extend"), &extension).await.expect_problem(409, "not-as-it-stands");
    helper.post(&path("send-again"), &because).await.expect_problem(409, "not-as-it-stands");
    helper.post(&path("start-recovery"), &because).await.expect_problem(409, "not-as-it-stands");
    assert_eq!(ana.account().await.tokens_end_at(), until);
    assert_eq!(app.letters_to(&ana.email).await.len(), letters);
    // At rest, or on the way out, by their own word: no letter about a membership that they do not use.
    helper.post(&path("restore"), &because).await.expect(200);
    let erase_at = app.now() + chrono::TimeDelta::days(30);
    assert!(app.store.schedule_deletion(ana.id, erase_at, app.now(), &[], &[]).await.unwrap());
    helper.post(&path("extend"), &extension).await.expect_problem(409, "not-as-it-stands");
    helper.post(&path("send-again"), &because).await.expect_problem(409, "not-as-it-stands");
    helper.post(&path("start-recovery"), &because).await.expect(200);
}

/// A badge that is withdrawn begins a temporary membership anew, whose days are counted from there.
#[tokio::test]
async fn a_membership_that_is_temporary_again_can_be_extended() {
    let app = App::start().await;
    let ana = app.insert_permanent("ana").await;
    app.advance(chrono::TimeDelta::days(365));
    let until = idp_core::thai::time::end_of_day_after(app.now(), 60);
    assert!(app.store.withdraw_badge(ana.id, until, app.now(), &[], &[]).await.unwrap());
    let helper = app.program("helper", Role::SupportOfficer, None).await;
    let path = format!("/api/v1/members/{}/extend", ana.id);
    let days = |days: u32| json!({ "reason": "case 4711, waits for papers", "days": days });
    helper.post(&path, &days(5)).await.expect(200);
    for _ in 0..3 {
        helper.post(&path, &days(30)).await.expect(200);
    }
    // 90 days beyond the first 60, and no more.
    helper.post(&path, &days(1)).await.expect_problem(409, "not-as-it-stands");
    assert_eq!(ana.account().await.tokens_end_at(), Some(idp_core::thai::time::end_of_day_after(app.now(), 150)));
}
