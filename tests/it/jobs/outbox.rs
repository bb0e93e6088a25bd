//! The outbox: each mail leaves once, whatever the mail server does meanwhile, and lies sealed until then.

use std::sync::Arc;

use chrono::TimeDelta;
use idp_tests::{App, Browser, Page};
use idp_web::config::{Location, MailTransport};
use idp_web::demo::mailbox::MailFolder;
use idp_web::demo::{Surroundings, smtp};
use idp_web::jobs::{self, Mailman};
use idp_web::run;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::smtp::MailServer;
use crate::account::register::at_code;

const EMAIL: &str = "ana@mail.example";

/// A provider that sends to the mail server at `url`, and its postman.
async fn provider(url: String) -> (App, Mailman) {
    let app = App::start_with(move |config| {
        config.mail.transport = MailTransport::Smtp;
        config.mail.smtp_url = Location::new(url);
    })
    .await;
    let mailman = run::mailman(app.provider()).expect("the mail settings are sound");
    (app, mailman)
}

/// The demonstration's own receiver.
struct Receiver {
    folder: MailFolder,
    port: u16,
    _place: tempfile::TempDir,
    _stop: tokio_util::sync::DropGuard,
}

impl Receiver {
    async fn start() -> Self {
        Self::on(TcpListener::bind(("127.0.0.1", 0)).await.expect("loopback has a free port"))
    }

    fn on(listener: TcpListener) -> Self {
        let port = listener.local_addr().expect("it listens").port();
        let place = tempfile::tempdir().expect("the temporary folder can be written");
        let start = idp_tests::START.parse().expect("a moment");
        let surroundings = Surroundings { now: Arc::new(move || start), chance: Arc::new(idp_tests::SystemChance) };
        let folder = MailFolder::open(place.path(), surroundings).expect("the folder can be made");
        let stop = CancellationToken::new();
        tokio::spawn(smtp::serve(listener, folder.clone(), stop.clone()));
        Self { folder, port, _place: place, _stop: stop.drop_guard() }
    }

    fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    async fn subjects(&self) -> Vec<String> {
        self.folder.newest_first().await.unwrap().into_iter().map(|line| line.subject).collect()
    }
}

async fn deliver(app: &App, mailman: &Mailman) -> usize {
    jobs::deliver_due(app.provider(), mailman, Uuid::from_u128(7)).await.expect("the database can be written")
}

async fn with_code(app: &App) -> (Browser, Page) {
    at_code(app, EMAIL).await
}

/// The six digits in a mail, as a person finds them.
fn digits(text: &str) -> String {
    let mut words = text.split(|c: char| !c.is_ascii_digit());
    words.find(|word| word.len() == 6).expect("six digits stand in the mail").to_owned()
}

#[tokio::test]
async fn a_mail_travels_by_smtp_once_and_its_code_opens_the_next_step() {
    let receiver = Receiver::start().await;
    let (app, mailman) = provider(receiver.url()).await;
    let (mut browser, page) = with_code(&app).await;
    assert_eq!(app.store.outbox_depth().await.unwrap(), 1);
    assert_eq!(deliver(&app, &mailman).await, 1);
    assert_eq!(deliver(&app, &mailman).await, 0);
    assert_eq!(app.store.outbox_depth().await.unwrap(), 0);
    let lines = receiver.folder.newest_first().await.unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].to, EMAIL);
    assert!(lines[0].subject.starts_with("[MOC Account] "), "{}", lines[0].subject);
    let mail = receiver.folder.read(&lines[0].id).await.unwrap().unwrap();
    assert!(mail.html.is_some(), "as text and as HTML");
    let code = digits(&mail.text);
    assert!(!lines[0].subject.contains(&code), "no secret on a locked screen");
    let page = browser.submit(page.form("/register/code").with("code", &code)).await;
    assert_eq!(page.place(), "/register/details");
}

#[tokio::test]
async fn s140_while_the_mail_server_is_down_pages_answer_and_mails_wait() {
    // A port that was ours and on which nobody listens.
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let (app, mailman) = provider(format!("smtp://127.0.0.1:{port}")).await;
    let (_, page) = with_code(&app).await;
    assert_eq!(page.status, 200, "the page waits for no mail server");
    let mut pauses = Vec::new();
    for _ in 0..3 {
        assert_eq!(deliver(&app, &mailman).await, 1);
        assert_eq!(deliver(&app, &mailman).await, 0, "not at once again");
        let mut waited = 0;
        while deliver(&app, &mailman).await == 0 {
            app.advance(TimeDelta::seconds(10));
            waited += 10;
            assert!(waited <= 1800);
            if waited >= 10 && pauses.len() < 4 {
                pauses.push(waited);
                break;
            }
        }
        app.advance(TimeDelta::minutes(5));
    }
    assert_eq!(app.store.outbox_depth().await.unwrap(), 1);
    let Ok(listener) = TcpListener::bind(("127.0.0.1", port)).await else {
        // Another program took the port meanwhile: what is shown above stands.
        return;
    };
    let receiver = Receiver::on(listener);
    app.advance(TimeDelta::minutes(3));
    deliver(&app, &mailman).await;
    assert_eq!(receiver.subjects().await.len(), 1);
    assert_eq!(app.store.outbox_depth().await.unwrap(), 0);
}

#[tokio::test]
async fn s140_a_server_that_is_busy_is_tried_again_and_one_that_refuses_is_not() {
    for (reply, waits) in [("450 4.2.1 busy", true), ("451 4.3.0 later", true), ("550 5.1.1 no such mailbox", false)] {
        let server = MailServer::start(reply).await;
        let (app, mailman) = provider(server.url()).await;
        with_code(&app).await;
        assert_eq!(deliver(&app, &mailman).await, 1);
        assert_eq!(app.store.outbox_depth().await.unwrap(), u64::from(waits), "{reply}");
        app.advance(TimeDelta::minutes(5));
        assert_eq!(deliver(&app, &mailman).await, usize::from(waits), "{reply}");
        assert_eq!(server.recipients().len(), if waits { 2 } else { 1 });
        assert!(server.recipients().iter().all(|line| line.contains(EMAIL)));
    }
}

#[tokio::test]
async fn a_mail_that_came_too_late_is_dropped() {
    let receiver = Receiver::start().await;
    let (app, mailman) = provider(receiver.url()).await;
    with_code(&app).await;
    app.advance(TimeDelta::minutes(31));
    assert_eq!(deliver(&app, &mailman).await, 1);
    assert_eq!(app.store.outbox_depth().await.unwrap(), 0);
    assert!(receiver.subjects().await.is_empty(), "a code that is long dead");
}

#[tokio::test]
async fn two_postmen_carry_a_mail_once() {
    let receiver = Receiver::start().await;
    let (app, mailman) = provider(receiver.url()).await;
    for number in 0..10 {
        at_code(&app, &format!("member{number}@mail.example")).await;
    }
    let rounds = (0..5).map(|postman| {
        let (app, mailman) = (app.clone(), Arc::clone(&mailman));
        tokio::spawn(
            async move { jobs::deliver_due(app.provider(), &mailman, Uuid::from_u128(postman)).await.unwrap() },
        )
    });
    let mut carried = 0;
    for round in rounds.collect::<Vec<_>>() {
        carried += round.await.unwrap();
    }
    assert_eq!(carried, 10);
    assert_eq!(receiver.subjects().await.len(), 10);
}

#[tokio::test]
async fn a_postman_who_died_on_the_way_leaves_his_mail_to_the_next() {
    let receiver = Receiver::start().await;
    let (app, mailman) = provider(receiver.url()).await;
    with_code(&app).await;
    let leased = app.store.lease_mails(Uuid::from_u128(1), app.now(), TimeDelta::minutes(2), 10).await.unwrap();
    assert_eq!(leased.len(), 1);
    assert_eq!(deliver(&app, &mailman).await, 0, "his for two minutes");
    app.advance(TimeDelta::minutes(2));
    assert_eq!(deliver(&app, &mailman).await, 1);
    assert_eq!(receiver.subjects().await.len(), 1);
}

#[tokio::test]
async fn neither_code_nor_address_nor_link_lies_open_in_the_database() {
    let app = App::start().await;
    let (_, _) = with_code(&app).await;
    let holder = Uuid::from_u128(3);
    let mail = app.store.lease_mails(holder, app.now(), TimeDelta::seconds(1), 1).await.unwrap().remove(0);
    let envelope = idp_web::account::post_office::Envelope::open(app.provider(), mail.id, &mail.sealed).unwrap();
    let idp_web::mail::Letter::ConfirmEmail { code, .. } = envelope.letter else { panic!("a code") };
    let sealed = String::from_utf8_lossy(&mail.sealed).into_owned();
    assert!(!sealed.contains(&code) && !sealed.contains(EMAIL));
    // A sealed letter opens in its own place alone.
    let other = idp_core::id::MailId(Uuid::from_u128(9));
    assert!(idp_web::account::post_office::Envelope::open(app.provider(), other, &mail.sealed).is_err());
    let folder = app.folder();
    app.store.close().await;
    let database = std::fs::read(folder.join("idp.sqlite3")).unwrap();
    assert!(!database.windows(code.len()).any(|part| part == code.as_bytes()), "the code");
}
