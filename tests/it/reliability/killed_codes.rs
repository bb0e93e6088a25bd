//! S128: the program is killed while codes and refresh tokens are in flight. A code is unused or spent together with its
//! tokens, and what was answered holds.

use chrono::TimeDelta;
use idp_core::secret::Secret;
use idp_tests::{Answer, App, Ask, Client, Member, servers};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::Site;
use super::site::{Queue, is_cut_off, queue};

const CODES: usize = 24;
const WORKERS: usize = 6;

/// A code, and what its client knows of it.
struct Trail {
    ask: Ask,
    code: String,
    /// Whether it was ever sent.
    sent: bool,
    /// The refresh tokens that arrived, oldest first.
    arrived: Vec<String>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s128_codes_survive_a_kill_on_sqlite() {
    // After so many answers the program is killed, in the middle of whatever it is doing then.
    survive(Site::on_sqlite().await, &[1, 9, 26, 55]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s128_codes_survive_a_kill_on_postgresql() {
    survive(Site::on_postgres(servers::postgres().empty_database()).await, &[4, 33]).await;
}

async fn survive(site: Site, rounds: &[usize]) {
    let app = site.app().await;
    let rp = app.client("rp").first_party().await;
    let mut ana = app.insert_member("ana").await;
    rp.authorize(&mut ana, &rp.ask()).await.code();
    app.store.close().await;
    for answers in rounds {
        let (trails, app) = cut_off(&site, &rp, &ana, *answers).await;
        look_at(&site, &app, &trails).await;
        app.store.close().await;
        go_on(&site, &app, &rp, trails).await;
    }
    let app = site.app().await;
    site.is_sound().await;
    assert!(site.is_whole().await);
    app.store.seal_audit(app.now() + TimeDelta::minutes(1), TimeDelta::zero()).await.unwrap();
    let report = app.store.verify_audit().await.unwrap();
    assert_eq!((report.fault, report.unsealed_rows), (None, 0));
    assert!(report.sealed_rows > 0);
    app.store.close().await;
}

/// Sends codes and refresh tokens from many sides, and kills the program after `answers` answers.
async fn cut_off(site: &Site, rp: &Client, ana: &Member, answers: usize) -> (Vec<Trail>, App) {
    let app = site.app().await;
    let mut browser = ana.browser.clone();
    browser.visit(&app);
    let mut trails = Vec::new();
    for _ in 0..CODES {
        let ask = rp.ask().with("prompt", "none");
        let code = Answer::of(&browser.get(&ask.path()).await).code().to_owned();
        trails.push(Trail { ask, code, sent: false, arrived: Vec::new() });
    }
    app.store.close().await;
    let (running, there) = site.serve(&app).await;
    let (answered, mut heard) = mpsc::unbounded_channel();
    let waiting = queue(trails);
    let mut workers = JoinSet::new();
    for _ in 0..WORKERS {
        workers.spawn(work(rp.at(&there), waiting.clone(), answered.clone()));
    }
    drop(answered);
    for _ in 0..answers {
        heard.recv().await;
    }
    running.kill().await;
    let mut trails: Vec<Trail> = workers.join_all().await.into_iter().flatten().collect();
    trails.extend(waiting.lock().unwrap().drain(..));
    assert_eq!(trails.len(), CODES);
    (trails, site.app().await)
}

/// Exchanges codes one after the other, each refreshed twice, until the program is gone.
async fn work(rp: Client, waiting: Queue<Trail>, answered: mpsc::UnboundedSender<()>) -> Vec<Trail> {
    let mut done = Vec::new();
    loop {
        let next = waiting.lock().unwrap().pop_front();
        let Some(mut trail) = next else { return done };
        trail.sent = true;
        for _ in 0..3 {
            let reply = match trail.arrived.last() {
                None => rp.exchange(&trail.ask, &trail.code).await,
                Some(token) => rp.refresh(token, None).await,
            };
            if is_cut_off(&reply) {
                done.push(trail);
                return done;
            }
            trail.arrived.push(reply.expect(200).json()["refresh_token"].as_str().unwrap().to_owned());
            let _ = answered.send(());
        }
        done.push(trail);
    }
}

/// The data right after the kill.
async fn look_at(site: &Site, app: &App, trails: &[Trail]) {
    site.is_sound().await;
    for trail in trails {
        let code = Secret::presented(&trail.code).digest();
        let grant = app.store.grant_by_code(&code).await.unwrap().expect("an issued code is there");
        let spent = grant.refresh.is_some();
        assert!(spent || trail.arrived.is_empty(), "tokens were given out for a code that is not spent");
        assert!(!spent || trail.sent, "a code is spent that nobody sent");
    }
}

/// The same clients go on at the program, started again.
async fn go_on(site: &Site, app: &App, rp: &Client, trails: Vec<Trail>) {
    let (running, there) = site.serve(app).await;
    let rp = rp.at(&there);
    for Trail { ask, code, sent, arrived } in trails {
        let reply = match arrived.last() {
            // The reply to the next refresh may be what was lost: the token is good all the same.
            Some(last) => rp.refresh(last, None).await.expect(200),
            None => rp.exchange(&ask, &code).await,
        };
        if reply.status != 200 {
            assert!(sent, "a code that was never sent is good");
            reply.expect_token_error("invalid_grant");
            continue;
        }
        let tokens = reply.json();
        let access = tokens["access_token"].as_str().unwrap();
        rp.userinfo(access).await.expect(200);
        // One family from one code: sent once more, it gives nothing and takes back what it gave.
        rp.exchange(&ask, &code).await.expect_token_error("invalid_grant");
        rp.refresh(tokens["refresh_token"].as_str().unwrap(), None).await.expect_token_error("invalid_grant");
        rp.userinfo(access).await.expect(401);
    }
    running.kill().await;
}
