//! `idp client`: clients are registered and looked after from the command line, with the console's checks.

use serde_json::{Value, json};

use super::program::{Said, Trial, idp};

/// A client against which nothing can be said, with arguments put in place of its own.
fn create<'a>(changes: &[(&'a str, &'a str)]) -> Vec<&'a str> {
    let mut sound: Vec<(&str, &str)> = vec![
        ("--name-th", "ระบบกิจกรรม"),
        ("--name-en", "Activities"),
        ("--owner-th", "กรมตัวอย่าง"),
        ("--owner-en", "Sample Department"),
        ("--purpose-th", "ลงทะเบียนกิจกรรม"),
        ("--purpose-en", "register for activities"),
        ("--redirect-uri", "https://service.example/callback"),
        ("--owner-email", "somchai@moc.example"),
        ("--activate", ""),
    ];
    for (name, value) in changes {
        match sound.iter_mut().find(|(known, _)| known == name) {
            Some(argument) => argument.1 = value,
            None => sound.push((name, value)),
        }
    }
    let arguments = sound.into_iter().flat_map(|(name, value)| [name, value]).filter(|part| !part.is_empty());
    ["client", "create"].into_iter().chain(arguments).collect()
}

async fn client(trial: &Trial, command: &str, id: &str) -> Said {
    trial.idp(&["client", command, id]).await
}

#[tokio::test]
async fn a_client_is_registered_listed_and_shown_and_its_secret_is_told_once() {
    let trial = Trial::new().await;
    let mut arguments = create(&[("--id", "activities")]);
    arguments.push("--json");
    let made = trial.idp(&arguments).await.json();
    let secret = made["client_secret"].as_str().unwrap();
    assert_eq!(secret.len(), 43, "256 random bits");
    for (name, value) in [
        ("client_id", json!("activities")),
        ("status", json!("active")),
        ("kind", json!("web")),
        ("token_endpoint_auth_method", json!("client_secret_basic")),
        ("redirect_uris", json!(["https://service.example/callback"])),
        ("grant_types", json!(["authorization_code", "refresh_token"])),
        ("id_token_signed_response_alg", json!("ES256")),
        ("name", json!({ "th": "ระบบกิจกรรม", "en": "Activities" })),
    ] {
        assert_eq!(made[name], value, "{name}");
    }
    assert!(made["scope"].as_str().unwrap().split(' ').any(|scope| scope == "membership"), "ticked by default");
    let listed = trial.idp(&["client", "list", "--json"]).await.json();
    let shown = trial.idp(&["client", "show", "activities", "--json"]).await.json();
    let mut without = made.clone();
    without.as_object_mut().unwrap().remove("client_secret");
    assert_eq!(listed, json!([without]));
    assert_eq!(shown, without);
    let text = client(&trial, "show", "activities").await.well();
    assert!(text.contains("Activities") && !text.contains(secret) && !text.contains("secret is shown"), "{text}");
    let text = trial.idp(&["client", "list"]).await.well();
    assert!(text.starts_with("activities ") && text.contains(" active ") && text.contains("Activities"), "{text}");
    for bytes in [std::fs::read(trial.path("idp.sqlite3")), std::fs::read(trial.path("idp.sqlite3-wal"))] {
        let bytes = bytes.unwrap_or_default();
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "only its digest is kept");
    }
}

#[tokio::test]
async fn without_an_id_one_is_made_up_and_for_people_the_secret_comes_with_advice() {
    let trial = Trial::new().await;
    let said = trial.idp(&create(&[])).await.well();
    assert!(said.contains("client_secret "), "{said}");
    assert!(said.trim_end().ends_with("The secret is shown this once. Hand it to the service over a safe channel."));
    let listed = trial.idp(&["client", "list", "--json"]).await.json();
    let id = listed[0]["client_id"].as_str().unwrap();
    assert!(!id.is_empty() && id.len() != 43, "{id}");
}

/// As in the console: somebody answers for a service, and nobody signs in with it before it was looked at.
#[tokio::test]
async fn a_client_is_a_draft_of_a_department_until_it_is_put_to_use() {
    let trial = Trial::new().await;
    let words = [("--id", "activities"), ("--activate", ""), ("--owner-th", ""), ("--owner-en", "")];
    let draft = |more: &[(&'static str, &'static str)]| {
        let left_out = |word: &&str| !["--activate", "--owner-th", "--owner-en"].contains(word);
        create(&[&words[..], more].concat()).into_iter().filter(left_out).collect::<Vec<_>>()
    };
    let refusal = trial.idp(&draft(&[])).await.refusal();
    assert!(refusal.contains("--department") && refusal.contains("--owner-th"), "{refusal}");
    let refusal = trial.idp(&draft(&[("--department", "dit"), ("--owner-email", "nobody")])).await.refusal();
    assert!(refusal.starts_with("--owner-email: the mailbox of an official is needed"), "{refusal}");
    let said = trial.idp(&draft(&[("--department", "dit"), ("--deputy-email", "somsri@moc.example")])).await.well();
    assert!(said.trim_end().ends_with("nobody signs in with it until `idp client enable activities`."), "{said}");
    let shown = trial.idp(&["client", "show", "activities", "--json"]).await.json();
    assert_eq!((&shown["status"], &shown["department"]), (&json!("draft"), &json!("dit")));
    assert_eq!(shown["owner"]["en"], "Department of Internal Trade");
    assert_eq!(shown["stewards"], json!({ "owner": "somchai@moc.example", "deputy": "somsri@moc.example" }));
    trial.idp(&["client", "enable", "activities"]).await.well();
    assert_eq!(trial.idp(&["client", "show", "activities", "--json"]).await.json()["status"], "active");
}

#[tokio::test]
async fn a_public_client_has_no_secret_to_show_or_rotate() {
    let trial = Trial::new().await;
    let mut arguments = create(&[("--id", "page"), ("--kind", "single-page")]);
    arguments.push("--json");
    let made = trial.idp(&arguments).await.json();
    assert_eq!(made["token_endpoint_auth_method"], "none");
    assert_eq!(made.get("client_secret"), None);
    assert_eq!(made["secrets"], json!([]));
    let refusal = client(&trial, "rotate-secret", "page").await.refusal();
    assert_eq!(refusal, "page is a public client: it has no secret");
}

#[tokio::test]
async fn what_the_options_say_is_what_is_registered() {
    let trial = Trial::new().await;
    let mut arguments = create(&[
        ("--id", "licences"),
        ("--scope", "openid membership citizen_id"),
        ("--auth-method", "client_secret_post"),
        ("--post-logout-redirect-uri", "https://service.example/bye"),
        ("--id-token-alg", "RS256"),
    ]);
    arguments.extend([
        "--permanent-only",
        "--first-party",
        "--public-subject",
        "--pkce-optional",
        "--no-refresh-tokens",
    ]);
    arguments.push("--json");
    let made = trial.idp(&arguments).await.json();
    let member = |name: &str| made[name].to_string();
    assert_eq!(made["token_endpoint_auth_method"], "client_secret_post");
    assert_eq!(made["post_logout_redirect_uris"], json!(["https://service.example/bye"]));
    assert_eq!(made["grant_types"], json!(["authorization_code"]));
    assert_eq!(made["id_token_signed_response_alg"], "RS256");
    assert!(member("membership").contains("permanent"), "{made}");
    assert!(member("consent").contains("first"), "{made}");
    assert!(member("subject").contains("public"), "{made}");
    assert!(member("pkce").contains("optional"), "{made}");
}

#[tokio::test]
async fn the_forms_of_requests_and_answers_are_registered_and_shown() {
    let trial = Trial::new().await;
    let jwks = trial.folder().join("jwks.json");
    let keys = idp_tests::EncryptionKeys::make();
    std::fs::write(&jwks, json!({ "keys": keys.public() }).to_string()).unwrap();
    let mut arguments = create(&[
        ("--id", "fapi"),
        ("--require-par", ""),
        ("--userinfo-alg", "RS256"),
        ("--response-alg", "ES256"),
        ("--introspection-alg", "ES256"),
        ("--id-token-enc", "ECDH-ES+A256KW/A256GCM"),
        ("--userinfo-enc", "RSA-OAEP-256/A128GCM"),
        ("--jwks", jwks.to_str().unwrap()),
    ]);
    arguments.push("--json");
    let made = trial.idp(&arguments).await.json();
    for (name, value) in [
        ("require_pushed_authorization_requests", json!(true)),
        ("require_signed_request_object", json!(false)),
        ("userinfo_signed_response_alg", json!("RS256")),
        ("authorization_signed_response_alg", json!("ES256")),
        ("introspection_signed_response_alg", json!("ES256")),
        ("id_token_encrypted_response_alg", json!("ECDH-ES+A256KW")),
        ("id_token_encrypted_response_enc", json!("A256GCM")),
        ("userinfo_encrypted_response_alg", json!("RSA-OAEP-256")),
        ("userinfo_encrypted_response_enc", json!("A128GCM")),
    ] {
        assert_eq!(made[name], value, "{name}");
    }
    for (flag, value, why) in [
        ("--userinfo-alg", "HS256", "--userinfo-alg: one of"),
        ("--userinfo-alg", "EdDSA", "idp keys add EdDSA"),
        ("--request-object-alg", "none", "--request-object-alg: one of"),
        ("--id-token-enc", "RSA1_5/A128GCM", "--id-token-enc: one of"),
        ("--id-token-enc", "ECDH-ES", "--id-token-enc: one of"),
        ("--id-token-enc", "ECDH-ES/A128GCM", "needs keys of the client"),
        ("--require-signed-requests", "", "needs keys of the client"),
    ] {
        let said = trial.idp(&create(&[("--id", "other"), (flag, value)])).await;
        let refused = said.refusal();
        assert!(refused.contains(why), "{flag} {value}: {refused}");
    }
}

#[tokio::test]
async fn every_unsound_draft_is_refused_with_its_reason_and_writes_nothing() {
    let trial = Trial::new().await;
    let long = "ก".repeat(201);
    let far = format!("https://service.example/{}", "a".repeat(2000));
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[("--name-th", " ")], "the name must not be empty and at most 200 characters long"),
        (&[("--owner-en", &long)], "the owner must not be empty and at most 200 characters long"),
        (&[("--purpose-en", " ")], "the purpose must not be empty and at most 200 characters long"),
        (&[("--redirect-uri", &far)], "longer than 2000 characters"),
        (&[("--redirect-uri", "/callback")], "not an absolute URI"),
        (&[("--redirect-uri", "https://SERVICE.example/callback")], "not in its normal form"),
        (&[("--redirect-uri", "https://service.example")], "not in its normal form"),
        (&[("--redirect-uri", "https://service.example/a/../b")], "not in its normal form"),
        (&[("--redirect-uri", "https://service.example/#x")], "a fragment (#...) is not allowed"),
        (&[("--redirect-uri", "https://me@service.example/")], "a user name or password is not allowed"),
        (&[("--redirect-uri", "https://*.service.example/")], "patterns (*) are not allowed"),
        (&[("--redirect-uri", "http://service.example/callback")], "http is allowed for 127.0.0.1"),
        (&[("--redirect-uri", "javascript:alert(1)")], "the scheme is not allowed"),
        (&[("--redirect-uri", "data:text/html,x")], "the scheme is not allowed"),
        (&[("--redirect-uri", "file:///etc/passwd")], "the scheme is not allowed"),
        (&[("--redirect-uri", "th.go.moc.app:/callback")], "a private-use scheme is for native apps only"),
        (&[("--post-logout-redirect-uri", "http://service.example/bye")], "http is allowed for 127.0.0.1"),
        (&[("--auth-method", "private_key_jwt")], "private_key_jwt needs the public keys of the client"),
        (&[("--auth-method", "none")], "a web client cannot use none"),
        (&[("--kind", "native"), ("--auth-method", "client_secret_basic")], "a native client cannot use client_secret"),
        (&[("--kind", "single-page"), ("--pkce-optional", "")], "a client without a secret must use PKCE"),
        (&[("--kind", "native"), ("--nonce-optional", "")], "a client without a secret must use PKCE"),
        (&[("--scope", "profile email")], "the scope openid is needed"),
        (&[("--scope", "openid admin root")], "--scope: no such scope: admin, root"),
        (&[("--id-token-alg", "none")], "--id-token-alg: one of ES256, RS256, PS256, EdDSA"),
        (&[("--id-token-alg", "HS256")], "--id-token-alg: one of ES256, RS256, PS256, EdDSA"),
        (&[("--id", "two words")], "--id: 1 to 64 letters, digits, dots, dashes and underscores, and not 43"),
        (&[("--id", "0123456789012345678901234567890123456789012")], "--id: 1 to 64 letters"),
    ];
    for (changes, reason) in table {
        let refusal = trial.idp(&create(changes)).await.refusal();
        assert!(refusal.contains(reason), "{changes:?}: {refusal}");
    }
    let mut several = create(&[]);
    several.extend(["--redirect-uri", "https://other.example/callback"]);
    let refusal = trial.idp(&several).await.refusal();
    assert!(refusal.contains("redirect URIs on several hosts (other.example, service.example)"), "{refusal}");
    assert_eq!(trial.idp(&["client", "list", "--json"]).await.json(), json!([]));
}

#[tokio::test]
async fn all_that_is_wrong_with_a_draft_is_told_at_once() {
    let trial = Trial::new().await;
    let refusal = trial
        .idp(&create(&[("--name-en", " "), ("--redirect-uri", "http://service.example/"), ("--scope", "email")]))
        .await
        .refusal();
    let lines: Vec<&str> = refusal.lines().collect();
    assert_eq!(lines[0], "the client was not registered:");
    assert_eq!(lines.len(), 4, "{refusal}");
    assert!(lines[1..].iter().all(|line| line.starts_with("  ")), "{refusal}");
}

#[tokio::test]
async fn redirection_to_members_own_machines_is_for_native_apps_and_trials_alone() {
    // `clients.allow_loopback_http_redirects` is off unless somebody sets it.
    let trial = Trial::new().await;
    for uri in ["http://localhost:3000/callback", "http://127.0.0.1:3000/callback", "http://[::1]:3000/callback"] {
        let refusal = trial.idp(&create(&[("--redirect-uri", uri)])).await.refusal();
        assert!(refusal.contains("clients.allow_loopback_http_redirects"), "{refusal}");
    }
    // RFC 8252 §7.3: that is how native apps work.
    trial.idp(&create(&[("--kind", "native"), ("--redirect-uri", "http://127.0.0.1/callback")])).await.well();
    trial.write(&format!("{}[clients]\nallow_loopback_http_redirects = true\n", trial.sound()));
    trial.idp(&create(&[("--redirect-uri", "http://localhost:3000/callback")])).await.well();
}

#[tokio::test]
async fn one_id_is_one_client() {
    let trial = Trial::new().await;
    trial.idp(&create(&[("--id", "activities")])).await.well();
    let refusal = trial.idp(&create(&[("--id", "activities"), ("--name-en", "Other")])).await.refusal();
    assert_eq!(refusal, "there is a client activities already; choose another --id");
    let shown = trial.idp(&["client", "show", "activities", "--json"]).await.json();
    assert_eq!(shown["name"]["en"], "Activities");
    for command in ["show", "rotate-secret", "disable", "enable"] {
        let refusal = client(&trial, command, "nobody").await.refusal();
        assert_eq!(refusal, "there is no client nobody; `idp client list` shows all");
    }
}

#[tokio::test]
async fn a_command_line_that_lacks_something_is_answered_with_help() {
    let said = idp(&["client", "create"]).await;
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("--purpose-en"), "{}", said.err);
    let help = idp(&["client", "create", "--help"]).await.well();
    assert!(help.contains("Examples:\n  idp client create"), "{help}");
    let nothing = idp::<&str>(&[]).await;
    assert_eq!(nothing.code, Some(2));
    for command in ["demo", "serve", "check", "migrate", "client", "keys"] {
        assert!(nothing.err.contains(command), "{}", nothing.err);
    }
}

/// What the token endpoint thinks of a client's secret: `invalid_grant` means that the client was believed.
async fn opinion(trial: &Trial, secret: &str) -> Value {
    let http = reqwest::Client::new();
    let asked = http
        .post(trial.url("/token"))
        .basic_auth("activities", Some(secret))
        .form(&[
            ("grant_type", "authorization_code"),
            ("code", "unknown"),
            ("redirect_uri", "https://service.example/callback"),
        ])
        .send()
        .await
        .unwrap();
    asked.json::<Value>().await.unwrap()["error"].clone()
}

#[tokio::test]
async fn two_secrets_live_during_a_rotation_and_none_of_a_client_that_is_switched_off() {
    let trial = Trial::new().await;
    let mut arguments = create(&[("--id", "activities")]);
    arguments.push("--json");
    let secret = |made: &Value| made["client_secret"].as_str().unwrap().to_owned();
    let first = secret(&trial.idp(&arguments).await.json());
    let rotate = ["client", "rotate-secret", "activities", "--json"];
    let rotated = trial.idp(&rotate).await.json();
    let second = secret(&rotated);
    assert_ne!(first, second);
    let ends: Vec<bool> =
        rotated["secrets"].as_array().unwrap().iter().map(|kept| !kept["expires_at"].is_null()).collect();
    assert_eq!(ends, [true, false], "the old one has an end");
    let running = trial.serve().await;
    assert_eq!(opinion(&trial, &first).await, "invalid_grant");
    assert_eq!(opinion(&trial, &second).await, "invalid_grant");
    assert_eq!(opinion(&trial, "another").await, "invalid_client");
    running.signal("TERM").await;
    running.end().await;

    let text = client(&trial, "rotate-secret", "activities").await.well();
    assert!(text.starts_with("the old secret works for another 24 hours\n"), "{text}");
    let shown = client(&trial, "disable", "activities").await.well();
    assert!(shown.lines().any(|line| line.starts_with("status ") && line.ends_with("suspended")), "{shown}");
    let running = trial.serve().await;
    assert_eq!(opinion(&trial, &first).await, "invalid_client", "switched off");
    assert_eq!(opinion(&trial, &second).await, "invalid_client", "switched off");
    running.signal("TERM").await;
    running.end().await;

    client(&trial, "enable", "activities").await.well();
    let running = trial.serve().await;
    assert_eq!(opinion(&trial, &first).await, "invalid_grant", "its day is not over, whatever came after it");
    assert_eq!(opinion(&trial, &second).await, "invalid_grant");
    running.signal("TERM").await;
    running.end().await;

    // Three work at once; one more would end one that may be in use.
    let refusal = client(&trial, "rotate-secret", "activities").await.refusal();
    assert!(refusal.contains("three secrets"), "{refusal}");
    client(&trial, "revoke-secret", "activities").await.well();
    let running = trial.serve().await;
    for old in [&first, &second] {
        assert_eq!(opinion(&trial, old).await, "invalid_client");
    }
    running.signal("TERM").await;
    running.end().await;
    client(&trial, "rotate-secret", "activities").await.well();
}

/// A registration without redirect URIs.
fn machine<'a>(id: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = create(&[("--id", id)]);
    let at = arguments.iter().position(|word| *word == "--redirect-uri").unwrap();
    arguments.drain(at..at + 2);
    arguments.extend(more);
    arguments.push("--json");
    arguments
}

#[tokio::test]
async fn a_resource_and_the_machine_that_may_call_it_are_registered() {
    let trial = Trial::new().await;
    let call = "https://api.example/v1 trade:read";
    let caller = machine("caller", &["--client-credentials", "--may-call", call]);
    let refusal = trial.idp(&caller).await.refusal();
    assert_eq!(refusal, "--may-call: there is no resource https://api.example/v1");
    let api = ["--resource", "https://api.example/v1", "--resource-scope", "trade:read"];
    let made = trial.idp(&machine("api", &api)).await.json();
    assert_eq!(made["resource"], json!({ "identifier": "https://api.example/v1", "scopes": ["trade:read"] }));
    assert_eq!((&made["grant_types"], &made["scope"]), (&json!([]), &json!("")));
    let refusal = trial.idp(&machine("twin", &api)).await.refusal();
    assert_eq!(refusal, "--resource: https://api.example/v1 is another client's already");
    let made = trial.idp(&caller).await.json();
    assert_eq!(made["grant_types"], json!(["client_credentials"]));
    assert_eq!(made["resources"], json!([{ "resource": "https://api.example/v1", "scopes": ["trade:read"] }]));
    for (arguments, why) in [
        (vec!["--client-credentials"], "client_credentials needs a resource that the client may call"),
        (vec![], "at least one redirect URI is needed"),
        (vec!["--resource", "/v1"], "a resource is named by an absolute URI without fragment"),
        (vec!["--resource", "urn:x", "--resource-scope", "openid"], "none of ours"),
        (
            vec!["--client-credentials", "--may-call", "https://api.example/v1 trade:write"],
            "knows no scope trade:write",
        ),
    ] {
        let line = trial.idp(&machine("x", &arguments)).await.refusal();
        assert!(line.contains(why), "{line}");
    }
}

#[tokio::test]
async fn a_client_with_keys_has_no_secret() {
    let trial = Trial::new().await;
    let jwks = trial.path("client.json");
    let key = idp_core::jose::SigningKey::generate(idp_core::jose::Algorithm::PS256).unwrap().0;
    let file = jwks.clone();
    let with = |id: &'static str, file: &str| {
        let mut arguments: Vec<String> = create(&[("--id", id)]).into_iter().map(str::to_owned).collect();
        arguments.extend(["--authentication", "private_key_jwt", "--jwks", file, "--json"].map(str::to_owned));
        arguments
    };
    let run = async |arguments: Vec<String>| {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        trial.idp(&arguments).await
    };
    let refusal = run(with("rp", &file)).await.refusal();
    assert!(refusal.starts_with("--jwks: ") && refusal.contains("cannot be read"), "{refusal}");
    for (text, why) in [
        ("<html>".to_owned(), "is not JSON"),
        ("{}".to_owned(), "not a JWKS document"),
        (json!({ "keys": [{ "kty": "oct", "k": "AAAA" }] }).to_string(), "has no public half"),
        (json!({ "keys": [{ "kty": "EC", "d": "AAAA" }] }).to_string(), "a private key was handed over"),
    ] {
        std::fs::write(&jwks, text).unwrap();
        let refusal = run(with("rp", &file)).await.refusal();
        assert!(refusal.contains(why), "{refusal}");
    }
    std::fs::write(&jwks, json!({ "keys": [key.public()] }).to_string()).unwrap();
    let made = run(with("rp", &file)).await.json();
    assert_eq!((&made["token_endpoint_auth_method"], &made["secrets"]), (&json!("private_key_jwt"), &json!([])));
    assert!(made.get("client_secret").is_none() && made["keys"].to_string().contains(key.kid()));
    let refusal = client(&trial, "rotate-secret", "rp").await.refusal();
    assert_eq!(refusal, "rp authenticates with its keys: it has no secret");
    let without = create(&[("--auth-method", "private_key_jwt")]);
    let refusal = trial.idp(&without).await.refusal();
    assert!(refusal.contains("private_key_jwt needs the public keys of the client"), "{refusal}");
    let by_address = create(&[("--auth-method", "private_key_jwt"), ("--jwks-uri", "http://service.example/jwks")]);
    let refusal = trial.idp(&by_address).await.refusal();
    assert!(refusal.contains("https"), "{refusal}");
}

#[tokio::test]
async fn id_tokens_are_signed_by_an_algorithm_that_has_a_key() {
    let trial = Trial::new().await;
    for algorithm in ["PS256", "EdDSA"] {
        let arguments = create(&[("--id-token-alg", algorithm)]);
        let refusal = trial.idp(&arguments).await.refusal();
        assert!(refusal.contains(&format!("idp keys add {algorithm}")), "{refusal}");
        let said = trial.idp(&["keys", "add", algorithm]).await.well();
        assert!(said.starts_with(&format!("{algorithm} signs from now on")), "{said}");
        let said = trial.idp(&["keys", "add", algorithm]).await.well();
        assert!(said.contains("has its key already"), "{said}");
        trial.idp(&arguments).await.well();
    }
    assert_eq!(trial.idp(&["keys", "add", "HS256"]).await.refusal(), "ES256, RS256, PS256 or EdDSA");
}
