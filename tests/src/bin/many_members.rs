//! A million made-up members on PostgreSQL, and what finding them costs.
//!
//! `cargo run --release -p idp-tests --bin many_members -- [members] [clients] [times] [words]` starts a PostgreSQL of its
//! own (with the settings of the tests: 64 MB of buffers), fills it, asks for every list and search of console and API
//! through the router, the first page and the ten-thousandth alike, and prints what each took within the server as a table
//! that can go into a note. `words` asks for those alone in whose name they are. It judges nothing.

use std::io::Write as _;
use std::time::{Duration, Instant};

use idp_tests::{App, Clock as _, Crowd, Measured, Measuring, servers};
use idp_web::config::Location;

#[tokio::main]
async fn main() {
    let mut given = std::env::args().skip(1);
    let mut count = |usual: u32| given.next().map_or(usual, |count| count.parse().unwrap_or(usual));
    let (members, clients, times) = (count(1_000_000), count(500), count(200));
    let words: Vec<String> = std::env::args().skip(4).collect();
    let server = servers::Postgres::of_its_own();
    let url = server.empty_database();
    let app = App::start_with(|config| {
        config.database.url = Location::new(url.as_str());
        // The clock stands still: a program's minute is never over.
        config.clients.api_requests_per_minute = u64::from(u32::MAX);
    })
    .await;
    let crowd = Crowd { members, clients, now: app.clock().now() };
    let begun = Instant::now();
    crowd.make(&server, &url, &app).await.expect("the crowd is written");
    let lines = server.ask(&url, "SELECT count(*) FROM audit_log");
    let size = server.ask(&url, "SELECT pg_size_pretty(pg_database_size(current_database()))");
    say(format!(
        "{members} members, {clients} services, {lines} lines in the audit log, {size}: made in {} s\n",
        begun.elapsed().as_secs()
    ));
    say("| Asked for | Page | Rows | Median | 99th percentile |\n|---|---:|---:|---:|---:|".to_owned());
    let mut measuring = Measuring::new(crowd, &app, &server, &url).await;
    let mut slowest: Option<Measured> = None;
    for asked in measuring.everything().await {
        if !words.iter().all(|word| asked.what.contains(word.as_str())) {
            continue;
        }
        let measured = measuring.measure(&asked, usize::try_from(times).unwrap_or(1)).await;
        let Measured { rows, p50, p99, .. } = &measured;
        say(format!("| {} | {} | {rows} | {} | {} |", asked.what, asked.page, shown(*p50), shown(*p99)));
        if slowest.as_ref().is_none_or(|slowest| slowest.p99 < measured.p99) {
            slowest = Some(measured);
        }
    }
    if let Some(slowest) = slowest {
        say(format!("\nThe slowest: {}, page {}: {}", slowest.asked.what, slowest.asked.page, shown(slowest.p99)));
    }
}

fn shown(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

fn say(line: String) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
