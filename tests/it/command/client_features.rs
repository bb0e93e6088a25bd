//! `idp client`: notices of sign-out, tokens for registration, the dialect of the system before this one.

use serde_json::{Value, json};

use super::program::{Said, Trial};

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

async fn create(trial: &Trial, id: &str, more: &[&str]) -> Said {
    let arguments: Vec<&str> = ["client", "create", "--id", id].iter().chain(&SERVICE).chain(more).copied().collect();
    trial.idp(&arguments).await
}

#[tokio::test]
async fn where_a_service_hears_of_sign_outs_is_registered_and_shown() {
    let trial = Trial::new().await;
    let made = create(
        &trial,
        "told",
        &[
            "--backchannel-logout-uri",
            "https://service.example/back",
            "--backchannel-logout-session-required",
            "--frontchannel-logout-uri",
            "https://service.example/front",
            "--policy-uri",
            "https://service.example/privacy",
            "--contact",
            "dev@service.example",
            "--json",
        ],
    )
    .await
    .json();
    assert_eq!(made["backchannel_logout_uri"], "https://service.example/back");
    assert_eq!(made["backchannel_logout_session_required"], true);
    assert_eq!(made["frontchannel_logout_uri"], "https://service.example/front");
    assert_eq!(made["about"]["policy_uri"], "https://service.example/privacy");
    for (flags, reason) in [
        (&["--backchannel-logout-uri", "http://localhost/x"][..], "--backchannel-logout-uri: use https"),
        (&["--backchannel-logout-uri", "http://service.example/x"], "--backchannel-logout-uri: use https"),
        (&["--frontchannel-logout-uri", "https://other.example/x"], "those of a redirect URI"),
        (&["--policy-uri", "javascript:x"], "policy_uri: an https address"),
        (&["--contact", "nobody"], "contacts: "),
    ] {
        let refusal = create(&trial, "no", flags).await;
        assert_eq!(refusal.code, Some(1));
        assert!(refusal.err.contains(reason), "{}", refusal.err);
    }
    assert_eq!(trial.idp(&["client", "notices", "--json"]).await.json(), json!([]));
    assert_eq!(trial.idp(&["client", "notices", "told"]).await.well(), "");
    let refusal = trial.idp(&["client", "notices", "nobody"]).await.refusal();
    assert!(refusal.starts_with("there is no client nobody"), "{refusal}");
}

#[tokio::test]
async fn s017_the_old_dialect_is_off_has_a_day_and_a_warning_in_the_list() {
    let trial = Trial::new().await;
    let post = ["--auth-method", "client_secret_post"];
    create(&trial, "old", &[&post[..], &["--legacy-until", "2099-03-31"]].concat()).await.well();
    create(&trial, "new", &post).await.well();
    create(&trial, "basic", &[]).await.well();
    let line = async |id: &str| {
        let list = trial.idp(&["client", "list"]).await.well();
        list.lines().find(|line| line.starts_with(id)).expect("it is listed").to_owned()
    };
    assert!(line("old").await.ends_with("(legacy dialect, weak, until 2099-03-31)"));
    assert!(!line("new").await.contains("legacy"));
    let shown = trial.idp(&["client", "show", "old", "--json"]).await.json();
    assert_eq!(shown["legacy_until"], "2099-03-31T17:00:00Z");
    assert!(trial.idp(&["client", "show", "old"]).await.well().contains("Warning:  (legacy dialect, weak"));
    trial.idp(&["client", "legacy", "new", "--until", "2001-01-01"]).await.well();
    assert!(line("new").await.ends_with("(legacy dialect refused: 2001-01-01 is over)"));
    trial.idp(&["client", "legacy", "new", "--off"]).await.well();
    assert!(!line("new").await.contains("legacy"));
    let refusal = trial.idp(&["client", "legacy", "basic", "--until", "2099-03-31"]).await.refusal();
    assert!(refusal.contains("client_secret_post alone"), "{refusal}");
    for (id, flag, why) in
        [("pushes", "--require-par", "neither pushed nor signed"), ("bound", "--dpop", "bearer tokens alone")]
    {
        create(&trial, id, &[&post[..], &[flag]].concat()).await.well();
        let refusal = trial.idp(&["client", "legacy", id, "--until", "2099-03-31"]).await.refusal();
        assert!(refusal.contains(why), "{refusal}");
    }
    // What the dialect cannot bear is refused by a file too, and nothing is changed.
    let file = trial.path("clients.toml");
    let file = file.as_str();
    let text = trial.idp(&["client", "export", "old"]).await.well();
    std::fs::write(file, &text).unwrap();
    assert!(trial.idp(&["client", "import", "--dry-run", file]).await.well().contains("old"));
    std::fs::write(file, text.replace("\"membership\",", "")).unwrap();
    for more in [&["--dry-run"][..], &[]] {
        let refusal = trial.idp(&[&["client", "import", file][..], more].concat()).await.refusal();
        assert!(refusal.contains("legacy_until: the legacy dialect needs the scope membership"), "{refusal}");
    }
    for wrong in [&["client", "legacy", "old"][..], &["client", "legacy", "old", "--until", "soon"]] {
        assert_eq!(trial.idp(wrong).await.code, Some(2));
    }
}

#[tokio::test]
async fn a_program_registers_itself_with_a_token_made_here() {
    let trial = Trial::new().await;
    let token = async |more: &[&str]| {
        let bounds = SERVICE[4..12].iter().chain(&["--redirect-host", "service.example"]).chain(more);
        let arguments: Vec<&str> = ["client", "registration-token", "create"].iter().chain(bounds).copied().collect();
        trial.idp(&arguments).await
    };
    let said = token(&[]).await.well();
    assert!(said.contains("shown this once") && said.contains("set clients.registration to true"), "{said}");
    trial.write(&format!("{}[clients]\nregistration = true\n", trial.sound()));
    let made = token(&["--uses", "2", "--pkce-optional", "--assertion-to-token-endpoint", "--json"]).await.json();
    let secret = made["initial_access_token"].as_str().expect("it is told once").to_owned();
    let id = made["id"].as_str().expect("it has a name").to_owned();
    for wrong in ["https://service.example", "*.example", "Service.example", ""] {
        let refusal = token(&["--redirect-host", wrong]).await;
        assert_eq!(refusal.code, Some(2), "{wrong}: {}", refusal.err);
    }
    let running = trial.serve().await;
    let http = reqwest::Client::new();
    let metadata = json!({ "client_name": "Service", "redirect_uris": ["https://service.example/cb"] });
    let register = async || {
        let request = http.post(trial.url("/connect/register")).bearer_auth(&secret).json(&metadata);
        request.send().await.expect("it answers")
    };
    let reply = register().await;
    assert_eq!(reply.status(), 201);
    let answer: Value = reply.json().await.expect("JSON");
    let shown = trial.idp(&["client", "show", answer["client_id"].as_str().expect("an id"), "--json"]).await.json();
    assert_eq!(shown["registered_itself"], true);
    assert_eq!(shown["pkce"], "optional", "as its token allows");
    assert_eq!(shown["owner"]["en"], "Sample Department");
    // It ends itself, and the command line does not bring it back.
    let own = answer["client_id"].as_str().expect("an id");
    let access = answer["registration_access_token"].as_str().expect("a token");
    let ended = http.delete(trial.url(&format!("/connect/register/{own}"))).bearer_auth(access).send().await.unwrap();
    assert_eq!(ended.status(), 204);
    for (command, why) in
        [("enable", "retired cannot resume"), ("disable", "retired cannot"), ("rotate-secret", "does not come back")]
    {
        let refusal = trial.idp(&["client", command, own]).await.refusal();
        assert!(refusal.contains(why), "{command}: {refusal}");
    }
    let shown = trial.idp(&["client", "show", own, "--json"]).await.json();
    assert_eq!((&shown["status"], &shown["secrets"]), (&json!("retired"), &json!([])));
    let list = trial.idp(&["client", "registration-token", "list"]).await.well();
    assert!(list.lines().any(|line| line.starts_with(&id) && line.contains("good  1 uses left")), "{list}");
    assert!(!list.contains(&secret));
    trial.idp(&["client", "registration-token", "revoke", &id]).await.well();
    assert_eq!(register().await.status(), 401);
    let refusal = trial.idp(&["client", "registration-token", "revoke", &id]).await.refusal();
    assert_eq!(refusal, format!("there is no token {id} to withdraw"));
    running.signal("TERM").await;
    assert_eq!(running.end().await.code, Some(0));
}

#[tokio::test]
async fn a_logo_is_handed_over_as_a_file() {
    let trial = Trial::new().await;
    let picture = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/idp-web/assets/touch-icon.png");
    let drawing = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/idp-web/assets/mark.svg");
    assert_eq!(create(&trial, "shown", &["--logo", picture, "--json"]).await.json()["logo"], true);
    let refused = create(&trial, "drawn", &["--logo", drawing]).await;
    assert!(refused.refusal().contains("the file is neither PNG nor JPEG"));
    assert!(trial.idp(&["client", "show", "drawn"]).await.refusal().contains("there is no client drawn"));
    assert!(create(&trial, "lost", &["--logo", "/nowhere/x.png"]).await.refusal().contains("--logo: "));
    assert_eq!(trial.idp(&["client", "logo", "shown", "--off", "--json"]).await.json()["logo"], false);
    assert_eq!(trial.idp(&["client", "logo", "shown", picture, "--json"]).await.json()["logo"], true);
}
