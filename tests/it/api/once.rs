//! Creation with an `Idempotency-Key`.

use std::sync::Arc;

use chrono::TimeDelta;
use idp_core::admin::Role;
use idp_tests::App;
use serde_json::json;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::settings;

const KEY: (&str, &str) = ("idempotency-key", "order-1");

#[tokio::test]
async fn the_same_request_is_answered_as_the_first_time() {
    let app = App::start().await;
    let root = app.program("root", Role::SuperAdmin, None).await;
    let body = json!({ "settings": settings() });
    let first = root.call_with("POST", "/api/v1/clients", &[KEY], Some(&body)).await.expect(201);
    let again = root.call_with("POST", "/api/v1/clients", &[KEY], Some(&body)).await.expect(201);
    assert_eq!(first.body, again.body, "with the same secret");
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
    let mut other = body.clone();
    other["settings"]["name"]["en"] = json!("Another");
    root.call_with("POST", "/api/v1/clients", &[KEY], Some(&other)).await.expect_problem(422, "key-reused");
    // A key is its program's own.
    let two = app.program("two", Role::SuperAdmin, None).await;
    let theirs = two.call_with("POST", "/api/v1/clients", &[KEY], Some(&body)).await.expect(201);
    assert_ne!(theirs.json()["client_id"], first.json()["client_id"]);
    // A day later it is free again.
    app.advance(TimeDelta::hours(25));
    let root = root.again().await;
    let later = root.call_with("POST", "/api/v1/clients", &[KEY], Some(&body)).await.expect(201);
    assert_ne!(later.json()["client_id"], first.json()["client_id"]);
    for key in ["", "x".repeat(129).as_str()] {
        let reply = root.call_with("POST", "/api/v1/clients", &[("idempotency-key", key)], Some(&body)).await;
        reply.expect_problem(400, "invalid-request");
    }
}

#[tokio::test]
async fn a_kept_answer_holds_its_secret_sealed() {
    let app = App::start().await;
    let root = app.program("root", Role::SuperAdmin, None).await;
    let body = json!({ "settings": settings() });
    let made = root.call_with("POST", "/api/v1/clients", &[KEY], Some(&body)).await.expect(201).json();
    let secret = made["client_secret"].as_str().unwrap();
    assert_eq!(app.store.row_count("api_answers").await.unwrap(), 1);
    for name in ["idp.sqlite3", "idp.sqlite3-wal"] {
        let bytes = std::fs::read(app.folder().join(name)).unwrap_or_default();
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{name}");
    }
    app.advance(TimeDelta::hours(25));
    app.store.purge(app.now()).await.unwrap();
    assert_eq!(app.store.row_count("api_answers").await.unwrap(), 0);
}

async fn of_twenty_creations_with_one_key_one_is_made(nodes: Vec<App>) {
    let root = nodes[0].program("root", Role::SuperAdmin, None).await;
    let before = nodes[0].store.clients().await.unwrap().len();
    let gate = Arc::new(Barrier::new(20));
    let mut tasks = JoinSet::new();
    for turn in 0..20 {
        let (gate, root) = (Arc::clone(&gate), root.at(&nodes[turn % nodes.len()]));
        tasks.spawn(async move {
            gate.wait().await;
            let body = json!({ "settings": settings() });
            root.call_with("POST", "/api/v1/clients", &[KEY], Some(&body)).await
        });
    }
    let replies = tasks.join_all().await;
    let bodies: std::collections::BTreeSet<String> = replies.into_iter().map(|reply| reply.expect(201).body).collect();
    assert_eq!(bodies.len(), 1, "all are answered alike");
    assert_eq!(nodes[0].store.clients().await.unwrap().len(), before + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_one_node_twenty_creations_with_one_key_make_one() {
    of_twenty_creations_with_one_key_one_is_made(vec![App::start().await]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_two_nodes_twenty_creations_with_one_key_make_one() {
    let first = App::start_on_servers().await;
    let second = first.another_node().await;
    of_twenty_creations_with_one_key_one_is_made(vec![first, second]).await;
}

/// Whatever the API creates, it creates once for a key: clients and roles.
#[tokio::test]
async fn every_creation_takes_a_key() {
    let app = App::start().await;
    let ben = app.insert_member("ben").await;
    let root = app.program("root", Role::SuperAdmin, None).await;
    let creations = [
        ("/api/v1/clients".to_owned(), json!({ "settings": settings() })),
        ("/api/v1/staff".to_owned(), json!({ "account": ben.id.to_string(), "role": "auditor" })),
    ];
    for (number, (path, body)) in creations.iter().enumerate() {
        let key = [("idempotency-key", format!("order-{number}"))];
        let key = [(key[0].0, key[0].1.as_str())];
        let first = root.call_with("POST", path, &key, Some(body)).await.expect(201);
        let again = app.unchanged(root.call_with("POST", path, &key, Some(body))).await.expect(201);
        assert_eq!((first.body, again.header("idempotent-replayed")), (again.body.clone(), "true"), "{path}");
        let mut other = body.clone();
        other["role"] = json!("something else entirely");
        if path != "/api/v1/clients" {
            root.call_with("POST", path, &key, Some(&other)).await.expect_problem(422, "key-reused");
        }
    }
    // In the document, what answers 201 is what takes a key.
    let document = app.get("/api/v1/openapi.json").await.expect(200).json();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let takes = operation["parameters"].as_array().is_some_and(|parameters| {
                parameters
                    .iter()
                    .any(|one| one["name"].as_str().is_some_and(|name| name.eq_ignore_ascii_case("idempotency-key")))
            });
            assert_eq!(operation["responses"].get("201").is_some(), takes, "{method} {path}");
        }
    }
}
