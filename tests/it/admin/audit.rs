//! The audit log in the console.

use chrono::TimeDelta;
use idp_core::admin::Role;
use idp_core::audit::Action;
use idp_core::id::AccountId;
use idp_tests::App;

/// Looks at a member that were written down.
async fn looks(app: &App, member: AccountId) -> usize {
    app.store.looks_at(member, None, 99).await.unwrap().len()
}

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
    // In Thai a day is written in the Buddhist era; either era is read, in either language.
    for (language, said) in [("th", "02/11/2569"), ("en", "2026-11-02")] {
        auditor.browser.language = language.to_owned();
        for day in ["02/11/2569", "2569-11-02", "2/11/2026", "2026-11-02"] {
            let day = day.replace('/', "%2F");
            let page = auditor.browser.get(&format!("/admin/audit?client=rp&from={day}&until={day}")).await;
            assert_eq!(page.texts("#lines .aud-action"), ["client.secret_rotated"], "{day}");
            assert_eq!(page.attribute("#from", "value").as_deref(), Some(said), "{day}");
            let file = auditor.browser.submit(page.form("/admin/audit/export")).await;
            assert!(file.html.contains("client.secret_rotated"), "{day}");
        }
    }
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

/// More lines than a file holds: it says so itself, and so did the page.
#[tokio::test]
async fn a_file_that_is_not_all_of_the_log_says_so() {
    let app = App::start().await;
    let mut auditor = app.insert_staff("auditor", Role::Auditor, None).await;
    let line = idp_core::audit::AuditEvent::new(app.now(), idp_core::audit::Actor::System, Action::RetentionRun);
    app.store.record(&vec![line.clone(); 50_000]).await.unwrap();
    let page = auditor.browser.get("/admin/audit?action=retention.run").await;
    assert!(page.text("#export-limit").contains("50"), "{}", page.text("#export-limit"));
    let form = page.form("/admin/audit/export").with("action", Action::RetentionRun.as_str());
    let whole = auditor.browser.press(&form).await;
    assert_eq!(whole.body.lines().count(), 50_001);
    assert!(!whole.body.contains("NOT COMPLETE") && whole.header("content-disposition").contains("audit.csv"));
    app.store.record(&[line]).await.unwrap();
    let cut = auditor.browser.press(&form).await;
    assert_eq!(cut.body.lines().count(), 50_002);
    assert!(cut.body.lines().last().unwrap().contains("NOT COMPLETE"));
    assert!(cut.header("content-disposition").contains("audit-incomplete.csv"));
}

/// A filtered page soon shows lines that are far apart: each of them is checked, and none is called sound that was not.
#[tokio::test]
async fn the_page_says_nothing_of_lines_that_it_did_not_check() {
    let app = App::start().await;
    let mut auditor = app.insert_staff("auditor", Role::Auditor, None).await;
    let record = async |action| {
        let event = idp_core::audit::AuditEvent::new(app.now(), idp_core::audit::Actor::System, action);
        app.store.record(&[event]).await.unwrap();
        app.advance(TimeDelta::seconds(11));
        app.store.seal_audit(app.now(), TimeDelta::seconds(10)).await.unwrap();
    };
    record(Action::RetentionRun).await;
    for _ in 0..105 {
        record(Action::SigningKeyRetired).await;
    }
    record(Action::RetentionRun).await;
    let path = format!("/admin/audit?action={}", Action::RetentionRun.as_str());
    let page = auditor.browser.get(&path).await;
    assert_eq!(page.texts("#lines .aud-action").len(), 2);
    assert!(page.has("#chain-sound") && !page.has("#chain-broken") && !page.has("#chain-waiting"));
    let first = app.audit_lines(Action::RetentionRun.as_str()).await.last().unwrap().seq;
    app.behind_its_back(&format!("UPDATE audit_log SET detail = '{{}}' WHERE seq = {first}")).await;
    let page = auditor.browser.get(&path).await;
    assert!(page.has("#chain-broken") && !page.has("#chain-sound"));
}

#[tokio::test]
async fn who_is_shown_in_the_log_is_told_of_it_once_for_each_page() {
    let app = App::start().await;
    let mut auditor = app.insert_staff("auditor", Role::Auditor, None).await;
    let mut ana = app.insert_member("ana").await;
    let ben = app.insert_member("ben").await;
    for _ in 0..3 {
        ana.elsewhere().sign_in().await;
    }
    // Asked for by id.
    let page = auditor.browser.get(&format!("/admin/audit?account={}", ana.id)).await;
    assert!(page.texts("#lines .aud-action").len() >= 3);
    assert_eq!((looks(&app, ana.id).await, looks(&app, ben.id).await), (1, 0));
    // Shown without having been asked for: one line, whatever of theirs is on the page.
    auditor.browser.get("/admin/audit?action=session.signed_in").await;
    assert_eq!((looks(&app, ana.id).await, looks(&app, ben.id).await), (2, 0));
    // Asked for, and nothing found; that is an answer too.
    let none = auditor.browser.get(&format!("/admin/audit?account={}&action=badge.granted", ben.id)).await;
    assert!(none.texts("#lines .aud-action").is_empty());
    assert_eq!(looks(&app, ben.id).await, 1);
    // Nobody's lines are nobody's looks, and neither are one's own.
    let before = app.store.row_count("audit_log").await.unwrap();
    auditor.browser.get("/admin/audit?action=key.").await;
    auditor.browser.get(&format!("/admin/audit?account={}&action=session.", auditor.id)).await;
    assert_eq!(app.store.row_count("audit_log").await.unwrap(), before);
    let own = ana.browser.get("/profile/data").await;
    let said = own.texts("#officials > li");
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said.iter().all(|line| line.contains("ดูเวลาใช้งานและหมายเลขเครือข่าย") && line.contains("ผู้ตรวจสอบ")),
        "{said:?}"
    );
}

#[tokio::test]
async fn who_is_in_a_file_of_the_log_is_told_of_it() {
    let app = App::start().await;
    let mut auditor = app.insert_staff("auditor", Role::Auditor, None).await;
    let (mut ana, mut ben) = (app.insert_member("ana").await, app.insert_member("ben").await);
    let mut elsewhere = ana.elsewhere();
    elsewhere.sign_in().await;
    ben.elsewhere().sign_in().await;
    let page = auditor.browser.get("/admin/audit?action=key.").await;
    let file = auditor.browser.press(&page.form("/admin/audit/export").with("action", "session.signed_in")).await;
    assert!(file.body.contains(&ana.id.to_string()) && file.body.contains(&elsewhere.browser.address.to_string()));
    assert_eq!((looks(&app, ana.id).await, looks(&app, ben.id).await), (1, 1));
    let form = page.form("/admin/audit/export").with("account", &ben.id.to_string());
    auditor.browser.press(&form).await;
    assert_eq!((looks(&app, ana.id).await, looks(&app, ben.id).await), (1, 2));
    let exported = app.store.latest_events(Action::AuditExported, 9).await.unwrap();
    assert_eq!(exported.len(), 2);
    for member in [&mut ana, &mut ben] {
        assert!(member.browser.get("/profile/data").await.text("#officials").contains("บันทึกการตรวจสอบ"));
    }
}
