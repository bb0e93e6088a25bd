//! The OpenAPI document: it says what the router does, and no change of it goes unseen.

use std::collections::BTreeSet;
use std::path::Path;

use idp_tests::App;
use idp_web::api::routes::addresses;
use serde_json::Value;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
const RENEW: &str = "IDP_RENEW_OPENAPI=1 cargo test --workspace --test it api::document";

#[tokio::test]
async fn a_change_of_the_document_is_reviewed() {
    let app = App::start().await;
    let served = app.get("/api/v1/openapi.json").await.expect(200);
    assert_eq!(served.header("content-type"), "application/json");
    if std::env::var_os("IDP_RENEW_OPENAPI").is_some() {
        std::fs::write(GOLDEN, &served.body).unwrap();
    }
    let golden = std::fs::read_to_string(Path::new(GOLDEN)).unwrap_or_default();
    assert!(
        golden == served.body,
        "docs/openapi.json differs from what is served; look at the change and renew it:\n  {RENEW}"
    );
}

#[tokio::test]
async fn every_route_is_in_the_document_and_every_path_of_it_is_a_route() {
    let app = App::start().await;
    let document: Value = serde_json::from_str(&app.get("/api/v1/openapi.json").await.expect(200).body).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let mut told = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let scope = operation["security"][0]["oauth2"][0].as_str().unwrap_or_default().to_owned();
            told.insert((method.to_uppercase(), path.clone(), scope));
        }
    }
    let mut routes: BTreeSet<_> = addresses(app.provider())
        .into_iter()
        .map(|address| (address.method.as_str().to_owned(), address.path.to_owned(), address.scope.as_str().to_owned()))
        .collect();
    for public in ["/api/v1/openapi.json", "/api/v1/problems"] {
        routes.insert(("GET".to_owned(), public.to_owned(), String::new()));
        app.get(public).await.expect(200);
    }
    assert_eq!(told, routes);
    let ids: BTreeSet<String> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|item| item.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), told.len(), "every operation has a name of its own");
}

/// Each reference leads somewhere, and every problem that a route names is in the catalogue.
#[tokio::test]
async fn what_the_document_refers_to_is_there() {
    let app = App::start().await;
    let text = app.get("/api/v1/openapi.json").await.expect(200).body;
    let document: Value = serde_json::from_str(&text).unwrap();
    for reference in text.split("\"$ref\": \"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
    let catalogue = app.get("/api/v1/problems").await.expect(200).json();
    let known: BTreeSet<&str> = catalogue.as_array().unwrap().iter().filter_map(|kind| kind["name"].as_str()).collect();
    for item in document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values()) {
        for (status, answer) in
            item["responses"].as_object().unwrap().iter().filter(|(status, _)| *status >= &"400".to_owned())
        {
            for word in answer["description"].as_str().unwrap().split(", ") {
                assert!(known.contains(word), "{status}: {word}");
            }
        }
    }
}
