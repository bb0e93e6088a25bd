//! `idp serve`: it refuses to start on unsafe settings and says which, and ends cleanly when told to.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use idp_web::config::{KeyFileFor, create_key_file};

use super::program::{Trial, idp_with};

/// Not safe to serve with: it ends at once, names the setting, and nothing listens.
async fn check(trial: &Trial, setting: &str) {
    let said = trial.idp(&["serve"]).await;
    assert!(matches!(said.code, Some(1 | 4)), "{:?} {}", said.code, said.err);
    let named = said.err.lines().any(|line| line.trim_start().trim_start_matches("idp: ").contains(setting));
    assert!(named, "{setting} is not named: {}", said.err);
    assert_eq!(said.out, "");
    TcpListener::bind(("127.0.0.1", trial.port())).expect("nobody listens");
}

#[tokio::test]
async fn s142_unsafe_addresses_keep_it_from_serving() {
    let trial = Trial::new().await;
    for issuer in ["", "http://account.example.go.th", "https://account.example.go.th/", "account.example.go.th"] {
        trial.change("issuer = ", &format!("issuer = \"{issuer}\""));
        check(&trial, "server.issuer: ").await;
    }
    assert!(!trial.folder().join("idp.sqlite3").exists(), "the database was not touched");
}

#[tokio::test]
async fn s142_a_key_file_that_others_can_read_or_that_is_none_keeps_it_from_serving() {
    let trial = Trial::new().await;
    let file = trial.folder().join("keys.toml");
    for mode in [0o644, 0o640, 0o604, 0o660] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        check(&trial, "keys.file: ").await;
    }
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&file, "purpose = \"production\"\n").unwrap();
    check(&trial, "keys.file: ").await;
    std::fs::remove_file(&file).unwrap();
    check(&trial, "keys.file: ").await;
}

#[tokio::test]
async fn s142_the_demonstrations_secrets_keep_it_from_serving() {
    let trial = Trial::new().await;
    let file = trial.folder().join("keys.toml");
    std::fs::remove_file(&file).unwrap();
    let mut next = 0_u8;
    let mut some = |bytes: &mut [u8]| {
        for byte in bytes {
            next += 1;
            *byte = next;
        }
    };
    create_key_file(&file, KeyFileFor::Demo, &mut some).unwrap();
    check(&trial, "keys.file: the key file was made for the demonstration").await;
    let text = std::fs::read_to_string(&file).unwrap().replace("\"demo\"", "\"production\"");
    let secret = text.lines().find_map(|line| line.strip_prefix("secret = ")).unwrap().to_owned();
    let zeros = format!("\"{}=\"", "A".repeat(43));
    std::fs::write(&file, text.replace(&secret, &zeros)).unwrap();
    check(&trial, "keys.file: ").await;
}

#[tokio::test]
async fn s142_an_unknown_setting_keeps_it_from_serving() {
    let trial = Trial::new().await;
    trial.write(&format!("{}[sessions]\nidle = 3\n", trial.sound()));
    check(&trial, "there is no setting sessions.idle").await;
    trial.write(&trial.sound());
    let config = trial.config();
    let said = idp_with(&["serve", "--config", &config], &[("IDP__SESSIONS__IDLE", "3")]).await;
    assert!(said.refusal().starts_with("variable IDP__SESSIONS__IDLE: there is no setting sessions.idle"));
}

#[tokio::test]
async fn s142_without_a_database_it_does_not_serve() {
    let trial = Trial::new().await;
    trial.change("url = ", "url = \"postgres://idp:hunter2@127.0.0.1:1/idp\"");
    let said = trial.idp(&["serve"]).await;
    assert_eq!(said.code, Some(4));
    assert!(!said.err.contains("hunter2"), "{}", said.err);
    let last = said.err.lines().last().unwrap_or_default();
    assert!(last.starts_with("idp: PostgreSQL at 127.0.0.1:1: the database cannot be reached"), "{last}");
    // No folder can be made where a file is.
    trial.change("url = ", &format!("url = \"sqlite://{}/idp.sqlite3\"", trial.path("keys.toml")));
    check(&trial, "database").await;
    trial.change("url = ", &format!("url = \"sqlite://{}\"", trial.folder().display()));
    check(&trial, "database").await;
    trial.change("url = ", "url = \"mysql://127.0.0.1/idp\"");
    check(&trial, "database.url: ").await;
}

#[tokio::test]
async fn s142_made_up_numbers_and_mail_to_nobody_are_for_trials_alone() {
    let trial = Trial::new().await;
    let public = trial.sound().replace("http://localhost", "https://account.example.go.th");
    let public = public.replace(&format!("go.th:{}", trial.port()), "go.th");
    trial.write(&format!("{public}[verification]\naccept_test_numbers = true\n"));
    check(&trial, "verification.accept_test_numbers: ").await;
    check(&trial, "mail.transport: ").await;
}

#[tokio::test]
async fn a_busy_port_is_one_line_and_the_database_stays_untouched() {
    let trial = Trial::new().await;
    let _other = TcpListener::bind(("127.0.0.1", trial.port())).unwrap();
    let said = trial.idp(&["serve"]).await;
    let last = said.err.lines().last().unwrap().to_owned();
    assert_eq!(said.code, Some(4));
    assert!(last.starts_with(&format!("idp: 127.0.0.1:{} cannot be listened on: ", trial.port())), "{last}");
    assert!(!trial.folder().join("idp.sqlite3").exists());
}

#[tokio::test]
async fn it_serves_until_it_is_told_to_stop_and_ends_cleanly() {
    let trial = Trial::new().await;
    for signal in ["TERM", "INT"] {
        let running = trial.serve().await;
        let discovery = reqwest::get(trial.url("/.well-known/openid-configuration")).await.unwrap();
        let document: serde_json::Value = discovery.json().await.unwrap();
        assert_eq!(document["issuer"], trial.url(""));
        running.signal(signal).await;
        let said = running.end().await;
        assert_eq!(said.code, Some(0), "{}", said.err);
        assert!(!said.err.contains("ERROR"), "{}", said.err);
        TcpListener::bind(("127.0.0.1", trial.port())).expect("the port is free again");
    }
}

#[tokio::test]
async fn without_registries_it_serves_all_the_same() {
    // `config/default.toml`: an empty address means that verification answers that it is not available.
    let trial = Trial::new().await;
    assert!(!trial.sound().contains("registry_url"));
    let running = trial.serve().await;
    let page = reqwest::get(trial.url("/login")).await.unwrap();
    assert_eq!(page.status(), 200);
    running.signal("TERM").await;
    assert_eq!(running.end().await.code, Some(0));
}
