//! The nightly report of services that nobody uses.

use chrono::TimeDelta;
use idp_core::admin::{Department, Role};
use idp_core::id::ClientId;
use idp_store::ClientUse;
use idp_tests::{App, Letter, Member};
use idp_web::jobs::report_unused_clients;
use idp_web::mail::Sender;
use idp_web::view::Lang;

/// The services in each report that somebody got, and how many more it spoke of.
async fn reports(app: &App, member: &Member) -> Vec<(Vec<String>, usize)> {
    let told = |letter| match letter {
        Letter::UnusedClients { clients, more, .. } => {
            Some((clients.into_iter().map(|client| client.id).collect(), more))
        }
        _ => None,
    };
    app.letters_to(&member.email).await.into_iter().filter_map(told).collect()
}

async fn in_department(app: &App, id: &str, department: &str) {
    let department = Department::parse(department).unwrap();
    app.client(id).await.change(|client| client.department = Some(department)).await;
}

/// Something was given through a client just now.
async fn uses(app: &App, id: &str) {
    let row = ClientUse {
        client_id: ClientId::parse(id).unwrap(),
        day: idp_web::usage::day(app.now()),
        outcome: "signed_in".to_owned(),
        count: 1,
        last_at: app.now(),
    };
    app.store.add_client_use(&[row]).await.unwrap();
}

#[tokio::test]
async fn whoever_looks_after_services_hears_which_of_them_nobody_uses() {
    let app = App::start().await;
    let root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let clerk = app.insert_staff("clerk", Role::ClientAdmin, Some("dit")).await;
    let elsewhere = app.insert_staff("elsewhere", Role::ClientAdmin, Some("dip")).await;
    let auditor = app.insert_staff("auditor", Role::Auditor, None).await;
    let stopped = app.insert_staff("stopped", Role::SuperAdmin, None).await;
    app.store.suspend(stopped.id, "a test", app.now(), &[], &[]).await.unwrap();
    // A program with a role has no mailbox.
    app.program("reader", Role::SuperAdmin, None).await;
    in_department(&app, "forms", "dit").await;
    app.client("fair").await;
    app.client("busy").await;
    app.client("resting").await.change(|client| client.status = idp_core::client::ClientStatus::Suspended).await;
    let everybody = [&root, &clerk, &elsewhere, &auditor, &stopped];

    // Nobody is told of nothing.
    report_unused_clients(&app).await.unwrap();
    for member in everybody {
        assert!(reports(&app, member).await.is_empty());
    }
    app.advance(TimeDelta::days(10));
    uses(&app, "forms").await;
    app.advance(TimeDelta::days(85));
    uses(&app, "busy").await;
    uses(&app, "reader").await;
    report_unused_clients(&app).await.unwrap();
    assert_eq!(reports(&app, &root).await, [(vec!["fair".to_owned()], 0)]);
    for member in [&clerk, &elsewhere, &auditor, &stopped] {
        assert!(reports(&app, member).await.is_empty());
    }
    app.advance(TimeDelta::days(10));
    report_unused_clients(&app).await.unwrap();
    // The one that was unused for longest comes first.
    assert_eq!(reports(&app, &root).await[1..], [(vec!["fair".to_owned(), "forms".to_owned()], 0)]);
    assert_eq!(reports(&app, &clerk).await, [(vec!["forms".to_owned()], 0)]);
    for member in [&elsewhere, &auditor, &stopped] {
        assert!(reports(&app, member).await.is_empty());
    }
}

#[tokio::test]
async fn the_letter_says_what_and_whose_and_since_when_in_both_languages_and_leads_to_the_list() {
    let app = App::start_with(|config| config.clients.unused_after_days = 30).await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    app.client("forms").await;
    uses(&app, "forms").await;
    for number in 0..20 {
        app.client(&format!("never-{number:02}")).await;
    }
    app.advance(TimeDelta::days(31));
    report_unused_clients(&app).await.unwrap();
    let letters = app.letters_to(&root.email).await;
    let letter = letters.iter().find(|letter| letter.kind() == "unused_clients").unwrap();
    let Letter::UnusedClients { days: 30, clients, more: 1, list_url, .. } = letter else { panic!("{letter:?}") };
    assert_eq!(clients.len(), 20);
    let (thai, english) = (letter.compose(Lang::Th, &Sender::sample()), letter.compose(Lang::En, &Sender::sample()));
    assert!(english.subject.contains("21 services that nobody uses"), "{}", english.subject);
    assert!(
        english.text.contains("(forms)") && english.text.contains("last used on 2 November 2026"),
        "{}",
        english.text
    );
    assert!(english.text.contains("(never-00)") && english.text.contains("never used"), "{}", english.text);
    assert!(english.text.contains("and 1 more") && english.html.contains("<li"), "{}", english.text);
    assert!(thai.text.contains("ใช้ครั้งล่าสุดเมื่อวันที่ 2 พฤศจิกายน 2569"), "{}", thai.text);
    assert!(thai.text.contains("ยังไม่เคยมีผู้ใช้") && thai.text.contains("เกิน 30 วัน"), "{}", thai.text);
    // The link opens the list, which holds what the letter told of.
    app.prove_strongly(&mut root).await;
    let page = root.browser.get(list_url).await;
    assert_eq!(page.texts("#clients .row-name").len(), 21, "{}", page.text("main"));
    assert!(page.text("#only").contains("30"), "{}", page.text("#only"));
}

#[tokio::test]
async fn one_report_goes_out_a_night_from_several_nodes_and_after_restarts() {
    let app = App::start_on_servers().await;
    let root = app.insert_staff("root", Role::SuperAdmin, None).await;
    app.client("forms").await;
    let other = app.another_node().await;
    // Eight in the morning in Bangkok, 92 days on.
    app.advance(TimeDelta::days(92) - TimeDelta::hours(2));
    for _ in 0..3 {
        let (one, two) = tokio::join!(report_unused_clients(&app), report_unused_clients(&other));
        one.unwrap();
        two.unwrap();
    }
    let app = app.restart().await;
    report_unused_clients(&app).await.unwrap();
    assert_eq!(reports(&app, &root).await.len(), 1);
    // In the evening the same night's, after midnight none, from two o'clock on the next.
    app.advance(TimeDelta::hours(15));
    report_unused_clients(&app).await.unwrap();
    app.advance(TimeDelta::hours(2));
    report_unused_clients(&other).await.unwrap();
    assert_eq!(reports(&app, &root).await.len(), 1);
    app.advance(TimeDelta::hours(1));
    report_unused_clients(&other).await.unwrap();
    report_unused_clients(&app).await.unwrap();
    assert_eq!(reports(&app, &root).await.len(), 2);
}
