//! The traffic log: who came from where, kept for 90 days, shown with a reason alone.

use chrono::TimeDelta;
use idp_core::admin::Role;
use idp_store::{AuditFilter, TrafficFilter};
use idp_tests::App;

async fn of(app: &App, filter: TrafficFilter) -> Vec<idp_store::TrafficLine> {
    app.traffic.flush(&app.store).await.unwrap();
    app.store.traffic(&filter, None, 100).await.unwrap()
}

#[tokio::test]
async fn a_sign_in_and_what_follows_it_leave_address_port_and_session() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    ana.sign_out().await;
    ana.sign_in().await;
    let filter = TrafficFilter { account: Some(ana.id), ..TrafficFilter::default() };
    let lines = of(&app, filter.clone()).await;
    let sign_in = lines.iter().find(|line| line.endpoint == "sign_in" && line.method == "POST").expect("the sign-in");
    assert!(sign_in.session_id.is_some());
    assert_eq!(sign_in.address, ana.browser.address.to_string());
    assert!(sign_in.port.is_some());
    assert!(lines.iter().any(|line| line.endpoint == "account" && line.session_id == sign_in.session_id));
    // An attempt on an address of nobody is traffic as well.
    let mut stranger = app.browser();
    let page = stranger.get("/login").await;
    let form = page.form("/login").with("email", "nobody@mail.example").with("password", "wrong horse battery");
    stranger.submit(form).await;
    let from = TrafficFilter { address: Some(stranger.address.to_string()), ..TrafficFilter::default() };
    assert!(of(&app, from).await.iter().any(|line| line.endpoint == "sign_in" && line.account_id.is_none()));
    // Writing again writes nothing again.
    let before = of(&app, filter.clone()).await;
    app.store.add_traffic(before.clone()).await.unwrap();
    assert_eq!(of(&app, filter).await, before);
}

#[tokio::test]
async fn after_ninety_days_it_is_gone_and_not_before() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    ana.browser.get("/profile").await;
    let filter = TrafficFilter { account: Some(ana.id), ..TrafficFilter::default() };
    assert!(!of(&app, filter.clone()).await.is_empty());
    app.store.purge(app.now() + TimeDelta::days(90)).await.unwrap();
    assert!(!of(&app, filter.clone()).await.is_empty());
    app.store.purge(app.now() + TimeDelta::days(90) + TimeDelta::seconds(1)).await.unwrap();
    assert!(of(&app, filter).await.is_empty());
}

#[tokio::test]
async fn a_look_takes_a_reason_is_written_down_and_told_to_the_member() {
    let app = App::start().await;
    let mut auditor = app.insert_staff("auditor", Role::Auditor, None).await;
    let mut ana = app.insert_member("ana").await;
    ana.browser.get("/profile").await;
    app.traffic.flush(&app.store).await.unwrap();
    let page = auditor.browser.get("/admin/traffic").await;
    assert!(!page.has("#lines"), "nothing before somebody has said why");
    let form = page.form("/admin/traffic").with("account", &ana.id.to_string());
    let page = auditor.browser.submit(form.clone()).await;
    assert_eq!(page.status, 422);
    assert!(page.has("#reason-error") && !page.has("#lines"));
    let page = auditor.browser.submit(form.with("reason", "court order 12/2569")).await;
    assert_eq!(page.status, 200);
    let source = page.texts("#lines .source");
    assert!(source.iter().all(|source| source.starts_with(&ana.browser.address.to_string())), "{source:?}");
    let actor = AuditFilter { actor: Some(auditor.id), ..AuditFilter::default() };
    let lines = app.store.audit_lines(&actor, None, 9).await.unwrap();
    assert!(lines.iter().any(|line| line.action == "traffic.seen"), "{lines:?}");
    assert!(lines.iter().any(|line| line.action == "data.seen_by_staff" && line.account_id == Some(ana.id)));
    let file = auditor.browser.press(&page.form("/admin/traffic/export")).await;
    assert!(file.body.starts_with("at,endpoint,method,status,"));
    assert!(file.body.contains(&ana.id.to_string()) && !file.body.contains("mail.example"));
    assert_eq!(app.store.audit_lines(&actor, None, 1).await.unwrap()[0].action, "traffic.exported");
    let own = ana.browser.get("/profile/data").await;
    assert!(own.text("main").contains("court order 12/2569"), "{}", own.text("main"));
}
