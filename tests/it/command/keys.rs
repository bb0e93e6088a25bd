//! `idp keys`

use std::os::unix::fs::PermissionsExt as _;

use super::program::{Trial, idp};

#[tokio::test]
async fn a_key_file_is_made_for_its_owner_alone_and_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.toml");
    let name = file.to_str().unwrap();
    let said = idp(&["keys", "create", name]).await.well();
    assert!(said.contains(name) && said.contains("keys.file"), "{said}");
    let made = std::fs::read(&file).unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let refusal = idp(&["keys", "create", name]).await.refusal();
    assert!(refusal.starts_with(&format!("{name} cannot be made: ")) && !refusal.contains('\n'), "{refusal}");
    assert_eq!(std::fs::read(&file).unwrap(), made);
    let refusal = idp(&["keys", "create", "/proc/keys.toml"]).await.refusal();
    assert!(refusal.starts_with("/proc/keys.toml cannot be made: "), "{refusal}");
}

#[tokio::test]
async fn no_two_key_files_are_alike_and_nothing_of_them_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let make = async |name: &str| {
        let file = folder.path().join(name);
        let said = idp(&["keys", "create", file.to_str().unwrap()]).await.well();
        let text = std::fs::read_to_string(file).unwrap();
        let secrets: Vec<String> = text
            .lines()
            .filter_map(|line| line.split_once(" = \"")?.1.strip_suffix("=\"").map(str::to_owned))
            .collect();
        assert_eq!(secrets.len(), 1, "the master secret");
        assert!(secrets.iter().all(|secret| !said.contains(secret)));
        secrets
    };
    let (one, other) = (make("one").await, make("other").await);
    assert!(one.iter().all(|secret| !other.contains(secret)));
}

#[tokio::test]
async fn signing_keys_are_listed_by_name_once_a_provider_has_made_them() {
    let trial = Trial::new().await;
    assert_eq!(trial.idp(&["keys", "list"]).await.well(), "");
    let running = trial.serve().await;
    running.signal("TERM").await;
    assert_eq!(running.end().await.code, Some(0));
    let said = trial.idp(&["keys", "list"]).await.well();
    let rows: Vec<Vec<&str>> = said.lines().map(|line| line.split_whitespace().collect()).collect();
    let mut algorithms: Vec<&str> = rows.iter().filter(|row| row[2] == "active").map(|row| row[1]).collect();
    algorithms.sort_unstable();
    assert_eq!(algorithms, ["ES256", "RS256"]);
    // The first round may have published their successors already.
    assert!(rows.iter().all(|row| row[2] == "active" || row[2] == "next"), "{said}");
}

#[tokio::test]
async fn signing_keys_are_rotated_and_retired_by_command() {
    let trial = Trial::new().await;
    let running = trial.serve().await;
    running.signal("TERM").await;
    assert_eq!(running.end().await.code, Some(0));
    let list = async || trial.idp(&["keys", "list", "--json"]).await.json();
    let kids = |keys: &serde_json::Value, state: &str| -> Vec<String> {
        let keys = keys.as_array().expect("a list").iter().filter(|key| key["alg"] == "ES256" && key["state"] == state);
        keys.map(|key| key["kid"].as_str().expect("a name").to_owned()).collect()
    };
    let before = list().await;
    let rotate = async || trial.idp(&["keys", "rotate", "--algorithm", "ES256"]).await.well();
    // The running provider may have made the next key already: it does so in its first round.
    rotate().await;
    let said = rotate().await;
    assert!(said.starts_with("ES256: nothing changed: ") && said.contains('Z'), "{said}");
    let published = list().await;
    assert_eq!(kids(&published, "active"), kids(&before, "active"));
    let [next] = &kids(&published, "next")[..] else { panic!("{published}") };

    let old = &kids(&before, "active")[0];
    assert_eq!(trial.idp(&["keys", "retire", old]).await.code, Some(2), "it must be said that it is meant");
    let said = trial.idp(&["keys", "retire", old, "--now"]).await.well();
    assert_eq!(said.trim(), format!("{old} is out of use; {next} signs now"));
    let after = list().await;
    assert_eq!(kids(&after, "active"), std::slice::from_ref(next));
    assert!(kids(&after, "next").is_empty() && kids(&after, "retired").is_empty());
    let refusal = trial.idp(&["keys", "retire", old, "--now"]).await.refusal();
    assert_eq!(refusal, format!("there is no signing key {old}; `idp keys list` shows all"));
    let said = rotate().await;
    assert!(said.starts_with("ES256: a next key is made and published; run this again after "), "{said}");
    let refusal = trial.idp(&["keys", "rotate", "--algorithm", "HS256"]).await.refusal();
    assert!(refusal.starts_with("--algorithm: one of ES256, "), "{refusal}");
}
