//! S143: a mistake of ours that panics, in a handler and in a job.

use chrono::TimeDelta;
use idp_core::id::AccountId;
use idp_tests::{App, soon};
use idp_web::{jobs, run};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

#[tokio::test]
async fn s143_a_handler_that_panics_is_a_bare_500_and_the_next_request_is_served() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    for path in ["/login", "/authorize?client_id=rp", "/profile", "/nowhere"] {
        app.clock().panic_when_read(1);
        let reply = app.get(path).await.expect(500);
        assert_eq!(reply.body, r#"{"error":"server_error"}"#, "{path}");
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!(reply.header("cache-control"), "no-store");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
    }
    app.clock().panic_when_read(1);
    let reply = app.unchanged(rp.refresh(&tokens.refresh, None)).await.expect(500);
    assert_eq!(reply.body, r#"{"error":"server_error"}"#);
    rp.refreshed(&tokens).await;
    assert!(ana.browser.is_signed_in().await);
}

/// How many sessions of the account have ended.
async fn ended(app: &App, account: AccountId) -> usize {
    let lines = app.store.events_about(account, 100).await.unwrap();
    lines.iter().filter(|line| line.action == "session.ended").count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s143_a_job_that_panics_is_begun_again() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let mut browser = app.browser();
    let page = browser.get("/register").await;
    let page = browser.submit(page.form("/register").with("member_type", "public")).await;
    let form = page.form("/register/terms").with("accept_terms", "yes").with("read_privacy", "yes");
    let page = browser.submit(form).await;
    browser.submit(page.form("/register/email").with("email", "ben@mail.example")).await;
    app.advance(TimeDelta::minutes(5));
    let mailed = || std::fs::read_dir(&app.config.mail.folder).map_or(0, Iterator::count);
    assert_eq!((mailed(), ended(&app, ana.id).await), (0, 0));
    // More than enough for every job's first turn, so that none gets through it.
    app.clock().panic_when_read(4);
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    jobs::start(app.provider(), run::mailman(app.provider()).unwrap(), &tasks, &stop);
    tasks.close();
    soon("the panics are over", async || app.clock().panics_left() == 0).await;
    soon("the letter is sent all the same", async || mailed() == 1).await;
    // And the round is made: its first turn comes when the job begins.
    soon("a seal is made", async || app.store.row_count("leases").await.unwrap() > 0).await;
    stop.cancel();
    tasks.wait().await;
}
