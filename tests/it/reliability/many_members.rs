//! Issue 4, "Scale and speed", in small: the generator makes its crowd, and every list and search that the benchmark
//! measures answers. How long each takes with a million members is in docs/operating.md; nothing is timed here.

use idp_tests::{App, Clock as _, Crowd, Measuring, servers};
use idp_web::config::Location;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_list_and_search_answers_before_a_crowd() {
    let server = servers::postgres();
    let url = server.empty_database();
    let app = App::start_with(|config| {
        config.database.url = Location::new(url.as_str());
        config.clients.api_requests_per_minute = u64::from(u32::MAX);
    })
    .await;
    let crowd = Crowd { members: 2_000, clients: 40, now: app.clock().now() };
    crowd.make(server, &url, &app).await.unwrap();
    let mut measuring = Measuring::new(crowd, &app, server, &url).await;
    let everything = measuring.everything().await;
    let mut deep = 0;
    for asked in &everything {
        // Answered with 200, or it fails in there.
        let measured = measuring.measure(asked, 1).await;
        let empty = ["ฮฮฮ", "ไม่มีชื่อนี้", "department=dit"].iter().any(|word| asked.what.contains(word));
        assert_eq!(measured.rows == 0, empty, "{} {}: {} rows", asked.what, asked.page, measured.rows);
        deep += usize::from(asked.page != "first");
    }
    assert!(everything.len() > 100 && deep > 30, "{} and {deep}", everything.len());
    // What the dashboard shows was counted from the crowd's lines.
    let lines: u64 =
        server.ask(&url, "SELECT count(*) FROM audit_log WHERE action = 'session.signed_in'").parse().unwrap();
    let counted = "SELECT sum(count) FROM figures WHERE span = 'month' AND metric = 'sign_ins'";
    let counted: u64 = server.ask(&url, counted).parse().unwrap();
    assert_eq!(counted, lines);
}
