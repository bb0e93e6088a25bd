//! What takes a member, or somebody who wrote into the database past the program.

use std::path::Path;

use chrono::TimeDelta;
use idp_tests::{App, Clock as _, SystemClock};
use idp_web::command::Exit;
use idp_web::config::Config;
use sea_orm::{ConnectionTrait as _, Database};
use serde_json::{Value, json};

use super::program::{Trial, idp_reading};

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
    let mut ana = app.insert_member("ana").await;
    ana.show_everything().await;
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
        ("remove-shown", &["--part", "picture", "--part", "website"], "shown_removed"),
    ] {
        let done = run(command, more).await.json();
        assert_eq!(done, json!({ "id": id, "done": word }), "{command}");
    }
    let shown = run("show", &[]).await.json();
    assert_eq!(shown["shown"], json!(["nickname", "preferred_username", "profile"]));
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

/// What the console finds and shows, by its rules: who was listed or looked for reads of it.
#[tokio::test]
async fn members_are_found_by_list_service_and_number_and_shown_whole() {
    let trial = Trial::new().await;
    trial.write(&format!("{}[verification]\naccept_test_numbers = true\n", trial.sound()));
    let app = app(&trial).await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_permanent("ana").await;
    rp.sign_in(&mut ana).await;
    let ben = app.insert_member("ben").await;
    let (ana_id, ben_id) = (ana.id.to_string(), ben.id.to_string());
    let ids = |found: &Value| -> Vec<String> {
        found["members"].as_array().unwrap().iter().map(|member| member["id"].as_str().unwrap().to_owned()).collect()
    };
    let find = async |how: &[&str]| trial.idp(&[&["member", "find", "--json"], how].concat()).await.json();
    assert_eq!(ids(&find(&["--list", "temporary"]).await), [ben_id.as_str()]);
    assert_eq!(ids(&find(&["--list", "permanent"]).await), [ana_id.as_str()]);
    assert_eq!(ids(&find(&["--client", "rp"]).await), [ana_id.as_str()]);
    let one = find(&["--list", "all", "--limit", "1"]).await;
    assert_eq!((ids(&one).len(), &one["more"]), (1, &json!(true)));
    for wrong in [&["--list", "nobody"][..], &[], &["ana", "--list", "all"], &["--client", "rp", "--list", "all"]] {
        let said = trial.idp(&[&["member", "find"], wrong].concat()).await;
        assert_eq!(said.code, Some(Exit::Usage.code().into()), "{wrong:?}");
    }

    let config = trial.config();
    let number = ["member", "find-number", "--json", "--reason", "case 123/2026", "--config", &config];
    let held = app.store.identity(ana.id).await.unwrap().unwrap().number;
    let found = idp_reading(&format!("{}\n", held.digits()), &number).await.json();
    assert_eq!(ids(&found), [ana_id.as_str()]);
    assert!(!found.to_string().contains(held.digits()), "{found}");
    let last = app.store.events_about(ana.id, 1).await.unwrap().remove(0);
    assert_eq!(last.action, "data.seen_by_staff");
    assert!(last.detail.unwrap().contains("case 123/2026"));
    let said = idp_reading("12345", &number).await;
    assert_eq!(said.code, Some(Exit::Usage.code().into()));
    assert!(!said.err.contains("12345"), "what was typed is not repeated: {}", said.err);

    let show = ["member", "show", &ana_id, "--reason", "case 123/2026"];
    let shown = trial.idp(&[&show[..], &["--json"]].concat()).await.json();
    assert_eq!((&shown["id"], &shown["services"][0]["client_id"]), (&json!(ana_id), &json!("rp")));
    assert!(shown["evidence"]["ial"].is_string() && !shown.to_string().contains(held.digits()), "{shown}");
    let text = trial.idp(&show).await.well();
    assert!(text.contains("services: 1") && text.contains("client_id rp"), "{text}");
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
