//! S133: PostgreSQL crashes, cuts its connections, takes no writes, keeps rows locked, while requests come. They are
//! answered, or put off with 503 and Retry-After; nothing that was answered is lost; and it heals by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use idp_tests::servers::Postgres;
use idp_tests::{Answer, App, Client, Member, Reply, Tokens, soon};
use idp_web::config::Location;
use tokio::task::JoinSet;

const CLIENTS: usize = 6;

/// A provider on a PostgreSQL of its own, with members at work.
struct Scene {
    postgres: Arc<Postgres>,
    url: String,
    app: App,
    rp: Client,
    traffic: Arc<Traffic>,
    workers: JoinSet<()>,
}

/// What the members at work came to.
#[derive(Default)]
struct Traffic {
    done: AtomicU64,
    put_off: AtomicU64,
    over: AtomicBool,
}

impl Traffic {
    /// Notes an answer; whether it was one, and not a "later".
    #[track_caller]
    fn takes(&self, status: u16, retry_after: bool, what: &str) -> bool {
        if status == 503 {
            assert!(retry_after, "{what}: when to come again is not said");
            self.put_off.fetch_add(1, Ordering::SeqCst);
            return false;
        }
        self.done.fetch_add(1, Ordering::SeqCst);
        true
    }

    fn reply(&self, reply: &Reply, expected: u16, what: &str) -> bool {
        let status = reply.status.as_u16();
        assert!([expected, 503].contains(&status), "{what}: {status} {}", reply.body);
        self.takes(status, !reply.header("retry-after").is_empty(), what)
    }
}

impl Scene {
    async fn start() -> Self {
        let postgres = tokio::task::spawn_blocking(Postgres::of_its_own).await.unwrap();
        let url = postgres.empty_database();
        let app = App::start_with(|config| config.database.url = Location::new(url.as_str())).await;
        let rp = app.client("rp").first_party().await;
        let mut scene =
            Self { postgres: Arc::new(postgres), url, app, rp, traffic: Arc::default(), workers: JoinSet::new() };
        for number in 0..CLIENTS {
            let mut member = scene.app.insert_member(&format!("ana{number}")).await;
            let tokens = scene.rp.sign_in(&mut member).await;
            scene.workers.spawn(work(scene.rp.clone(), member, tokens, Arc::clone(&scene.traffic)));
        }
        scene.goes_on().await;
        scene
    }

    /// Waits until every kind of request has been answered again, many times.
    async fn goes_on(&self) {
        let so_far = self.traffic.done.load(Ordering::SeqCst);
        soon("requests are answered", async || self.traffic.done.load(Ordering::SeqCst) > so_far + 200).await;
    }

    /// Waits until somebody was told to come later.
    async fn is_felt(&self) {
        let so_far = self.traffic.put_off.load(Ordering::SeqCst);
        soon("it is felt", async || self.traffic.put_off.load(Ordering::SeqCst) > so_far).await;
    }

    async fn administer(&self, sql: &'static str) {
        let (postgres, url) = (Arc::clone(&self.postgres), self.url.clone());
        tokio::task::spawn_blocking(move || postgres.administer(&url, sql)).await.unwrap();
    }

    /// It has healed: everybody comes to an end with an answer, and none of it was lost.
    async fn heals(mut self) {
        self.goes_on().await;
        self.traffic.over.store(true, Ordering::SeqCst);
        while let Some(worker) = self.workers.join_next().await {
            worker.unwrap();
        }
        self.app.get("/health/ready").await.expect(200);
        let report = self.app.store.verify_audit().await.unwrap();
        assert_eq!(report.fault, None);
        let mut ana = self.app.insert_member("after").await;
        self.rp.sign_in(&mut ana).await;
        self.app.store.close().await;
    }
}

/// A member whose service refreshes, reads userinfo, and signs in anew, again and again. What is put off is sent again.
async fn work(rp: Client, mut member: Member, tokens: Tokens, traffic: Arc<Traffic>) {
    let mut refresh = tokens.refresh;
    while !traffic.over.load(Ordering::SeqCst) {
        // A refresh whose answer was lost is good once more; a token that was answered, and then forgotten, would not be.
        let reply = rp.refresh(&refresh, None).await;
        if traffic.reply(&reply, 200, "refresh") {
            let json = reply.json();
            refresh = json["refresh_token"].as_str().unwrap().to_owned();
            let access = json["access_token"].as_str().unwrap();
            while !traffic.reply(&rp.userinfo(access).await, 200, "userinfo") {
                tokio::task::yield_now().await;
            }
        }
        traffic.reply(&rp.app().get("/jwks.json").await, 200, "jwks");
        let ask = rp.ask().with("prompt", "none");
        let page = member.browser.get(&ask.path()).await;
        let retry_after = page.headers.contains_key("retry-after");
        assert!([303, 503].contains(&page.status.as_u16()), "authorize: {} {}", page.status, page.text("main"));
        if traffic.takes(page.status.as_u16(), retry_after, "authorize") {
            let answer = Answer::of(&page);
            let exchanged = rp.exchange(&ask, answer.code()).await;
            // When its answer was lost the code may be spent: the service has to begin again, as after any lost answer.
            traffic.reply(&exchanged, 200, "exchange");
        }
    }
    // What was answered last holds.
    let last = async {
        while !traffic.reply(&rp.refresh(&refresh, None).await, 200, "the last refresh") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), last).await.expect("it heals");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s133_after_a_crash_of_postgresql_it_goes_on_and_nothing_answered_is_lost() {
    let scene = Scene::start().await;
    for _ in 0..2 {
        let postgres = Arc::clone(&scene.postgres);
        tokio::task::spawn_blocking(move || postgres.crash_and_recover()).await.unwrap();
        scene.goes_on().await;
    }
    assert!(scene.traffic.put_off.load(Ordering::SeqCst) > 0, "it was felt");
    scene.heals().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s133_connections_that_are_cut_are_made_again() {
    let scene = Scene::start().await;
    for _ in 0..5 {
        scene
            .administer(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
                 AND pid <> pg_backend_pid()",
            )
            .await;
        scene.goes_on().await;
    }
    scene.heals().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s133_a_database_that_takes_no_writes_is_read_and_written_again_when_it_does() {
    let scene = Scene::start().await;
    scene.administer("ALTER SYSTEM SET default_transaction_read_only = on").await;
    scene.administer("SELECT pg_reload_conf()").await;
    scene.is_felt().await;
    // What is only read is there.
    scene.app.get("/health/ready").await.expect(200);
    scene.app.get("/login").await.expect(200);
    scene.administer("ALTER SYSTEM RESET default_transaction_read_only").await;
    scene.administer("SELECT pg_reload_conf()").await;
    scene.heals().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s133_rows_that_somebody_keeps_locked_are_not_waited_for_without_end() {
    let scene = Scene::start().await;
    let (postgres, url) = (Arc::clone(&scene.postgres), scene.url.clone());
    // Longer than the program is willing to wait for a lock.
    let locking = tokio::task::spawn_blocking(move || {
        postgres.administer(&url, "BEGIN; LOCK TABLE grants IN EXCLUSIVE MODE; SELECT pg_sleep(6); COMMIT");
    });
    scene.is_felt().await;
    let reading = tokio::time::timeout(Duration::from_secs(20), scene.app.get("/jwks.json")).await;
    reading.expect("others are not held up").expect(200);
    locking.await.unwrap();
    scene.heals().await;
}
