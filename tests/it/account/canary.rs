//! S094, S095: after a whole journey neither the database, Redis, a backup nor the log holds what only its owner may know.

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use idp_core::secret::Secret;
use idp_tests::{App, Letter, PASSWORD, filled_card, filled_details, servers};
use idp_web::config::{KeyFileFor, Location, create_key_file};
use idp_web::run::{self, Outside};
use sea_orm::{ConnectionTrait as _, Database};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;

/// A log that is kept in memory.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panics here").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Memory {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn count(bytes: &[u8], canary: &str) -> usize {
    bytes.windows(canary.len()).filter(|part| *part == canary.as_bytes()).count()
}

/// Every byte of the database's files.
fn database(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for name in ["idp.sqlite3", "idp.sqlite3-wal"] {
        bytes.extend(std::fs::read(folder.join(name)).unwrap_or_default());
    }
    bytes
}

/// A member's whole way, with mistakes and misuse; what must be found nowhere afterwards. A sign-in is left waiting.
async fn journey(app: &App) -> Vec<(&'static str, String)> {
    let rp = app.client("rp").citizen_id().await;
    let mut browser = app.browser();
    let page = browser.get("/register").await;
    let page = browser.submit(page.form("/register").with("member_type", "public")).await;
    let form = page.form("/register/terms").with("accept_terms", "yes").with("read_privacy", "yes");
    let page = browser.submit(form).await;
    let page = browser.submit(page.form("/register/email").with("email", "ana@mail.example")).await;
    let registration = browser.cookie("registration").unwrap().to_owned();
    let code = app.mailed_code("ana@mail.example").await;
    let page = browser.submit(page.form("/register/code").with("code", &code)).await;
    browser.submit(filled_details(page.form("/register/details"))).await;
    let id = app.store.account_by_email("ana@mail.example").await.unwrap().unwrap().account.id;
    let mut ana = idp_tests::Member {
        browser,
        email: "ana@mail.example".to_owned(),
        password: PASSWORD.to_owned(),
        id,
        totp: None,
        recovery_codes: Vec::new(),
    };
    // A wrong password, a wrong card, a right one.
    let mut elsewhere = ana.elsewhere();
    let page = elsewhere.browser.get("/login").await;
    let form = page.form("/login").with("username", &ana.email).with("password", "a canary among wrong passwords");
    elsewhere.browser.submit(form).await;
    elsewhere.sign_in().await;
    let page = ana.browser.get("/verify/public").await;
    let form = filled_card(page.form("/verify/public"), &idp_verify::registry::citizens()[0]);
    ana.browser.submit(form.clone().with("birth_day", "19")).await;
    assert_eq!(ana.browser.submit(form).await.place(), "/verify/done");
    // A service reads the number; the token is refreshed and replayed; a code is used twice.
    let ask = rp.ask();
    let answer = rp.authorize(&mut ana, &ask).await;
    let tokens = rp.read(rp.exchange(&ask, answer.code()).await.expect(200), ask.get("nonce")).await;
    assert_eq!(rp.claims(&tokens).await["citizen_id"], "1000000000017");
    let fresh = rp.refreshed(&tokens).await;
    rp.claims(&fresh).await;
    rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_grant");
    rp.exchange(&ask, answer.code()).await.expect_token_error("invalid_grant");
    let letters = app.letters_to(&ana.email).await;
    let not_me = letters.iter().find_map(|letter| match letter {
        Letter::Verified { not_me_url, .. } => not_me_url.split_once("token=").map(|(_, token)| token.to_owned()),
        _ => None,
    });
    idp_web::jobs::tend(app.provider()).await.unwrap();
    let mut canaries = vec![
        ("the password", PASSWORD.to_owned()),
        ("a wrong password", "a canary among wrong passwords".to_owned()),
        ("the mailed code", code),
        ("the session cookie", ana.browser.cookie("session").unwrap().to_owned()),
        ("another session cookie", elsewhere.browser.cookie("session").unwrap().to_owned()),
        ("the device cookie", ana.browser.cookie("device").unwrap().to_owned()),
        ("the browser cookie", ana.browser.cookie("browser").unwrap().to_owned()),
        ("the registration cookie", registration),
        ("the authorization code", answer.code().to_owned()),
        ("the verifier", ask.verifier.clone()),
        ("the access token", tokens.access.clone()),
        ("the ID token", tokens.id.token.clone()),
        ("the refresh token", tokens.refresh.clone()),
        ("another refresh token", fresh.refresh.clone()),
        ("the client secret", rp.secret.reveal().to_owned()),
        ("the number", "1000000000017".to_owned()),
        ("the number, masked no further", "1-0000-00000-01-7".to_owned()),
        ("the link", not_me.unwrap()),
    ];
    // The signature alone opens nothing, but nobody needs to keep it either.
    canaries.push(("the access token's signature", tokens.access.rsplit('.').next().unwrap().to_owned()));
    let mut waiting = app.browser();
    let page = waiting.get(&rp.ask().path()).await;
    assert_eq!(page.place(), "/login");
    canaries.push(("the browser cookie of a sign-in that waits", waiting.cookie("browser").unwrap().to_owned()));
    canaries.push(("the form token of a sign-in that waits", page.form("/login").value("csrf").to_owned()));
    assert!(canaries.iter().all(|(_, canary)| canary.len() >= 6));
    canaries
}

/// What the key file holds: with it everything could be opened.
fn master_secret(app: &App) -> String {
    let file = std::fs::read_to_string(&app.config.keys.file).unwrap();
    file.lines().find_map(|line| line.strip_prefix("secret = \"")?.strip_suffix("=\"").map(str::to_owned)).unwrap()
}

// One thread: what is logged anywhere on the way is logged here.
#[tokio::test]
async fn s094_s095_no_secret_is_found_in_the_database_or_in_the_log() {
    let memory = Memory::default();
    let lines = tracing_subscriber::fmt::layer().with_writer(memory.clone()).with_ansi(false);
    let subscriber = tracing_subscriber::registry().with(LevelFilter::TRACE).with(lines);
    // With a single listener tracing asks the thread that comes first to a line whether anybody listens, and keeps the
    // answer for all: tests beside this one, where nobody does, would silence it here.
    let _another = tracing::Dispatch::new(tracing_subscriber::registry());
    let _listening = tracing::subscriber::set_default(subscriber);

    let app = App::start().await;
    let mut canaries = journey(&app).await;
    canaries.push(("the master secret", master_secret(&app)));
    let folder = app.folder();
    app.store.close().await;
    let (database, log) = (database(&folder), memory.0.lock().unwrap().clone());
    let said = String::from_utf8_lossy(&log);
    assert!(said.contains("a refresh token was replayed"), "the log was listened to");
    for (what, canary) in &canaries {
        assert_eq!(count(&database, canary), 0, "{what} lies in the database");
        assert_eq!(count(&log, canary), 0, "{what} stands in the log");
    }
    // The log names nobody either; in the database the address is needed.
    for (what, canary) in [
        ("the address", "ana@mail.example"),
        ("the name", "สมหญิง"),
        ("the card's name", "ใจดีตัวอย่าง"),
        ("the telephone", "812345678"),
    ] {
        assert_eq!(count(&log, canary), 0, "{what} stands in the log");
    }
}

#[tokio::test]
async fn s095_no_secret_is_found_in_postgresql_redis_or_their_backup() {
    let app = App::start_on_servers().await;
    let mut canaries = journey(&app).await;
    canaries.push(("the master secret", master_secret(&app)));
    let backup = servers::postgres().dump(app.config.database.url.expose());
    let redis = servers::redis().everything(app.config.short_lived.url.expose());
    // What is looked at is what was written: the address is in the one, a waiting sign-in in the other.
    assert!(count(&backup, "ana@mail.example") > 0 && count(&redis, "client_id=rp") > 0);
    for (what, canary) in &canaries {
        // Bytes stand in a backup as hexadecimal digits.
        let hex: String = canary.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(count(&backup, canary) + count(&backup, &hex), 0, "{what} lies in PostgreSQL");
        assert_eq!(count(&redis, canary), 0, "{what} lies in Redis");
    }
    // Redis forgets, but not at once: it holds nobody's name, address or password either.
    for personal in ["ana@mail.example", "สมหญิง", "812345678", "203.0.113.9"] {
        assert_eq!(count(&redis, personal), 0, "{personal} lies in Redis");
    }
}

#[tokio::test]
async fn s095_a_backup_without_its_key_file_opens_nothing_and_the_program_says_so() {
    let app = App::start().await;
    let canaries = journey(&app).await;
    let backup = app.folder().join("backup.sqlite3");
    let database = Database::connect(app.config.database.url.expose()).await.unwrap();
    database.execute_unprepared(&format!("VACUUM INTO '{}'", backup.display())).await.unwrap();
    database.close().await.unwrap();
    let bytes = std::fs::read(&backup).unwrap();
    assert!(count(&bytes, "ana@mail.example") > 0, "it is the backup");
    for (what, canary) in &canaries {
        assert_eq!(count(&bytes, canary), 0, "{what} lies in the backup");
    }
    let mut elsewhere = app.config.clone();
    elsewhere.database.url = Location::new(format!("sqlite://{}", backup.display()));
    elsewhere.keys.file = app.folder().join("other-keys.toml");
    let mut bytes = |bytes: &mut [u8]| app.chance.fill(bytes);
    create_key_file(&elsewhere.keys.file, KeyFileFor::Demo, &mut bytes).unwrap();
    let outside = Outside { clock: app.provider().clock.clone(), chance: app.chance.clone() };
    let refusal = match run::build(elsewhere.clone(), outside.clone()).await {
        Ok(_) => panic!("it was opened with another key file"),
        Err(refusal) => refusal.to_string(),
    };
    assert!(refusal.contains("the key file is not the one that this database was written with"), "{refusal}");
    assert_eq!(refusal.lines().count(), 1);
    // With its own key file the backup is the provider it was.
    elsewhere.keys.file.clone_from(&app.config.keys.file);
    let restored = run::build(elsewhere, outside).await.unwrap_or_else(|error| panic!("{error}"));
    let ana = restored.store.account_by_email("ana@mail.example").await.unwrap().unwrap();
    let identity = restored.store.identity(ana.account.id).await.unwrap().unwrap();
    assert_eq!(identity.number.digits(), "1000000000017");
    let (_, code) = canaries.iter().find(|(what, _)| *what == "the authorization code").unwrap();
    assert!(restored.store.grant_by_code(&Secret::presented(code).digest()).await.unwrap().is_some());
    restored.store.close().await;
}
