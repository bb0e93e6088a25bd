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
    let mut algorithms: Vec<&str> = rows.iter().map(|row| row[1]).collect();
    algorithms.sort_unstable();
    assert_eq!(algorithms, ["ES256", "RS256"]);
    assert!(rows.iter().all(|row| row[2] == "active"), "{said}");
}
