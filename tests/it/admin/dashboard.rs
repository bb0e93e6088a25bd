//! The dashboard: what happened is in its numbers once, whoever counted it.

use chrono::TimeDelta;
use idp_core::admin::Role;
use idp_core::figures::{ACCOUNTS, ACTIVE, ANSWERS, Counted, LATENCY, SIGN_INS, Span};
use idp_tests::{App, Page};

/// Everything counted so far is in the database.
async fn settle(app: &App) {
    app.meter.flush(&app.store, &*app.chance, app.now()).await.unwrap();
    app.advance(TimeDelta::seconds(30));
    app.store.seal_audit(app.now(), TimeDelta::seconds(10)).await.unwrap();
    app.store.take_stock(app.now()).await.unwrap();
}

async fn count(app: &App, span: Span, metric: &str, label: &str) -> u64 {
    let figures = app.store.figures(span, &[metric], span.begin(app.now())).await.unwrap();
    figures.into_iter().filter(|figure| figure.label == label).map(|figure| figure.count).sum()
}

#[tokio::test]
async fn what_members_do_is_counted_once_and_each_member_once_a_day() {
    let app = App::start().await;
    let rp = app.client("rp").first_party().await;
    let mut ana = app.insert_member("ana").await;
    for _ in 0..3 {
        ana.sign_out().await;
        ana.sign_in().await;
        rp.sign_in(&mut ana).await;
    }
    settle(&app).await;
    let before = count(&app, Span::Day, SIGN_INS, "signed_in").await;
    assert_eq!(before, 3);
    assert_eq!(count(&app, Span::Hour, SIGN_INS, "signed_in").await, 3);
    assert_eq!(count(&app, Span::Month, SIGN_INS, "signed_in").await, 3);
    assert_eq!(count(&app, Span::Day, ACTIVE, "members").await, 1);
    assert_eq!(count(&app, Span::Month, ACTIVE, "services").await, 1);
    // Sealing again, and looking again, counts nothing again.
    settle(&app).await;
    assert_eq!(count(&app, Span::Day, SIGN_INS, "signed_in").await, 3);
    assert_eq!(count(&app, Span::Day, ACTIVE, "members").await, 1);
    // The next day is another one.
    app.advance(TimeDelta::days(1));
    ana.browser.forget_cookies();
    ana.sign_in().await;
    settle(&app).await;
    assert_eq!(count(&app, Span::Day, ACTIVE, "members").await, 1);
    assert_eq!(count(&app, Span::Day, ACCOUNTS, "registered").await, 0);
}

#[tokio::test]
async fn answers_are_counted_by_endpoint_and_never_by_path() {
    let app = App::start().await;
    let mut browser = app.browser();
    browser.get("/login").await;
    browser.get("/login").await;
    browser.get("/no/such/path-of-a-stranger").await;
    settle(&app).await;
    assert_eq!(count(&app, Span::Hour, ANSWERS, "sign_in/2").await, 2);
    assert_eq!(count(&app, Span::Hour, ANSWERS, "other/4").await, 1);
    let all = app.store.figures(Span::Hour, &[ANSWERS, idp_core::figures::LATENCY], app.now() - TimeDelta::days(1));
    assert!(all.await.unwrap().iter().all(|figure| !figure.label.contains("stranger")));
}

#[tokio::test]
async fn two_nodes_add_up_and_a_batch_that_is_sent_again_changes_nothing() {
    let one = App::start_on_servers().await;
    let two = one.another_node().await;
    for node in [&one, &two] {
        let mut browser = node.browser();
        browser.get("/login").await;
        browser.get("/login").await;
    }
    let (a, b) = tokio::join!(
        one.meter.flush(&one.store, &*one.chance, one.now()),
        two.meter.flush(&two.store, &*two.chance, two.now()),
    );
    a.unwrap();
    b.unwrap();
    assert_eq!(count(&one, Span::Hour, ANSWERS, "sign_in/2").await, 4);
    let what = idp_core::figures::Counted { metric: ANSWERS, label: "sign_in/2".to_owned() };
    let batch = uuid::Uuid::from_u128(9);
    for _ in 0..2 {
        one.store.add_figures(batch, one.now(), &[(what.clone(), 5)]).await.unwrap();
        two.store.add_figures(batch, one.now(), &[(what.clone(), 5)]).await.unwrap();
    }
    assert_eq!(count(&one, Span::Hour, ANSWERS, "sign_in/2").await, 9);
}

#[tokio::test]
async fn the_page_shows_plots_with_a_name_and_a_table_and_gives_a_file() {
    let app = App::start().await;
    let mut auditor = app.insert_staff("auditor", Role::Auditor, None).await;
    let mut ana = app.insert_member("ana").await;
    ana.sign_out().await;
    ana.sign_in().await;
    settle(&app).await;
    for range in ["day", "week", "month", "year"] {
        let page = auditor.browser.get(&format!("/admin/dashboard?range={range}")).await;
        assert_eq!(page.text("#tile-sign-ins"), "1", "{range}");
        assert!(page.has("#plot-sign-ins svg[role=img] > title") && page.has("#plot-sign-ins svg > desc"), "{range}");
        assert!(page.has("#plot-sign-ins table tbody tr"), "{range}");
        // The strict policy would take a style of its own away.
        assert!(!page.has("[style]") && !page.has("svg style") && !page.has("svg script"), "{range}");
        assert_eq!(page.has("#plot-active-members"), range != "day");
    }
    let page = auditor.browser.get("/admin/dashboard?range=day&endpoint=sign_in").await;
    assert!(page.has("#endpoints") && page.has("#all-endpoints"));
    let file = auditor.browser.look("/admin/dashboard.csv?range=day").await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert!(file.body.starts_with("begins_at,metric,label,count\r\n"));
    assert!(file.body.contains(",sign_ins,signed_in,1\r\n"), "{}", file.body);
    assert!(!file.body.contains(&ana.id.to_string()));
    for bad in ["range=forever", "endpoint=%2Flogin"] {
        auditor.browser.get(&format!("/admin/dashboard?{bad}")).await.expect_error(400, "invalid_request");
    }
}

/// Answers are added up over endpoints without files and probes, or are those of one; the table has each in the range.
#[tokio::test]
async fn answers_are_drawn_of_all_endpoints_or_of_one() {
    let app = App::start().await;
    let mut auditor = app.insert_staff("auditor", Role::Auditor, None).await;
    let count = |metric, label: &str, count| (Counted { metric, label: label.to_owned() }, count);
    let counts = [
        count(ANSWERS, "par/2", 40),
        count(ANSWERS, "par/4", 7),
        count(ANSWERS, "par/5", 3),
        count(ANSWERS, "revoke/4", 1_000),
        count(ANSWERS, "assets/2", 5_000_000),
        count(LATENCY, "par/03", 50),
        count(LATENCY, "revoke/00", 1_000),
    ];
    app.store.add_figures(uuid::Uuid::from_u128(7), app.now(), &counts).await.unwrap();
    let last = |page: &Page, plot: &str| {
        [1, 2].map(|kind| page.text(&format!("#{plot} table tbody tr:last-child td:nth-of-type({kind})")))
    };
    let page = auditor.browser.get("/admin/dashboard?range=day&endpoint=par").await;
    assert_eq!(last(&page, "plot-answers"), ["40", "0"]);
    assert_eq!(last(&page, "plot-errors"), ["7", "3"]);
    assert!(page.has("#plot-latency svg"));
    let cells = |page: &Page, row: u32| {
        [1, 2, 3].map(|cell| page.text(&format!("#endpoints tbody tr:nth-child({row}) td:nth-of-type({cell})")))
    };
    assert_eq!(cells(&page, 2), ["1,000", "100.00", "0.00"], "refused revocations come behind files");
    assert_eq!(cells(&page, 3), ["50", "14.00", "6.00"]);
    let page = auditor.browser.get("/admin/dashboard?range=day").await;
    assert_eq!(last(&page, "plot-errors"), ["1,007", "3"]);
    assert_eq!(last(&page, "plot-answers")[0], "40", "files are not counted in");
}

#[tokio::test]
async fn the_stock_tells_how_many_members_there_are_and_whose_time_ends() {
    let app = App::start().await;
    let mut auditor = app.insert_permanent("auditor").await;
    app.give_role(&auditor, Role::Auditor, None).await;
    app.insert_member("ana").await;
    app.advance(TimeDelta::days(50));
    app.prove_strongly(&mut auditor).await;
    settle(&app).await;
    let page = auditor.browser.get("/admin/dashboard").await;
    assert_eq!(page.text("#tile-permanent"), "1");
    assert_eq!(page.text("#tile-temporary"), "1");
    assert_eq!(page.text("#tile-ending"), "1");
    assert!(page.has("#plot-ending table"));
    assert!(!page.has("#unused"));
    app.client("rp").await;
    app.advance(TimeDelta::days(91));
    app.prove_strongly(&mut auditor).await;
    let page = auditor.browser.get("/admin/dashboard").await;
    assert_eq!(page.attribute("#unused a", "href").as_deref(), Some("/admin/clients?only=unused"));
}
