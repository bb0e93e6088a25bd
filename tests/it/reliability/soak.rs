//! S139: many sessions rest, and work goes on beside them; memory and descriptors stay what they were.
//!
//! Bounded by counts: `IDP_TEST_IDLE_SESSIONS` (1,000) and `IDP_TEST_SOAK_ROUNDS` (4 of 250 sign-ins). For an hour's soak, see
//! `docs/operating.md`.

use std::sync::Arc;

use idp_tests::{App, Client, Member, servers};
use tokio::task::JoinSet;

use super::Site;
use crate::command::program::Running;

/// Sign-ins in a round.
const ROUND: usize = 250;
const WORKERS: usize = 5;

fn count(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// What the system says of the program.
struct Usage {
    resident_kib: usize,
    descriptors: usize,
}

impl Usage {
    fn of(running: &Running) -> Self {
        let id = running.id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a running program has memory");
        let resident_kib = line.trim().trim_end_matches(" kB").parse().expect("a number");
        let descriptors = std::fs::read_dir(format!("/proc/{id}/fd")).unwrap().count();
        Self { resident_kib, descriptors }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s139_resting_sessions_and_steady_work_take_no_more_and_more() {
    let site = Site::on_postgres(servers::postgres().empty_database()).await;
    let app = site.app().await;
    let rp = app.client("rp").first_party().await;
    let idle = count("IDP_TEST_IDLE_SESSIONS", 1000);
    for number in 0..idle {
        app.insert_member(&format!("idle{number}")).await;
    }
    let mut working = Vec::new();
    for number in 0..WORKERS {
        working.push(app.insert_member(&format!("worker{number}")).await);
    }
    app.store.close().await;
    let (running, there) = site.serve(&app).await;
    assert!(site.number("SELECT count(*) FROM sessions WHERE ended_at IS NULL").await >= idle as i64);
    // Connections, caches and the allocator take their place in the first round.
    round(&rp, &there, &working).await;
    let before = Usage::of(&running);
    for _ in 0..count("IDP_TEST_SOAK_ROUNDS", 4) {
        round(&rp, &there, &working).await;
    }
    let after = Usage::of(&running);
    // Twenty megabytes are what an allocator keeps; a leak of a kilobyte a request would be more in a long soak.
    let (was, is) = (before.resident_kib, after.resident_kib);
    assert!(is <= was + was / 5 + 20 * 1024, "from {was} KiB to {is} KiB");
    assert!(after.descriptors <= before.descriptors + 16, "from {} to {}", before.descriptors, after.descriptors);
    // Whoever rested is still signed in: the rounds of upkeep have ended nobody's session before its time.
    assert!(site.number("SELECT count(*) FROM sessions WHERE ended_at IS NULL").await >= idle as i64);
    running.kill().await;
}

/// Sign-ins from many sides, each with its code, tokens, a refresh and userinfo.
async fn round(rp: &Client, there: &App, members: &[Member]) {
    let rp = Arc::new(rp.at(there));
    let mut workers = JoinSet::new();
    for member in members {
        let (rp, mut member) = (Arc::clone(&rp), member.clone());
        member.browser.visit(there);
        workers.spawn(async move {
            for _ in 0..ROUND / WORKERS {
                let tokens = rp.sign_in(&mut member).await;
                rp.claims(&rp.refreshed(&tokens).await).await;
            }
        });
    }
    workers.join_all().await;
}
