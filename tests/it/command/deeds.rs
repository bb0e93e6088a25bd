//! What takes a member, or somebody who wrote into the database past the program.

use std::path::Path;

use chrono::TimeDelta;
use idp_tests::{App, Clock as _, SystemClock};
use idp_web::command::Exit;
use idp_web::config::Config;
use sea_orm::{ConnectionTrait as _, Database};
use serde_json::{Value, json};

use super::program::Trial;

/// The provider in this process, on the trial's data.
async fn app(trial: &Trial) -> App {
    let config = Config::load(Some(Path::new(&trial.config()))).unwrap();
    let app = App::start_with(|settings| *settings = config).await;
    app.clock().set(SystemClock.now());
    app
}

#[tokio::test]
async fn each_deed_for_a_member_says_what_was_done_in_a_document() {
    let trial = Trial::new().await;
    let app = app(&trial).await;
    let ana = app.insert_member("ana").await;
    let id = ana.id.to_string();
    let run = async |command: &str, more: &[&str]| {
        let words = ["member", command, &id, "--reason", "case 123/2026", "--json"];
        trial.idp(&words.iter().chain(more).copied().collect::<Vec<_>>()).await
    };
    let shown = run("show", &[]).await.json();
    assert_eq!((&shown["id"], &shown["standing"]), (&json!(id), &json!("active")));
    assert!(!shown["email"].as_str().unwrap().contains("ana@"), "{shown}");
    for (command, more, word) in [
        ("suspend", &[][..], "suspended"),
        ("restore", &[], "restored"),
        ("end-sessions", &[], "sessions_ended"),
        ("recover", &[], "recovery_begun"),
        ("send-again", &[], "sent_again"),
        ("extend", &["--days", "3"], "extended"),
    ] {
        let done = run(command, more).await.json();
        assert_eq!(done, json!({ "id": id, "done": word }), "{command}");
    }
    let found = trial.idp(&["member", "find", &id, "--json"]).await.json();
    assert_eq!(found["members"][0]["id"], json!(id));
    // A deed that the account's state does not allow is refused by its code.
    let said = run("restore", &[]).await;
    assert_eq!(said.code, Some(Exit::Refused.code().into()));
    let problem: Value = serde_json::from_str(&said.err).unwrap();
    assert_eq!(problem["type"], "idp:refused");
    assert_eq!(said.out, "");
    app.store.close().await;
}

#[tokio::test]
async fn a_broken_chain_has_a_code_of_its_own_and_a_report() {
    let trial = Trial::new().await;
    let app = app(&trial).await;
    app.insert_staff("root", idp_core::admin::Role::SuperAdmin, None).await;
    trial.idp(&["audit", "export"]).await.well();
    app.store.seal_audit(SystemClock.now() + TimeDelta::minutes(1), TimeDelta::zero()).await.unwrap();
    let report = trial.idp(&["audit", "verify", "--json"]).await.json();
    assert_eq!((&report["sound"], &report["fault"]), (&json!(true), &Value::Null));
    let database = Database::connect(format!("sqlite://{}", trial.path("idp.sqlite3"))).await.unwrap();
    database.execute_unprepared("UPDATE audit_log SET action = 'nothing' WHERE seq = 1").await.unwrap();
    let said = trial.idp(&["audit", "verify", "--json"]).await;
    assert_eq!(said.code, Some(6), "{}", said.err);
    let report: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["sound"], json!(false));
    assert!(report["fault"].as_str().unwrap().contains("seal 1"), "{report}");
    let problem: Value = serde_json::from_str(&said.err).unwrap();
    assert_eq!((&problem["type"], &problem["exit_code"]), (&json!("idp:broken-chain"), &json!(6)));
    let said = trial.idp(&["audit", "verify"]).await;
    assert_eq!(said.code, Some(6));
    assert!(said.err.starts_with("idp: the audit log was changed from outside: "), "{}", said.err);
    app.store.close().await;
}
