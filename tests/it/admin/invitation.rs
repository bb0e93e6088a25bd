//! The link by which somebody becomes staff.

use idp_core::admin::Role;
use idp_tests::App;

#[tokio::test]
async fn an_invitation_gives_its_role_once() {
    let app = App::start().await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let page = root.browser.get("/admin/staff").await;
    let mut form = page.form("/admin/staff/give").with("role", "auditor");
    form.action = "/admin/staff/invite".to_owned();
    let page = root.browser.submit(form).await;
    let link = page.text("#invitation-link");
    assert!(link.starts_with(app.issuer()), "{link}");
    let mut ana = app.insert_member("ana").await;
    let page = ana.browser.get(&link).await;
    assert!(app.store.staff_roles_of(ana.id).await.unwrap().is_empty(), "opening it changes nothing");
    let accept = page.form("/staff/invitation");
    let page = ana.browser.submit(accept.clone()).await;
    assert!(page.has("#staff-now"), "{}", page.text("main"));
    assert_eq!(app.store.staff_roles_of(ana.id).await.unwrap()[0].role, Role::Auditor);
    let mut ben = app.insert_member("ben").await;
    ben.browser.get(&link).await.expect_error(404, "link_spent");
    ana.browser.submit(accept).await.expect_error(404, "link_spent");
    assert!(app.store.staff_roles_of(ben.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_invitation_is_over_after_a_day() {
    let app = App::start().await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let page = root.browser.get("/admin/staff").await;
    let mut form = page.form("/admin/staff/give").with("role", "auditor");
    form.action = "/admin/staff/invite".to_owned();
    let link = root.browser.submit(form).await.text("#invitation-link");
    app.advance(chrono::TimeDelta::hours(24));
    app.browser().get(&link).await.expect_error(404, "link_spent");
}
