//! The audit log in the console.

use chrono::TimeDelta;
use idp_core::admin::Role;
use idp_tests::App;

#[tokio::test]
async fn the_log_is_filtered_paged_and_its_chain_is_checked() {
    let app = App::start().await;
    let mut auditor = app.insert_staff("auditor", Role::Auditor, None).await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    app.client("rp").await;
    let page = root.browser.get("/admin/client/rp").await;
    root.browser.submit(page.form("/admin/client/rp/secret")).await;
    app.advance(TimeDelta::minutes(1));
    app.store.seal_audit(app.now(), TimeDelta::seconds(10)).await.unwrap();
    let page = auditor.browser.get(&format!("/admin/audit?action=client.&actor={}", root.id)).await;
    assert_eq!(page.texts("#lines .aud-action"), ["client.secret_rotated"]);
    assert!(page.has("#chain-sound") && !page.has("#chain-broken"));
    let page = auditor.browser.get("/admin/audit?client=rp&from=2026-11-02&until=2026-11-02").await;
    assert_eq!(page.texts("#lines .aud-action"), ["client.secret_rotated"]);
    let page = auditor.browser.get("/admin/audit?until=2026-11-01").await;
    assert!(page.texts("#lines .aud-action").is_empty());
    for bad in ["actor=x", "account=1", "client=two%20words", "action=%27--", "from=yesterday", "after=x.y", "until=9"]
    {
        auditor.browser.get(&format!("/admin/audit?{bad}")).await.expect_error(400, "invalid_request");
    }
}

#[tokio::test]
async fn the_log_goes_on_where_a_page_ends() {
    let app = App::start().await;
    let mut auditor = app.insert_staff("auditor", Role::Auditor, None).await;
    let event = idp_core::audit::AuditEvent::new(
        app.now(),
        idp_core::audit::Actor::System,
        idp_core::audit::Action::SigningKeyMade,
    );
    app.store.record(&vec![event; 120]).await.unwrap();
    let (mut path, mut seen) = ("/admin/audit?action=key.made".to_owned(), Vec::new());
    loop {
        let page = auditor.browser.get(&path).await;
        let lines = page.texts("#lines .row-more");
        seen.extend(lines.into_iter().map(|line| line.rsplit('#').next().unwrap().parse::<i64>().unwrap()));
        match page.attribute("#next", "href") {
            Some(next) => path = next,
            None => break,
        }
    }
    assert!(seen.len() >= 120, "{}", seen.len());
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "each line once, the newest first");
}

#[tokio::test]
async fn a_file_of_the_log_is_itself_written_down() {
    let app = App::start().await;
    let mut auditor = app.insert_staff("auditor", Role::Auditor, None).await;
    let page = auditor.browser.get("/admin/audit").await;
    let reply = auditor.browser.press(&page.form("/admin/audit/export")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), "text/csv; charset=utf-8");
    assert!(reply.body.starts_with("seq,at,actor,"));
    assert!(!reply.body.contains("mail.example"), "no address of anybody");
    let filter = idp_store::AuditFilter { actor: Some(auditor.id), ..Default::default() };
    assert_eq!(app.store.audit_lines(&filter, None, 1).await.unwrap()[0].action, "audit.exported");
}
