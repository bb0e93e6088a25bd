//! Every command that does something: its help has an example, with `--json` it writes one document and nothing else, it
//! ends with a code of the table, and docs/command-line.md tells of it. A new command that is not here fails.

use std::collections::BTreeSet;

use idp_web::command::{Exit, commands};
use serde_json::{Value, json};

use super::program::{Said, Trial, idp};

/// Those that serve until they are stopped: there is no document to write.
const LASTING: [&str; 2] = ["demo", "serve"];
const NOBODY: &str = "6f1c0d52-5f43-4a7e-9a43-0d0f5a3c1b2e";
const SERVICE: [&str; 17] = [
    "--name-th",
    "ระบบกิจกรรม",
    "--name-en",
    "Activities",
    "--owner-th",
    "กรมตัวอย่าง",
    "--owner-en",
    "Sample Department",
    "--purpose-th",
    "ลงทะเบียนกิจกรรม",
    "--purpose-en",
    "register for activities",
    "--redirect-uri",
    "https://service.example/callback",
    "--owner-email",
    "somchai@moc.example",
    "--activate",
];

/// What was run with `--json`, by command.
struct Runs {
    trial: Trial,
    ran: BTreeSet<String>,
    refused: BTreeSet<String>,
}

impl Runs {
    async fn said(&self, command: &str, more: &[&str]) -> Said {
        let words: Vec<&str> = command.split(' ').chain(more.iter().copied()).chain(["--json"]).collect();
        self.trial.idp(&words).await
    }

    /// It does what it was asked for, and gives the document.
    async fn does(&mut self, command: &str, more: &[&str]) -> Value {
        let said = self.said(command, more).await;
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{command} {more:?}: {}", said.out);
        self.ran.insert(command.to_owned());
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{command}: {error}: {}", said.out))
    }

    /// The same, and the document is an object with these members.
    async fn gives(&mut self, command: &str, more: &[&str], members: &[&str]) -> Value {
        let document = self.does(command, more).await;
        let first = document.as_array().map_or(&document, |list| list.first().unwrap_or(&Value::Null));
        for member in members {
            assert!(first.get(member).is_some(), "{command}: no {member} in {document}");
        }
        document
    }

    /// It does not, and says why as a problem object; nothing but reports is on standard output.
    async fn refuses(&mut self, command: &str, more: &[&str], exit: Exit) -> Value {
        let said = self.said(command, more).await;
        assert_eq!(said.code, Some(exit.code().into()), "{command} {more:?}: {}{}", said.out, said.err);
        let problem: Value = serde_json::from_str(&said.err).unwrap_or_else(|error| panic!("{error}: {}", said.err));
        assert_eq!(problem["type"], format!("idp:{}", exit.as_str()), "{command}");
        assert_eq!((&problem["title"], &problem["exit_code"]), (&json!(exit.meaning()), &json!(exit.code())));
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty() && !detail.contains("idp: ")));
        let reports = matches!(exit, Exit::Difference | Exit::BrokenChain) || command == "check";
        assert_eq!(said.out.is_empty(), !reports, "{command}: {}", said.out);
        if reports {
            serde_json::from_str::<Value>(&said.out).unwrap();
        }
        self.refused.insert(command.to_owned());
        problem
    }
}

#[tokio::test]
async fn every_command_teaches_by_example_and_is_in_the_manual() {
    let manual = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/command-line.md")).unwrap();
    for command in commands() {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let help = idp(&words).await.well();
        assert!(help.contains("Example") && help.contains(&format!("\n  idp {command}")), "{command}: {help}");
        assert!(manual.contains(&format!("`{command}`")), "docs/command-line.md does not tell of {command}");
        if !LASTING.contains(&command.as_str()) {
            assert!(help.contains("--json"), "{command} has no --json");
        }
    }
    // The codes are in the help, in the manual and in the operator's guide.
    let help = idp(&["--help"]).await.well();
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operating.md")).unwrap();
    for exit in Exit::ALL {
        assert!(help.contains(&format!("\n  {}  {}", exit.code(), exit.meaning())), "{help}");
        for text in [&manual, &guide] {
            assert!(text.contains(&format!("| {} | {} |", exit.code(), exit.as_str())), "{}", exit.as_str());
        }
    }
}

#[tokio::test]
async fn every_command_writes_one_document_and_ends_with_a_code_of_the_table() {
    let trial = Trial::new().await;
    let (file, keys, folder) = (trial.path("clients.toml"), trial.path("more.toml"), trial.path("mails"));
    let running = trial.serve().await;
    let mut runs = Runs { trial, ran: BTreeSet::new(), refused: BTreeSet::new() };

    // Settings and database.
    runs.does("check", &[]).await;
    runs.gives("migrate", &[], &["up_to_date"]).await;
    runs.gives("keys create", &[&keys], &["file"]).await;
    runs.refuses("keys create", &[&keys], Exit::Refused).await;
    runs.refuses("keys create", &["/proc/keys.toml"], Exit::Unavailable).await;
    let all = runs.gives("keys list", &[], &["kid", "alg", "state", "created_at"]).await;
    runs.gives("keys add", &["EdDSA"], &["alg", "made"]).await;
    runs.refuses("keys add", &["HS256"], Exit::Usage).await;
    runs.gives("keys rotate", &["--algorithm", "RS256"], &["alg", "outcome", "kid", "not_before"]).await;
    runs.refuses("keys rotate", &["--algorithm", "HS256"], Exit::Usage).await;
    let kid = all[0]["kid"].as_str().unwrap();
    runs.gives("keys retire", &[kid, "--now"], &["kid", "signs_instead"]).await;
    runs.refuses("keys retire", &["nobody", "--now"], Exit::NotFound).await;

    // Clients.
    let made = runs.gives("client create", &[&SERVICE[..], &["--id", "events"]].concat(), &["client_id"]).await;
    assert!(made["client_secret"].is_string());
    runs.refuses("client create", &[&SERVICE[..], &["--id", "events"]].concat(), Exit::Refused).await;
    runs.refuses("client create", &[&SERVICE[..], &["--scope", "everything"]].concat(), Exit::Usage).await;
    runs.refuses("client create", &["--name-th", "ก"], Exit::Usage).await;
    runs.gives("client list", &[], &["client_id", "status"]).await;
    runs.gives("client show", &["events"], &["client_id", "status", "redirect_uris"]).await;
    runs.does("client notices", &["events"]).await;
    let late = ["--until", "2099-03-31"];
    runs.gives("client legacy", &["events", "--off"], &["client_id", "legacy_until"]).await;
    runs.refuses("client legacy", &[&["events"][..], &late].concat(), Exit::Refused).await;
    runs.gives("client logo", &["events", "--off"], &["client_id", "logo"]).await;
    runs.refuses("client logo", &["events", "/no/such.png"], Exit::Refused).await;
    runs.gives("client rotate-secret", &["events"], &["client_id", "client_secret"]).await;
    runs.gives("client revoke-secret", &["events"], &["client_id"]).await;
    runs.refuses("client revoke-secret", &["events"], Exit::Refused).await;
    runs.gives("client disable", &["events"], &["client_id", "status"]).await;
    runs.gives("client enable", &["events"], &["client_id", "status"]).await;
    for command in ["show", "notices", "rotate-secret", "revoke-secret", "disable", "enable"] {
        runs.refuses(&format!("client {command}"), &["nobody"], Exit::NotFound).await;
    }
    runs.gives("client export", &["events"], &["clients"]).await;
    runs.refuses("client export", &["nobody"], Exit::NotFound).await;
    let text = runs.trial.idp(&["client", "export"]).await.well();
    std::fs::write(&file, &text).unwrap();
    let same = runs.gives("client import", &[&file, "--dry-run"], &["dry_run", "clients"]).await;
    assert_eq!(same["clients"][0]["done"], "same");
    std::fs::write(&file, text.replace("service.example/callback", "service.example/new")).unwrap();
    runs.refuses("client import", &[&file, "--dry-run"], Exit::Difference).await;
    runs.gives("client import", &[&file], &["dry_run", "clients"]).await;
    runs.refuses("client import", &["/no/such/file"], Exit::Unavailable).await;
    std::fs::write(&file, "clients = 1").unwrap();
    runs.refuses("client import", &[&file], Exit::Refused).await;
    let bounds = [&SERVICE[4..12], &["--redirect-host", "service.example"]].concat();
    let token = runs.gives("client registration-token create", &bounds, &["id", "initial_access_token"]).await;
    runs.refuses("client registration-token create", &[&bounds[..], &["--scope", "x"]].concat(), Exit::Usage).await;
    runs.gives("client registration-token list", &[], &["id", "uses_left", "expires_at"]).await;
    let id = token["id"].as_str().unwrap();
    runs.gives("client registration-token revoke", &[id], &["id", "revoked_at"]).await;
    runs.refuses("client registration-token revoke", &[id], Exit::NotFound).await;

    // Staff and members: there is nobody yet, and a program can hold a role.
    runs.gives("admin create", &[], &["link", "role", "hours"]).await;
    runs.refuses("admin create", &["--email", "nobody@moc.example"], Exit::NotFound).await;
    let resource = ["--id", "api", "--resource", "https://api.example", "--resource-scope", "read"];
    runs.does("client create", &[&SERVICE[..], &resource].concat()).await;
    let machine = ["--id", "reports", "--client-credentials", "--may-call", "https://api.example read"];
    runs.does("client create", &[&SERVICE[..], &machine].concat()).await;
    let role = ["--client", "reports", "--role", "auditor"];
    runs.gives("admin grant", &role, &["id", "role", "since", "ended_at"]).await;
    runs.refuses("admin grant", &role, Exit::Refused).await;
    runs.refuses("admin grant", &[&role[..], &["--department", "dit"]].concat(), Exit::Usage).await;
    runs.gives("admin list", &[], &["id", "role", "email"]).await;
    runs.gives("admin revoke", &role, &["id", "role", "ended_at"]).await;
    runs.refuses("admin revoke", &role, Exit::NotFound).await;
    runs.gives("member find", &["สมชาย"], &["members", "more"]).await;
    runs.refuses("member find", &["1000000000017"], Exit::Usage).await;
    let reason = ["--reason", "case 123/2026"];
    for command in ["show", "suspend", "restore", "end-sessions", "recover", "send-again"] {
        runs.refuses(&format!("member {command}"), &[&[NOBODY][..], &reason].concat(), Exit::NotFound).await;
    }
    runs.refuses("member find-number", &reason, Exit::Usage).await;
    let parts = ["--part", "picture"];
    runs.refuses("member remove-shown", &[&[NOBODY][..], &reason, &parts].concat(), Exit::NotFound).await;
    let days = ["--days", "3"];
    runs.refuses("member extend", &[&[NOBODY][..], &reason, &days].concat(), Exit::NotFound).await;
    runs.refuses("member extend", &[&[NOBODY][..], &days].concat(), Exit::Usage).await;

    // The log, and mails.
    runs.gives("audit verify", &[], &["sound", "fault", "seals", "sealed_lines", "lines_not_sealed_yet", "last_hash"])
        .await;
    let log = runs.gives("audit export", &["--action", "client."], &["lines"]).await;
    assert!(log["lines"].as_array().unwrap().len() > 5);
    assert_eq!(runs.does("audit export", &["--action", "no.such"]).await, json!({ "lines": [] }));
    runs.refuses("audit export", &["--actor", "x"], Exit::Usage).await;
    assert!(runs.does("mail preview", &["--list"]).await.as_array().unwrap().len() > 30);
    runs.gives("mail preview", &["--show", "unused_clients"], &["lang", "subject", "text"]).await;
    runs.gives("mail preview", &["--to", &folder], &["folder", "mails"]).await;
    runs.refuses("mail preview", &["--show", "nothing"], Exit::NotFound).await;

    running.signal("TERM").await;
    assert_eq!(running.end().await.code, Some(0));
    // Nothing to be had: no database, and settings that are refused.
    runs.trial.change("url = ", "url = \"postgres://idp@127.0.0.1:1/idp\"");
    for command in ["client list", "admin list", "audit verify", "keys list", "migrate"] {
        runs.refuses(command, &[], Exit::Unavailable).await;
    }
    runs.trial.write(&format!("{}[sessions]\nidle = 3\n", runs.trial.sound()));
    for command in ["client list", "audit verify"] {
        runs.refuses(command, &[], Exit::Refused).await;
    }

    // Whoever adds a command adds it here. What needs a member does its deed in it/command/member.rs.
    let expected: BTreeSet<String> = commands().into_iter().filter(|name| !LASTING.contains(&name.as_str())).collect();
    let tried: BTreeSet<String> = runs.ran.union(&runs.refused).cloned().collect();
    assert_eq!(tried, expected);
    let with_member: BTreeSet<String> = expected.difference(&runs.ran).cloned().collect();
    assert!(with_member.iter().all(|name| name.starts_with("member ")), "{with_member:?}");
    let never_refused: Vec<&String> = expected.difference(&runs.refused).collect();
    assert_eq!(never_refused, ["check", "client registration-token list"]);
}
