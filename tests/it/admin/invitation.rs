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

/// S085: a role that is over gives none, not even by a link that was made before, and nobody gives one to themselves.
#[tokio::test]
async fn s085_a_dismissed_super_admin_does_not_come_back_by_an_invitation() {
    let app = App::start().await;
    let mut ana = app.insert_staff("ana", Role::SuperAdmin, None).await;
    let mut ben = app.insert_staff("ben", Role::SuperAdmin, None).await;
    let link = invite(&mut ana, "super-admin").await;
    let accept = ana.browser.get(&link).await.form("/staff/invitation");
    ana.browser.submit(accept.clone()).await.expect_error(409, "not_invited");
    // A colleague sees it, and could take it back.
    let page = ben.browser.get("/admin/staff").await;
    assert!(page.has("#invitations form[action='/admin/staff/withdraw']"));
    let row = app.store.staff_roles_of(ana.id).await.unwrap()[0].id.to_string();
    let ends = |form: &idp_tests::Form| form.action == "/admin/staff/end" && form.value("id") == row;
    ben.browser.submit(page.forms().into_iter().find(ends).unwrap()).await.expect_at("/admin/staff");
    ana.browser.get(&link).await.expect_error(404, "link_spent");
    ana.browser.submit(accept.clone()).await.expect_error(404, "link_spent");
    // Nor for anybody else: what she gave away went with her role.
    let mut carl = app.insert_member("carl").await;
    let csrf = carl.browser.get("/profile").await.form("/language").value("csrf").to_owned();
    carl.browser.submit(accept.with("csrf", &csrf)).await.expect_error(404, "link_spent");
    for who in [ana.id, carl.id] {
        assert!(app.store.staff_roles_of(who).await.unwrap().is_empty());
    }
    assert!(!ben.browser.get("/admin/staff").await.has("#invitations"));
    let lines = app.audit_lines("staff.invitation_withdrawn").await;
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].actor_id, Some(ben.id));
}

#[tokio::test]
async fn the_invitation_of_a_super_admin_who_is_stopped_is_not_good() {
    let app = App::start().await;
    let mut ana = app.insert_staff("ana", Role::SuperAdmin, None).await;
    let link = invite(&mut ana, "auditor").await;
    let mut ben = app.insert_member("ben").await;
    let accept = ben.browser.get(&link).await.form("/staff/invitation");
    assert!(app.store.suspend(ana.id, "a test", app.now(), &[], &[]).await.unwrap());
    ben.browser.submit(accept).await.expect_error(404, "link_spent");
    assert!(app.store.staff_roles_of(ben.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_invitation_is_withdrawn() {
    let app = App::start().await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let link = invite(&mut root, "auditor").await;
    let mut ana = app.insert_member("ana").await;
    let accept = ana.browser.get(&link).await.form("/staff/invitation");
    let page = root.browser.get("/admin/staff").await;
    let withdraw = page.form("/admin/staff/withdraw");
    root.browser.submit(withdraw.clone()).await.expect_at("/admin/staff");
    ana.browser.submit(accept).await.expect_error(404, "link_spent");
    root.browser.submit(withdraw).await.expect_error(409, "overtaken");
    assert_eq!(app.audit_lines("staff.invitation_withdrawn").await.len(), 1);
    // An auditor sees who was invited, and changes nothing.
    let link = invite(&mut root, "auditor").await;
    let mut auditor = app.insert_staff("auditor", Role::Auditor, None).await;
    let page = auditor.browser.get("/admin/staff").await;
    assert!(page.has("#invitations") && page.forms().iter().all(|form| form.action != "/admin/staff/withdraw"));
    ana.browser.get(&link).await.form("/staff/invitation");
}

/// The line of the role says whose invitation it came from, and there is none when nothing was given.
#[tokio::test]
async fn the_log_ties_a_role_to_its_invitation() {
    let app = App::start().await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let link = invite(&mut root, "auditor").await;
    let mut had = app.insert_staff("had", Role::Auditor, None).await;
    let accept = had.browser.get(&link).await.form("/staff/invitation");
    had.browser.submit(accept).await.expect_error(409, "not_invited");
    assert!(app.audit_lines("staff.role_given").await.is_empty());
    // The link is still good for whom it was meant.
    let mut ana = app.insert_member("ana").await;
    let accept = ana.browser.get(&link).await.form("/staff/invitation");
    assert!(ana.browser.submit(accept).await.has("#staff-now"));
    let (invited, given) = (app.audit_lines("staff.invited").await, app.audit_lines("staff.role_given").await);
    let detail = |lines: &[idp_store::AuditLine]| -> serde_json::Value {
        serde_json::from_str(lines[0].detail.as_deref().unwrap()).unwrap()
    };
    let (invited, given) = (detail(&invited), detail(&given));
    assert!(invited["invitation"].is_string());
    assert_eq!(given["invitation"], invited["invitation"]);
    assert_eq!(given["invited_by"], serde_json::json!(root.id));
}

/// A page that is loaded anew sends its form again.
#[tokio::test]
async fn a_form_sent_twice_makes_one_link() {
    let app = App::start().await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let page = root.browser.get("/admin/staff").await;
    let mut form = page.form("/admin/staff/give").with("role", "auditor");
    form.action = "/admin/staff/invite".to_owned();
    assert!(root.browser.submit(form.clone()).await.has("#invitation-link"));
    let page = root.browser.submit(form.clone()).await;
    assert_eq!(page.status, 422);
    assert!(!page.has("#invitation-link") && page.has("#invitations"));
    assert_eq!(app.store.row_count("staff_invitations").await.unwrap(), 1);
    root.browser.submit(form.with("once", "a.b")).await.expect_error(400, "invalid_request");
}
