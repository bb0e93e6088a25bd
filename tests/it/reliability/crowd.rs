//! S124: three hundred people sign in at once.

use idp_tests::{App, PASSWORD, Page};
use tokio::task::JoinSet;

use super::Site;

const CROWD: usize = 300;
const KNOWN: usize = 10;

/// The most memory that a process ever held, in MiB.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux says so");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") / 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s124_of_three_hundred_sign_ins_at_once_some_are_put_off_and_nobody_else_notices() {
    let site = Site::on_sqlite().await;
    let app = site.app().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    let tokens = rp.sign_in(&mut ana).await;
    let mut emails = Vec::new();
    for number in 0..KNOWN {
        emails.push(app.insert_member(&format!("known{number}")).await.email);
    }
    // Nobody has the other addresses; their passwords are hashed all the same.
    emails.extend((KNOWN..CROWD).map(|number| format!("nobody{number}@mail.example")));
    app.store.close().await;
    let (running, there) = site.serve(&app).await;
    let (rp, before) = (rp.at(&there), peak(running.id()));

    let mut arriving = JoinSet::new();
    for (number, email) in emails.into_iter().enumerate() {
        let mut browser = there.browser();
        arriving.spawn(async move {
            let page = browser.get("/login").await;
            let form = page.form("/login").with("username", &email).with("password", PASSWORD);
            (number, browser, form)
        });
    }
    let mut signing_in = JoinSet::new();
    for (number, mut browser, form) in arriving.join_all().await {
        signing_in.spawn(async move {
            let page = browser.submit(form.clone()).await;
            (number, browser, form, page)
        });
    }
    // Meanwhile everybody else goes on.
    let mut refresh = tokens.refresh;
    for _ in 0..10 {
        there.get("/jwks.json").await.expect(200);
        let reply = rp.refresh(&refresh, None).await.expect(200);
        refresh = reply.json()["refresh_token"].as_str().unwrap().to_owned();
    }
    let answers = signing_in.join_all().await;
    let put_off = |page: &Page| page.status == 503;
    let (later, now): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(.., page)| put_off(page));
    assert!(!now.is_empty() && later.len() > CROWD / 3, "{} answered, {} put off", now.len(), later.len());
    for (number, .., page) in &now {
        let expected = if *number < KNOWN { "/profile" } else { "/login" };
        assert_eq!(page.place(), expected, "{}", page.status);
    }
    for (.., page) in &later {
        page.expect_error(503, "temporarily_unavailable");
        assert!(page.headers.contains_key("retry-after"));
    }
    // Two hashes of 19 MiB at a time, and what three hundred connections take.
    let grown = peak(running.id()) - before;
    assert!(grown < 200, "{grown} MiB more");
    // Whoever was put off comes again and is let in.
    for (number, mut browser, form, _) in later {
        if number < KNOWN {
            assert_eq!(browser.submit(form).await.place(), "/profile");
        }
    }
    running.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s124_whoever_was_put_off_is_not_locked_out_for_it() {
    let app = App::start_with(|config| {
        config.passwords.threads = 1;
        config.passwords.queue = 1;
    })
    .await;
    let mut ana = app.insert_member("ana").await.elsewhere();
    let mut crowd = JoinSet::new();
    // One at the hash, one behind, and one who takes every place that is left.
    for _ in 0..3 {
        let app = app.clone();
        crowd.spawn(async move {
            loop {
                let _ = app.hasher.check(PASSWORD.to_owned(), None).await;
                tokio::task::yield_now().await;
            }
        });
    }
    // Now and then she is lucky.
    let (mut tries, mut put_off) = (0, 0);
    while put_off < 12 {
        tries += 1;
        assert!(tries < 200, "the pool is never full");
        let page = ana.sign_in().await;
        match page.status.as_u16() {
            503 => put_off += 1,
            _ => assert_eq!(page.place(), "/profile", "{}", page.text("main")),
        }
        ana.browser.forget_cookies();
    }
    crowd.shutdown().await;
    assert_eq!(ana.sign_in().await.place(), "/profile");
}
