//! What takes two people.

use chrono::TimeDelta;
use idp_core::admin::Role;
use idp_core::client::ClientStatus;
use idp_core::id::ClientId;
use idp_core::scope::Scope;
use idp_tests::{App, Letter, Member};

async fn ask(member: &mut Member, kind: &str) {
    let page = member.browser.get("/admin/client/rp").await;
    let form = page.form("/admin/client/rp/ask").with("kind", kind).with("reason", "the law asks for it");
    let page = member.browser.submit(form).await;
    assert_eq!(page.place(), "/admin/client/rp", "{}", page.text("main"));
}

async fn client(app: &App) -> idp_core::client::Client {
    (*app.store.client(&ClientId::parse("rp").unwrap()).await.unwrap().unwrap()).clone()
}

#[tokio::test]
async fn the_number_takes_a_second_person_and_never_the_one_who_asked() {
    let app = App::start().await;
    app.client("rp").await;
    let mut ana = app.insert_staff("ana", Role::SuperAdmin, None).await;
    let mut ben = app.insert_staff("ben", Role::SuperAdmin, None).await;
    ask(&mut ana, "client.citizen_id").await;
    assert!(!client(&app).await.scopes.contains(Scope::CitizenId));
    // The one who asked has no button, and no luck with a form of their own.
    let page = ana.browser.get("/admin/approvals").await;
    assert!(page.forms().iter().all(|form| form.action != "/admin/approvals/clients"));
    let own_token = ana.browser.get("/admin").await.form("/language").value("csrf").to_owned();
    let page = ben.browser.get("/admin/approvals").await;
    let decide = page.form("/admin/approvals/clients").with("decision", "approved");
    let forged = decide.clone().with("csrf", &own_token);
    ana.browser.submit(forged).await.expect_error(403, "not_decided");
    assert!(!client(&app).await.scopes.contains(Scope::CitizenId));
    app.advance(TimeDelta::seconds(1));
    let page = ben.browser.submit(decide.clone()).await;
    assert_eq!(page.place(), "/admin/approvals", "{}", page.text("main"));
    assert!(client(&app).await.scopes.contains(Scope::CitizenId));
    ben.browser.submit(decide).await.expect_error(403, "not_decided");
}

/// An officer asks for a member's badge to be withdrawn.
async fn ask_withdrawal(officer: &mut Member, member: &Member) {
    let path = format!("/admin/members/{}", member.id);
    let page = officer.browser.get(&path).await;
    let page = officer.browser.submit(page.form(&format!("{path}/open")).with("reason", "fraud, case 9/2026")).await;
    let form = page.form(&format!("{path}/badge")).with("reason", "two people, case 9/2026");
    assert!(officer.browser.submit(form).await.has("#done"));
}

#[tokio::test]
async fn a_badge_is_decided_in_the_same_list_by_another_officer_with_a_reason() {
    let app = App::start().await;
    app.client("rp").await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let mut first = app.insert_staff("first", Role::VerificationOfficer, None).await;
    let mut second = app.insert_staff("second", Role::VerificationOfficer, None).await;
    let mut auditor = app.insert_staff("auditor", Role::Auditor, None).await;
    let mut admin = app.insert_staff("admin", Role::ClientAdmin, Some("dit")).await;
    let ana = app.insert_permanent("ana").await;
    ask(&mut root, "client.removal").await;
    ask_withdrawal(&mut first, &ana).await;
    // Both stand in it, each with what it would do, who asked and why; the member by the account's id alone.
    let page = second.browser.get("/admin/approvals").await;
    let list = page.text("#approvals");
    for words in ["ถอนเครื่องหมาย", "กลับเป็นสมาชิกชั่วคราว", "two people, case 9/2026", "สิ้นสุดอย่างถาวร", "the law asks for it"]
    {
        assert!(list.contains(words), "{words}: {list}");
    }
    assert!(list.contains(&first.account().await.profile.full_name()) && list.contains(&ana.id.to_string()));
    assert!(!page.html.contains(&ana.email));
    assert!(page.forms().iter().all(|form| form.action != "/admin/approvals/clients"), "not theirs to decide");
    let approve = page.form("/admin/approvals/members").with("decision", "approved");
    assert_eq!(page.forms().iter().filter(|form| form.action == "/admin/approvals/members").count(), 1);
    // The one who asked, who only looks, and who has nothing to do with members.
    for other in [&mut first, &mut auditor] {
        let page = other.browser.get("/admin/approvals").await;
        assert!(page.text("#approvals").contains("two people, case 9/2026"));
        assert!(page.forms().iter().all(|form| form.action != "/admin/approvals/members"));
    }
    assert!(!admin.browser.get("/admin/approvals").await.html.contains("case 9/2026"));
    for (who, code) in [(&mut first, "not_decided"), (&mut auditor, "not_permitted"), (&mut admin, "not_permitted")] {
        let own = who.browser.get("/admin").await.form("/language").value("csrf").to_owned();
        let forged = approve.clone().with("csrf", &own).with("reason", "checked, case 9/2026");
        who.browser.submit(forged).await.expect_error(403, code);
    }
    let page = second.browser.submit(approve.clone()).await;
    assert_eq!((page.status.as_u16(), page.has("#reason-error")), (422, true), "{}", page.text("main"));
    second.browser.submit(approve.clone().with("after", "x")).await.expect_error(400, "invalid_request");
    let swapped = {
        let mut form = approve.clone().with("reason", "checked, case 9/2026");
        form.action = "/admin/approvals/clients".to_owned();
        root.browser.get("/admin").await.form("/language").value("csrf").clone_into(&mut form.fields[0].1);
        form
    };
    root.browser.submit(swapped).await.expect_error(400, "invalid_request");
    assert!(ana.account().await.badge().is_some());
    app.advance(TimeDelta::seconds(1));
    let approve = approve.with("reason", "checked, case 9/2026");
    assert_eq!(second.browser.submit(approve.clone()).await.place(), "/admin/approvals");
    assert!(ana.account().await.badge().is_none());
    assert!(matches!(app.letters_to(&ana.email).await.last(), Some(Letter::BadgeWithdrawn { .. })));
    second.browser.submit(approve).await.expect_error(403, "not_decided");
    assert!(second.browser.get("/admin/approvals").await.text("#approvals").contains("อนุมัติแล้ว"));
}

#[tokio::test]
async fn a_badge_whose_withdrawal_is_declined_stays() {
    let app = App::start().await;
    let mut first = app.insert_staff("first", Role::VerificationOfficer, None).await;
    let mut second = app.insert_staff("second", Role::SuperAdmin, None).await;
    let ana = app.insert_permanent("ana").await;
    ask_withdrawal(&mut first, &ana).await;
    let page = second.browser.get("/admin/approvals").await;
    let form = page.form("/admin/approvals/members").with("decision", "declined").with("reason", "no fraud found");
    assert_eq!(second.browser.submit(form).await.place(), "/admin/approvals");
    assert!(ana.account().await.badge().is_some());
    // Nobody decides about their own badge, whatever their role.
    ask_withdrawal_of_staff(&app, &mut first, &mut second).await;
}

/// Staff are looked after by super admins: one asks, and the other, whose badge it is, cannot decide.
async fn ask_withdrawal_of_staff(app: &App, other: &mut Member, own: &mut Member) {
    app.give_role(other, Role::SuperAdmin, None).await;
    ask_withdrawal(other, own).await;
    let page = own.browser.get("/admin/approvals").await;
    assert!(page.forms().iter().all(|form| form.action != "/admin/approvals/members"));
    let asked = app.store.approvals(None, 9).await.unwrap();
    let asked: Vec<_> = asked.iter().filter(|approval| approval.subject == own.id.to_string()).collect();
    let [about_own] = asked.as_slice() else { panic!("one request about them: {asked:?}") };
    let id = about_own.id.to_string();
    let mut forged = page.form("/language").with("id", &id).with("decision", "declined").with("reason", "it is mine");
    forged.action = "/admin/approvals/members".to_owned();
    own.browser.submit(forged).await.expect_error(403, "not_permitted");
}

#[tokio::test]
async fn a_removal_is_for_good() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_staff("ana", Role::SuperAdmin, None).await;
    let mut ben = app.insert_staff("ben", Role::SuperAdmin, None).await;
    ask(&mut ana, "client.removal").await;
    app.advance(TimeDelta::seconds(1));
    let page = ben.browser.get("/admin/approvals").await;
    ben.browser.submit(page.form("/admin/approvals/clients").with("decision", "approved")).await;
    let removed = client(&app).await;
    assert_eq!(removed.status, ClientStatus::Retired);
    assert!(removed.authentication.secrets().is_empty());
    app.browser().get(&rp.ask().path()).await.expect_error(403, "service_ended");
    let page = ana.browser.get("/admin/client/rp").await;
    assert!(page.forms().iter().all(|form| !form.action.starts_with("/admin/client/rp")), "nothing is left to do");
}

#[tokio::test]
async fn what_is_declined_or_too_late_changes_nothing() {
    let app = App::start().await;
    app.client("rp").await;
    let mut ana = app.insert_staff("ana", Role::SuperAdmin, None).await;
    let mut ben = app.insert_staff("ben", Role::SuperAdmin, None).await;
    ask(&mut ana, "client.citizen_id").await;
    let page = ben.browser.get("/admin/approvals").await;
    ben.browser.submit(page.form("/admin/approvals/clients").with("decision", "declined")).await;
    ask(&mut ana, "client.removal").await;
    let page = ben.browser.get("/admin/approvals").await;
    let decide = page.form("/admin/approvals/clients").with("decision", "approved");
    app.advance(TimeDelta::days(7));
    // Staff in a session that is young again, with the forms of before.
    app.prove_strongly(&mut ben).await;
    let token = ben.browser.get("/admin").await.form("/language").value("csrf").to_owned();
    ben.browser.submit(decide.with("csrf", &token)).await.expect_error(403, "not_decided");
    let unchanged = client(&app).await;
    assert_eq!(unchanged.status, ClientStatus::Active);
    assert!(!unchanged.scopes.contains(Scope::CitizenId));
}

/// What is asked for stays in the record, and in lists that others read.
#[tokio::test]
async fn a_reason_names_nobody() {
    let app = App::start().await;
    app.client("rp").await;
    let mut ana = app.insert_staff("ana", Role::SuperAdmin, None).await;
    let page = ana.browser.get("/admin/client/rp").await;
    let form = page.form("/admin/client/rp/ask").with("kind", "client.citizen_id");
    for reason in ["", "law", "asked by somchai@mail.example", "for 1-0000-00000-01-7", &"x".repeat(301)] {
        let page = ana.browser.submit(form.clone().with("reason", reason)).await;
        assert_eq!(page.status, 422, "{reason}");
    }
    assert_eq!(app.store.row_count("approvals").await.unwrap(), 0);
    ana.browser.submit(form.with("reason", "the law,\n section 4")).await;
    let asked = &app.store.approvals(None, 9).await.unwrap()[0];
    assert_eq!(asked.reason, "the law, section 4");
}

/// Whoever keeps two accounts is one person: the second carries no badge, because the number is the first one's.
#[tokio::test]
async fn a_second_account_is_no_second_person() {
    let app = App::start().await;
    app.client("rp").await;
    let mut ana = app.insert_staff("ana", Role::SuperAdmin, None).await;
    let mut again = app.insert_unverified_staff("again", Role::SuperAdmin, None).await;
    ask(&mut ana, "client.citizen_id").await;
    app.advance(TimeDelta::seconds(1));
    // The page says what is missing, and has no button; a form of its own finds the same.
    let page = again.browser.get("/admin/approvals").await;
    assert!(page.has("#unverified a[href='/verify']"));
    assert!(page.forms().iter().all(|form| form.action != "/admin/approvals/clients"));
    let csrf = page.form("/language").value("csrf").to_owned();
    let mut ben = app.insert_staff("ben", Role::SuperAdmin, None).await;
    let page = ben.browser.get("/admin/approvals").await;
    assert!(!page.has("#unverified"));
    let decide = page.form("/admin/approvals/clients");
    for decision in ["approved", "declined"] {
        let forged = decide.clone().with("decision", decision).with("csrf", &csrf);
        let page = again.browser.submit(forged).await;
        assert!(page.text("main").contains("ยืนยันตัวตน") && page.has("a[href='/verify']"), "{}", page.text("main"));
        page.expect_error(403, "not_decided");
    }
    assert!(!client(&app).await.scopes.contains(Scope::CitizenId));
    // Nor does it ask: the first account would decide.
    let page = again.browser.get("/admin/client/rp").await;
    assert!(page.has("#unverified") && !page.has("#ask"));
    let page = ben.browser.get("/admin/client/rp").await;
    let form = page.form("/admin/client/rp/ask").with("kind", "client.removal").with("reason", "no longer used");
    again.browser.submit(form.with("csrf", &csrf)).await.expect_error(403, "not_decided");
    assert_eq!(app.store.row_count("approvals").await.unwrap(), 1);
    // What one person is enough for is done as ever.
    let page = again.browser.get("/admin/client/rp").await;
    let page = again.browser.submit(page.form("/admin/client/rp/state").with("step", "suspend")).await;
    assert_eq!(page.place(), "/admin/client/rp", "{}", page.text("main"));
    // Somebody else is.
    ben.browser.submit(decide.with("decision", "approved")).await;
    assert!(client(&app).await.scopes.contains(Scope::CitizenId));
}

/// The number that was withdrawn from one account may be another account's by now: the asker counts as they stand.
#[tokio::test]
async fn whoever_asked_must_still_carry_the_badge() {
    let app = App::start().await;
    app.client("rp").await;
    let mut ana = app.insert_staff("ana", Role::SuperAdmin, None).await;
    let mut ben = app.insert_staff("ben", Role::SuperAdmin, None).await;
    ask(&mut ana, "client.citizen_id").await;
    let until = app.now() + TimeDelta::days(60);
    assert!(app.store.withdraw_badge(ana.id, until, app.now(), &[], &[]).await.unwrap());
    app.advance(TimeDelta::seconds(1));
    let page = ben.browser.get("/admin/approvals").await;
    let decide = page.form("/admin/approvals/clients");
    let page = ben.browser.submit(decide.clone().with("decision", "approved")).await;
    page.expect_error(403, "not_decided");
    assert!(!client(&app).await.scopes.contains(Scope::CitizenId));
    // It does not stay in the way.
    ben.browser.submit(decide.with("decision", "declined")).await.expect_at("/admin/approvals");
    ask(&mut ben, "client.citizen_id").await;
}
