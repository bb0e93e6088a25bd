//! Roles are given and ended by super admins, never to oneself, and never to the last.

use idp_core::admin::{Department, Role};
use idp_tests::App;
use serde_json::json;

#[tokio::test]
async fn a_super_admin_gives_a_role_and_it_is_written_down() {
    let app = App::start().await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let ana = app.insert_member("ana").await;
    let page = root.browser.get("/admin/staff").await;
    let form = page.form("/admin/staff/give").with("email", &ana.email).with("role", "client-admin");
    let page = root.browser.submit(form.clone()).await;
    assert_eq!(page.status, 422, "a client admin has a department");
    let page = root.browser.submit(form.with("department", "ditp")).await;
    assert_eq!((page.status.as_u16(), page.place()), (200, "/admin/staff"));
    let roles = app.store.staff_roles_of(ana.id).await.unwrap();
    assert_eq!((roles[0].role, roles[0].given_by), (Role::ClientAdmin, Some(root.id)));
    assert_eq!(roles[0].department.as_ref().unwrap().as_str(), "ditp");
    let line = &app.store.events_about(ana.id, 1).await.unwrap()[0];
    assert_eq!(
        (line.action.as_str(), line.actor.as_str(), line.actor_id),
        ("staff.role_given", "staff", Some(root.id))
    );
}

/// S085: nobody gives themselves anything, whatever their role.
#[tokio::test]
async fn s085_nobody_widens_their_own_rights() {
    let app = App::start().await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let page = root.browser.get("/admin/staff").await;
    let give = page.form("/admin/staff/give");
    let own = give.clone().with("email", &root.email).with("role", "verification-officer");
    assert_eq!(root.browser.submit(own).await.status, 422);
    // A client admin with a form of their own browser reaches none of the addresses that give roles.
    let mut admin = app.insert_staff("admin", Role::ClientAdmin, Some("dit")).await;
    let token = admin.browser.get("/admin").await.form("/language").value("csrf").to_owned();
    for action in ["/admin/staff/give", "/admin/staff/invite", "/admin/staff/end"] {
        let mut form = give.clone().with("csrf", &token).with("email", &admin.email).with("role", "super-admin");
        form.action = action.to_owned();
        admin.browser.submit(form).await.expect_error(403, "not_permitted");
    }
    assert_eq!(app.store.staff_roles_of(admin.id).await.unwrap().len(), 1);
    assert_eq!(app.store.staff_roles_of(root.id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_last_super_admin_stays() {
    let app = App::start().await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let page = root.browser.get("/admin/staff").await;
    let page = root.browser.submit(page.form("/admin/staff/end")).await;
    assert_eq!(page.status, 422);
    assert_eq!(app.store.staff_roles_of(root.id).await.unwrap().len(), 1);
}

/// S085: whatever a client admin tries at console and API, nobody has more rights than before.
#[tokio::test]
async fn s085_a_delegated_admin_widens_no_rights_at_any_door() {
    let app = App::start().await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let ana = app.insert_member("ana").await;
    let mut admin = app.insert_staff("admin", Role::ClientAdmin, Some("dit")).await;
    let program = app.program("program", Role::ClientAdmin, Some("dit")).await;
    // Strong, of the same department, and with a role: its secret would be somebody else's rights.
    let mut strong = app.program("strong", Role::SuperAdmin, None).await;
    strong.rp.change(|client| client.department = Department::parse("dit").ok()).await;
    let page = root.browser.get("/admin/staff").await;
    let (give, end) = (page.form("/admin/staff/give"), page.form("/admin/staff/end"));
    let token = admin.browser.get("/admin").await.form("/language").value("csrf").to_owned();
    let before = app.store.staff_roles().await.unwrap();
    app.unchanged(async {
        for email in [&admin.email, &ana.email] {
            for role in Role::ALL {
                for action in ["/admin/staff/give", "/admin/staff/invite"] {
                    let form = give.clone().with("csrf", &token).with("email", email).with("role", role.as_str());
                    let mut form = form.with("department", "dft");
                    form.action = action.to_owned();
                    admin.browser.submit(form).await.expect_error(403, "not_permitted");
                }
                let asked = json!({ "account": ana.id.to_string(), "role": role.as_str() });
                program.post("/api/v1/staff", &asked).await.expect_problem(403, "not-permitted");
            }
        }
        admin.browser.submit(end.with("csrf", &token)).await.expect_error(403, "not_permitted");
        for row in &before {
            let path = format!("/api/v1/staff/{}", row.id);
            program.call("DELETE", &path, None).await.expect_problem(403, "not-permitted");
        }
        for word in ["secret", "edit", "state", "ask"] {
            let mut form = give.clone().with("csrf", &token);
            form.action = format!("/admin/client/strong/{word}");
            admin.browser.submit(form).await.expect_error(403, "not_permitted");
        }
        program.call("POST", "/api/v1/clients/strong/secret", None).await.expect_problem(403, "not-permitted");
        let stop = json!({ "step": "suspend" });
        program.post("/api/v1/clients/strong/state", &stop).await.expect_problem(403, "not-permitted");
    })
    .await;
    assert_eq!(app.store.staff_roles().await.unwrap().len(), before.len());
}

/// Whoever is left must be able to give roles: neither a program nor an account that is stopped or over can.
#[tokio::test]
async fn a_program_or_a_stopped_account_is_not_the_super_admin_who_is_left() {
    let app = App::start().await;
    let root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let role = app.store.staff_roles_of(root.id).await.unwrap()[0].id;
    let end = async |role| app.store.end_role(role, None, app.now(), &[]).await.unwrap();
    let program = app.program("program", Role::SuperAdmin, None).await;
    assert!(!end(role).await, "a program gives no roles in the console");
    let stopped = app.insert_staff("stopped", Role::SuperAdmin, None).await;
    assert!(app.store.suspend(stopped.id, "a test", app.now(), &[], &[]).await.unwrap());
    assert!(!end(role).await, "stopped");
    // A temporary member whose days are over.
    let over = app.insert_unverified_staff("over", Role::SuperAdmin, None).await;
    app.advance(chrono::TimeDelta::days(70));
    assert!(over.account().await.tokens_end_at().unwrap() < app.now());
    assert!(!end(role).await, "over");
    // They themselves can be ended whoever is left.
    for id in [idp_core::admin::program_id(&program.rp.client.id), stopped.id, over.id] {
        assert!(end(app.store.staff_roles_of(id).await.unwrap()[0].id).await);
    }
    app.insert_staff("ben", Role::SuperAdmin, None).await;
    assert!(end(role).await);
}
