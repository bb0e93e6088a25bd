//! `idp member`

use super::program::Trial;

#[tokio::test]
async fn what_does_not_tell_why_is_refused_before_anything_is_opened() {
    let trial = Trial::new().await;
    let id = "6f1c0d52-5f43-4a7e-9a43-0d0f5a3c1b2e";
    for reason in ["x", "somchai@example.com called", "1000000000017 called"] {
        assert_ne!(trial.idp(&["member", "show", id, "--reason", reason]).await.code, Some(0), "{reason}");
    }
    let refusal = trial.idp(&["member", "show", id, "--reason", "case 1/2026"]).await.refusal();
    assert!(refusal.contains("idp member find"), "{refusal}");
    let refusal = trial.idp(&["member", "find", "1000000000017"]).await.refusal();
    assert!(refusal.contains("13-digit number"), "{refusal}");
    let said = trial.idp(&["member", "find", "สมชาย", "--json"]).await.well();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&said).unwrap()["members"], serde_json::json!([]));
}
