//! Who comes into the console, and who does not any more.

use idp_core::admin::Role;
use idp_tests::App;

#[tokio::test]
async fn the_console_shows_the_sections_of_the_role() {
    let app = App::start().await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let mut support = app.insert_staff("support", Role::SupportOfficer, None).await;
    let page = root.browser.get("/admin").await;
    assert_eq!(page.status, 200);
    assert!(page.has(".desk-nav a[href='/admin/staff']"));
    let page = support.browser.get("/admin").await;
    assert_eq!(page.status, 200);
    assert!(!page.has(".desk-nav a[href='/admin/staff']"));
    support.browser.get("/admin/staff").await.expect_error(403, "not_permitted");
}

#[tokio::test]
async fn what_was_taken_away_is_gone_at_once() {
    let app = App::start().await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let mut auditor = app.insert_staff("auditor", Role::Auditor, None).await;
    assert_eq!(auditor.browser.get("/admin").await.status, 200);
    let page = root.browser.get("/admin/staff").await;
    let row = app.store.staff_roles_of(auditor.id).await.unwrap()[0].id.to_string();
    let ends = |form: &idp_tests::Form| form.action == "/admin/staff/end" && form.value("id") == row;
    let form = page.forms().into_iter().find(ends).unwrap();
    assert_eq!(root.browser.submit(form).await.place(), "/admin/staff");
    auditor.browser.get("/admin").await.expect_error(403, "not_permitted");
}

#[tokio::test]
async fn staff_whose_account_is_being_deleted_do_not_come_in() {
    let app = App::start().await;
    let mut officer = app.insert_staff("officer", Role::SuperAdmin, None).await;
    let erase_at = app.now() + chrono::TimeDelta::days(30);
    app.store.schedule_deletion(officer.id, erase_at, app.now(), &[], &[]).await.unwrap();
    app.prove_strongly(&mut officer).await;
    officer.browser.get("/admin").await.expect_error(403, "not_permitted");
}

#[tokio::test]
async fn a_code_by_mail_opens_no_console() {
    let app = App::start().await;
    let mut officer = app.insert_member("officer").await;
    // The role of somebody who has set up nothing but a password.
    app.give_role(&officer, Role::Auditor, None).await;
    assert!(!officer.browser.get("/admin").await.has(".desk-nav"), "led to where a second factor is set up");
    let page = officer.browser.get("/login/second").await;
    officer.prove_at(&page).await.expect_at("/profile");
    assert!(!officer.browser.get("/admin").await.has(".desk-nav"), "a code by mail is not something held");
    app.prove_strongly(&mut officer).await;
    assert!(officer.browser.get("/admin").await.has(".desk-nav"));
}
