//! What the command line changes about a client is told to it like what console and API change.

use serde_json::Value;

use super::program::Trial;

const FILE: &str = r#"
[clients.permits]
department = "dit"
owner_email = "somchai@moc.example"
redirect_uris = ["https://permits.example/cb"]
scopes = ["openid", "membership"]
events = ["client-changed"]

[clients.permits.name]
th = "ระบบใบอนุญาต"
en = "Permits"

[clients.permits.purpose]
th = "ออกใบอนุญาต"
en = "issue permits"
"#;

/// How many events wait for the client, at the endpoint where it fetches them.
async fn waiting(trial: &Trial, secret: &str) -> usize {
    let request = reqwest::Client::new().post(trial.url("/events")).basic_auth("permits", Some(secret));
    let reply = request.form(&[("maxEvents", "50")]).send().await.expect("it answers");
    assert_eq!(reply.status(), 200);
    let sets: Value = serde_json::from_str(&reply.text().await.expect("a body")).expect("JSON");
    sets["sets"].as_object().expect("sets").len()
}

#[tokio::test]
async fn the_command_line_tells_a_service_of_each_change() {
    let trial = Trial::new().await;
    let file = trial.path("clients.toml");
    std::fs::write(&file, FILE).unwrap();
    let made = trial.idp(&["client", "import", &file, "--json"]).await.json();
    let secret = made["clients"][0]["client_secret"].as_str().unwrap().to_owned();
    let renamed = trial.path("renamed.toml");
    std::fs::write(&renamed, FILE.replace("Permits", "Licences")).unwrap();
    for arguments in [
        vec!["client", "enable", "permits"],
        vec!["client", "disable", "permits"],
        vec!["client", "enable", "permits"],
        vec!["client", "import", &renamed],
        // The secret of before is good for another day.
        vec!["client", "rotate-secret", "permits"],
    ] {
        trial.idp(&arguments).await.well();
    }
    // Looking is no change, nor is what is the same already.
    trial.idp(&["client", "show", "permits"]).await.well();
    trial.idp(&["client", "import", &renamed]).await.well();
    let running = trial.serve().await;
    assert_eq!(waiting(&trial, &secret).await, 5);
    running.kill().await;
}
