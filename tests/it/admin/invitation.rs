//! The link by which somebody becomes staff.

use idp_core::admin::Role;
use idp_tests::{App, Member};

/// Invites to a role; the link.
async fn invite(root: &mut Member, role: &str) -> String {
    let page = root.browser.get("/admin/staff").await;
    let mut form = page.form("/admin/staff/give").with("role", role);
    form.action = "/admin/staff/invite".to_owned();
    root.browser.submit(form).await.text("#invitation-link")
}

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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s080_of_twenty_who_accept_one_invitation_at_once_one_is_staff() {
    let app = App::start().await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let link = invite(&mut root, "auditor").await;
    let mut forms = Vec::new();
    for number in 0..20 {
        let mut member = app.insert_member(&format!("member{number}")).await;
        let form = member.browser.get(&link).await.form("/staff/invitation");
        forms.push((member, form));
    }
    let mut all = tokio::task::JoinSet::new();
    for (mut member, form) in forms {
        let app = app.clone();
        all.spawn(async move {
            let accepted = member.browser.submit(form).await.has("#staff-now");
            assert_eq!(accepted, !app.store.staff_roles_of(member.id).await.unwrap().is_empty());
            accepted
        });
    }
    assert_eq!(all.join_all().await.into_iter().filter(|accepted| *accepted).count(), 1);
}

#[tokio::test]
async fn s080_who_may_not_give_a_role_invites_nobody_to_it() {
    let app = App::start().await;
    for (name, role) in [("auditor", Role::Auditor), ("support", Role::SupportOfficer)] {
        let mut member = app.insert_staff(name, role, None).await;
        let csrf = member.browser.get("/profile").await.form("/language").value("csrf").to_owned();
        for wanted in ["auditor", "super-admin"] {
            let fields = vec![("csrf".to_owned(), csrf.clone()), ("role".to_owned(), wanted.to_owned())];
            let form = idp_tests::Form { action: "/admin/staff/invite".to_owned(), is_post: true, fields };
            let reply = app.unchanged(member.browser.press(&form)).await;
            assert_eq!(reply.status, 403, "{name} invites to {wanted}");
        }
        assert_eq!(app.store.row_count("staff_invitations").await.unwrap(), 0);
    }
}
