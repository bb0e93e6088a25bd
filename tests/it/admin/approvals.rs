//! What takes two people.

use chrono::TimeDelta;
use idp_core::admin::Role;
use idp_core::client::ClientStatus;
use idp_core::id::ClientId;
use idp_core::scope::Scope;
use idp_tests::{App, Member};

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
