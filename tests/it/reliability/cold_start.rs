//! S127: everybody asks for the keys while the program starts.

use std::collections::BTreeSet;
use std::sync::Arc;

use idp_tests::{App, soon};
use sea_orm::{ConnectionTrait as _, Database};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Site;
use crate::command::program::Running;

const REQUESTS: usize = 2000;
const AT_ONCE: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s127_everybody_asks_for_the_keys_while_the_program_starts_and_gets_them() {
    let site = Site::on_sqlite().await;
    // Nothing is there yet: tables and keys are made while they wait.
    let config = site.trial.config();
    let running = Running::start(&["serve", "--config", &config]);
    let (http, gate) = (reqwest::Client::new(), Arc::new(Semaphore::new(AT_ONCE)));
    let mut asking = JoinSet::new();
    for number in 0..REQUESTS {
        let path = ["/jwks.json", "/.well-known/openid-configuration"][number % 2];
        let (http, gate, url) = (http.clone(), Arc::clone(&gate), format!("{}{path}", site.address()));
        asking.spawn(async move {
            let _one = gate.acquire().await.unwrap();
            loop {
                // Until it listens there is nobody to answer; from then on every request is.
                match http.get(&url).send().await {
                    Ok(reply) => return (path, reply.status().as_u16(), reply.text().await.unwrap()),
                    Err(error) => assert!(error.is_connect(), "{error}"),
                }
                tokio::task::yield_now().await;
            }
        });
    }
    let answers: BTreeSet<_> = asking.join_all().await.into_iter().collect();
    let texts = |path: &str| answers.iter().filter(|(at, status, _)| *at == path && *status == 200).count();
    assert_eq!(texts("/.well-known/openid-configuration"), 1);
    // The keys as they were made, and with their successors once the first round has published them.
    assert!((1..=2).contains(&texts("/jwks.json")), "{answers:?}");
    assert!(answers.iter().all(|(_, status, _)| *status == 200));
    running.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s127_no_request_reads_the_keys_from_the_database() {
    let app = App::start().await;
    let keys = app.get("/jwks.json").await.expect(200).body;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let database = Database::connect(app.config.database.url.expose()).await.unwrap();
    database.execute_unprepared("DELETE FROM signing_keys").await.unwrap();
    database.close().await.unwrap();
    let mut asking = JoinSet::new();
    for _ in 0..REQUESTS {
        let app = app.clone();
        asking.spawn(async move { app.get("/jwks.json").await.expect(200).body });
    }
    assert!(asking.join_all().await.iter().all(|body| *body == keys));
    // Signing needs no other keys than those.
    let tokens = rp.sign_in(&mut ana).await;
    soon("it is read", async || rp.userinfo(&tokens.access).await.status == 200).await;
}
