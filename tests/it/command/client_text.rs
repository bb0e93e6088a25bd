//! `idp client export` and `import`: clients as reviewable text.

use serde_json::{Value, json};

use super::program::Trial;

const FILE: &str = r#"
[clients.permits]
department = "dit"
owner_email = "somchai@moc.example"
redirect_uris = ["https://permits.example/cb"]
scopes = ["openid", "membership"]

[clients.permits.name]
th = "ระบบใบอนุญาต"
en = "Permits"

[clients.permits.purpose]
th = "ออกใบอนุญาต"
en = "issue permits"
"#;

async fn import(trial: &Trial, file: &str, more: &[&str]) -> Value {
    let arguments: Vec<&str> = ["client", "import", file, "--json"].iter().chain(more).copied().collect();
    trial.idp(&arguments).await.json()
}

#[tokio::test]
async fn an_import_says_what_it_would_do_does_it_once_and_exports_the_same() {
    let trial = Trial::new().await;
    let file = trial.path("clients.toml");
    std::fs::write(&file, FILE).unwrap();
    let said = trial.idp(&["client", "import", &file, "--json", "--dry-run"]).await;
    assert_eq!(said.code, Some(5), "{}", said.err);
    let planned: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((&planned["dry_run"], &planned["clients"][0]["done"]), (&json!(true), &json!("new")));
    assert_eq!(trial.idp(&["client", "list", "--json"]).await.json(), json!([]), "nothing was changed");
    let done = import(&trial, &file, &[]).await;
    let secret = done["clients"][0]["client_secret"].as_str().unwrap().to_owned();
    assert_eq!(secret.len(), 43);
    let shown = trial.idp(&["client", "show", "permits", "--json"]).await.json();
    assert_eq!((&shown["status"], &shown["department"]), (&json!("draft"), &json!("dit")));
    let again = import(&trial, &file, &[]).await;
    assert_eq!(again["clients"], json!([{ "client_id": "permits", "done": "same" }]));
    assert!(trial.idp(&["client", "import", &file, "--dry-run"]).await.well().contains("would change nothing"));
    assert_eq!(
        trial.idp(&["client", "show", "permits", "--json"]).await.json(),
        shown,
        "the second time changes nothing"
    );
    // What goes out comes in again, and holds no secret.
    let text = trial.idp(&["client", "export"]).await.well();
    assert!(!text.contains(&secret) && text.contains("[clients.permits.name]"), "{text}");
    std::fs::write(&file, text.replace("permits.example/cb", "permits.example/new")).unwrap();
    let said = trial.idp(&["client", "import", "--dry-run", &file]).await;
    assert_eq!(said.code, Some(5), "{}", said.err);
    let planned = said.out;
    assert!(planned.contains("- redirect_uris = [\"https://permits.example/cb\"]"), "{planned}");
    assert!(planned.contains("+ redirect_uris = [\"https://permits.example/new\"]"), "{planned}");
    assert!(said.err.contains("nothing was changed: an import would change 1 client"), "{}", said.err);
    let done = import(&trial, &file, &[]).await;
    assert_eq!(done["clients"][0]["differences"][0]["setting"], "redirect_uris", "{done}");
    assert_eq!(done["clients"][0].get("client_secret"), None);
}

#[tokio::test]
async fn a_file_with_a_fault_changes_nothing_at_all() {
    let trial = Trial::new().await;
    let file = trial.path("clients.toml");
    let other = FILE.replace("permits", "other").replace("https://other.example/cb", "https://*.other.example/cb");
    std::fs::write(&file, format!("{FILE}{other}")).unwrap();
    let refusal = trial.idp(&["client", "import", &file]).await.refusal();
    assert!(refusal.starts_with("nothing was imported"), "{refusal}");
    assert_eq!(trial.idp(&["client", "list", "--json"]).await.json(), json!([]));
    std::fs::write(&file, FILE.replace("owner_email", "secret")).unwrap();
    let refusal = trial.idp(&["client", "import", &file]).await.refusal();
    assert!(refusal.contains("unknown field"), "{refusal}");
}

/// The 13-digit number takes two people, and an operator is nobody whom the program knows: it is not even asked for here.
#[tokio::test]
async fn citizen_id_is_neither_given_nor_asked_for() {
    let trial = Trial::new().await;
    let file = trial.path("clients.toml");
    std::fs::write(&file, FILE.replace("\"membership\"", "\"membership\", \"citizen_id\"")).unwrap();
    let done = import(&trial, &file, &[]).await;
    assert_eq!(done["clients"][0]["citizen_id"], "takes_two");
    let again = import(&trial, &file, &[]).await;
    assert_eq!(
        (&again["clients"][0]["done"], &again["clients"][0]["citizen_id"]),
        (&json!("same"), &json!("takes_two"))
    );
    let shown = trial.idp(&["client", "show", "permits", "--json"]).await.json();
    assert!(!shown["scope"].to_string().contains("citizen_id"), "{shown}");
    let lines = trial.idp(&["audit", "export", "--action", "approval."]).await.well();
    assert_eq!(lines.lines().count(), 0, "{lines}");
}

#[tokio::test]
async fn a_retired_client_stays_retired_and_a_draft_comes_into_use() {
    let trial = Trial::new().await;
    let file = trial.path("clients.toml");
    std::fs::write(&file, FILE).unwrap();
    import(&trial, &file, &[]).await;
    let status = |said: Value| said["status"].as_str().unwrap().to_owned();
    assert_eq!(status(trial.idp(&["client", "enable", "permits", "--json"]).await.json()), "active");
    assert_eq!(status(trial.idp(&["client", "disable", "permits", "--json"]).await.json()), "suspended");
    assert_eq!(status(trial.idp(&["client", "disable", "permits", "--json"]).await.json()), "suspended");
    let refusal = trial.idp(&["client", "revoke-secret", "permits"]).await.refusal();
    assert!(refusal.contains("no older secret"), "{refusal}");
    trial.idp(&["client", "rotate-secret", "permits"]).await.well();
    let left = trial.idp(&["client", "revoke-secret", "permits", "--json"]).await.json();
    assert_eq!(left["secrets"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_program_gets_a_role_when_it_acts_as_itself() {
    let trial = Trial::new().await;
    let file = trial.path("clients.toml");
    let program = format!(
        "{}\nclient_credentials = true\n\n[[clients.permits.may_call]]\nidentifier = \"{}/api\"\nscopes = [\"audit:read\"]\n",
        FILE.split("[clients.permits.name]").next().unwrap(),
        trial.url("")
    );
    let rest = FILE.split_once("[clients.permits.name]").unwrap().1;
    std::fs::write(&file, format!("{program}\n[clients.permits.name]{rest}")).unwrap();
    let refusal = trial.idp(&["admin", "grant", "--client", "permits", "--role", "auditor"]).await.refusal();
    assert!(refusal.contains("there is no client"), "{refusal}");
    import(&trial, &file, &[]).await;
    trial.idp(&["admin", "grant", "--client", "permits", "--role", "auditor"]).await.well();
    let listed = trial.idp(&["admin", "list", "--json"]).await.json();
    assert_eq!(listed[0]["email"], "permits", "{listed}");
    trial.idp(&["admin", "revoke", "--client", "permits", "--role", "auditor"]).await.well();
    assert_eq!(trial.idp(&["admin", "list", "--json"]).await.json(), json!([]));
}
