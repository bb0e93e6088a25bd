//! `idp check`

use super::program::Trial;

#[tokio::test]
async fn sound_settings_are_said_to_be_sound_or_only_weak() {
    let trial = Trial::new().await;
    let said = trial.idp(&["check"]).await.well();
    for weakness in ["warning: server.issuer: ", "warning: verification.registry_url: "] {
        assert!(said.contains(weakness), "{said}");
    }
    assert!(!said.contains("refused"), "{said}");
}

#[tokio::test]
async fn what_keeps_the_provider_from_starting_is_named_with_what_to_do() {
    let trial = Trial::new().await;
    trial.change("issuer = ", "issuer = \"http://account.example.go.th\"");
    let said = trial.idp(&["check"]).await;
    assert_eq!(said.code, Some(1));
    assert!(
        said.out.contains("refused: server.issuer: tokens and passwords would travel unencrypted\n"),
        "{}",
        said.out
    );
    assert!(said.out.contains("  use an https address\n"), "{}", said.out);
    // The public address makes the trial's file transport unsafe too.
    assert!(said.out.contains("refused: mail.transport: "), "{}", said.out);
    assert_eq!(said.err, "idp: 2 of these settings keep `idp serve` from starting\n");
}

#[tokio::test]
async fn findings_come_as_json_for_programs() {
    let trial = Trial::new().await;
    trial.change("issuer = ", "issuer = \"\"");
    let said = trial.idp(&["check", "--json"]).await;
    assert_eq!(said.code, Some(1));
    let findings: Vec<serde_json::Value> = serde_json::from_str(&said.out).unwrap();
    let issuer = findings.iter().find(|finding| finding["setting"] == "server.issuer").unwrap();
    assert_eq!(issuer["severity"], "refused");
    assert_eq!(issuer["what"], "not set");
    assert!(issuer["what_to_do"].as_str().unwrap().contains("https://"));
    assert!(findings.iter().all(|finding| ["refused", "warning"].contains(&finding["severity"].as_str().unwrap())));
}

#[tokio::test]
async fn settings_that_cannot_be_read_are_one_line_with_file_and_place() {
    let trial = Trial::new().await;
    let check = async |settings: &str, said: &str| {
        trial.write(settings);
        let refusal = trial.idp(&["check"]).await.refusal();
        assert!(refusal.contains(&trial.config()) && refusal.contains(said), "{refusal}");
    };
    check("[server]\nissuer = 3 4\n", ", line 2: ").await;
    check("[server]\nisuer = \"x\"\n", "there is no setting server.isuer; [server] has ").await;
    check("[sessions]\nidle_minutes = \"soon\"\n", "sessions.idle_minutes: ").await;
    std::fs::remove_file(trial.config()).unwrap();
    assert!(trial.idp(&["check"]).await.refusal().contains("cannot be read"));
}
