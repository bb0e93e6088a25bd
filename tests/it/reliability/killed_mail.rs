//! S140: the program is killed while it sends mail, its mail server is away, and what it says is encrypted.

use std::collections::BTreeMap;

use idp_tests::{App, soon};
use sea_orm::{ConnectionTrait as _, Database};

use super::Site;
use super::post::Post;
use crate::account::register::at_code;
use crate::command::program::Running;

const WAITING: &str = "SELECT count(*) FROM mails WHERE done_at IS NULL";

/// A site whose mail goes to `post`.
async fn site(post: &Post, query: &str) -> Site {
    let site = Site::on_sqlite().await;
    let settings = std::fs::read_to_string(site.trial.config()).unwrap();
    let smtp = format!("transport = \"smtp\"\nsmtp_url = \"smtp://localhost:{}{query}\"\n", post.port());
    site.trial.write(&settings.replace("transport = \"file\"\n", &smtp));
    site
}

/// So many mails are queued by people at the pages of the program that is served.
async fn ask(there: &App, round: usize, count: usize) {
    for number in 0..count {
        let (_, page) = at_code(there, &format!("r{round}n{number}@mail.example")).await;
        assert_eq!(page.status, 200, "no page waits for a mail server");
    }
}

/// A mail that is being sent is nobody else's for two minutes: here they are over.
async fn two_minutes_later(site: &Site) {
    let connection = Database::connect(format!("sqlite://{}", site.trial.path("idp.sqlite3"))).await.unwrap();
    let sql = "UPDATE mails SET leased_until = 0, due_at = 0 WHERE done_at IS NULL";
    connection.execute_unprepared(sql).await.unwrap();
    connection.close().await.unwrap();
}

fn counts(ids: Vec<String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for id in ids {
        *counts.entry(id).or_insert(0) += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s140_a_kill_while_sending_loses_no_mail_and_doubles_one_at_most() {
    const MAILS: usize = 4;
    let post = Post::start();
    let site = site(&post, "").await;
    for round in 0..3 {
        let app = site.app().await;
        app.store.close().await;
        let before = post.mails().len();
        // While people ask, nobody takes mail; then one of the mails is being taken when the power goes.
        post.close(true);
        let (running, there) = site.serve(&app).await;
        ask(&there, round, MAILS).await;
        let silent_at = before + 1 + round;
        post.fall_silent_at(silent_at);
        post.close(false);
        two_minutes_later(&site).await;
        soon("a mail is on its way", async || post.mails().len() >= silent_at).await;
        running.kill().await;
        post.fall_silent_at(usize::MAX);
        assert!(site.number(WAITING).await >= 1, "what was not said to be taken still waits");
        two_minutes_later(&site).await;
        let running = site.trial.serve().await;
        soon("every mail is sent", async || site.number(WAITING).await == 0).await;
        running.kill().await;
        let sent = counts(post.ids().split_off(before));
        assert_eq!(sent.len(), MAILS, "none is lost: {sent:?}");
        let extra = sent.values().sum::<usize>() - MAILS;
        assert!(extra <= 1, "one at most is sent again, under its own Message-ID: {sent:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_go_over_starttls_to_a_server_that_is_trusted_and_to_no_other() {
    let post = Post::with_tls();
    let site = site(&post, "?tls=required").await;
    let trusted = site.trial.path("mail.pem");
    std::fs::write(&trusted, post.certificate()).unwrap();
    let app = site.app().await;
    app.store.close().await;
    // Nobody has said that this certificate is to be trusted.
    let (running, there) = site.serve(&app).await;
    ask(&there, 0, 1).await;
    let tried = "SELECT count(*) FROM mails WHERE done_at IS NULL AND last_error IS NOT NULL";
    assert_eq!(site.until(tried, 1).await, 1);
    running.kill().await;
    assert!(post.mails().is_empty(), "nothing was told to a stranger");
    two_minutes_later(&site).await;
    let config = site.trial.config();
    let arguments = ["serve", "--config", config.as_str()];
    let running = site.trial.ready(Running::start_with(&arguments, &[("SSL_CERT_FILE", &trusted)])).await;
    soon("the mail is sent", async || site.number(WAITING).await == 0).await;
    assert_eq!((post.mails().len(), post.encrypted()), (1, 1));
    running.kill().await;
}
