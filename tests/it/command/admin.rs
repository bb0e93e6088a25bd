//! `idp admin`: the first super admin, and roles.

use super::program::Trial;

#[tokio::test]
async fn create_prints_a_link_and_refuses_what_it_does_not_know() {
    let trial = Trial::new().await;
    let made = trial.idp(&["admin", "create", "--json"]).await.json();
    assert!(made["link"].as_str().unwrap().contains("/staff/invitation?token="));
    assert_eq!(made["role"], "super-admin");
    let text = trial.idp(&["admin", "create", "--email", "nobody@mail.example"]).await.refusal();
    assert!(text.contains("there is no account"), "{text}");
    let grant = ["admin", "grant", "--email", "nobody@mail.example", "--role", "client-admin"];
    let text = trial.idp(&grant).await.refusal();
    assert!(text.contains("bound to a department"), "{text}");
    assert_eq!(trial.idp(&["admin", "list", "--json"]).await.json(), serde_json::json!([]));
}
