//! S134: the disk is full. A limit on the size of its files stands for it: the program gets the same refusal from the
//! system, at the same place, and nobody needs to be root.

use std::process::Command;

use idp_tests::soon;

use super::Site;
use crate::command::program::Running;

/// Limits the size of every file the program writes, from now on.
fn limit(running: &Running, bytes: &str) {
    let id = running.id().to_string();
    let done = Command::new("prlimit").args(["--pid", &id, &format!("--fsize={bytes}:")]).status();
    assert!(done.expect("util-linux has prlimit").success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s134_a_full_disk_stops_the_writes_alone_and_when_there_is_room_all_is_as_before() {
    let site = Site::on_sqlite().await;
    let app = site.app().await;
    let rp = app.client("rp").first_party().await;
    let mut ana = app.insert_member("ana").await;
    let tokens = rp.sign_in(&mut ana).await;
    app.store.close().await;
    // The signal that comes with the limit would end the program; a full disk sends none.
    let config = site.trial.config();
    let running = Running::start_ignoring("XFSZ", &["serve", "--config", &config]);
    let running = site.trial.ready(running).await;
    let there = app.served_at(&site.address());
    let rp = rp.at(&there);
    ana.browser.visit(&there);
    rp.userinfo(&tokens.access).await.expect(200);
    let size = |name: &str| std::fs::metadata(site.trial.path(name)).map_or(0, |file| file.len());
    let room = size("idp.sqlite3").max(size("idp.sqlite3-wal")) + 64 * 1024;
    limit(&running, &room.to_string());
    // Refreshed until nothing more can be written.
    let mut last = tokens.refresh;
    let mut refused = None;
    for _ in 0..2000 {
        let reply = rp.refresh(&last, None).await;
        if reply.status != 200 {
            refused = Some(reply);
            break;
        }
        last = reply.json()["refresh_token"].as_str().unwrap().to_owned();
    }
    let refused = refused.expect("the limit is reached").expect(503);
    assert_eq!((refused.error().as_str(), refused.header("retry-after")), ("temporarily_unavailable", "5"));
    for _ in 0..20 {
        let writing = ana.browser.get(&rp.ask().with("prompt", "none").path()).await;
        writing.expect_error(503, "temporarily_unavailable");
        assert!(writing.headers.contains_key("retry-after"));
        rp.refresh(&last, None).await.expect(503);
        for reading in ["/jwks.json", "/.well-known/openid-configuration", "/login", "/health/live", "/health/ready"] {
            there.get(reading).await.expect(200);
        }
    }
    assert!(ana.browser.is_signed_in().await);
    limit(&running, "unlimited");
    soon("there is room again", async || {
        let reply = rp.refresh(&last, None).await;
        if reply.status == 200 {
            last = reply.json()["refresh_token"].as_str().unwrap().to_owned();
        }
        reply.status == 200
    })
    .await;
    rp.ask_silently(&mut ana.browser).await.code();
    // What was answered before, during and after is there when the program comes back.
    running.kill().await;
    assert!(site.is_whole().await);
    site.is_sound().await;
    let (running, there) = site.serve(&app).await;
    rp.at(&there).refresh(&last, None).await.expect(200);
    running.kill().await;
}
