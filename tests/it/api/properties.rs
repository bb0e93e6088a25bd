//! Requests made from the OpenAPI document, by hundreds: no answer is a server error, and none is one that the document does
//! not know.

use idp_core::admin::Role;
use idp_core::client::ClientStatus;
use idp_tests::{OpenAir, schemathesis};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_of_the_document_has_an_answer_that_is_not_in_it() {
    let air = OpenAir::start_with(|config| config.clients.api_requests_per_minute = 1_000_000).await;
    let app = &air.app;
    for number in 0..3 {
        app.client(&format!("rp{number}")).await;
    }
    app.insert_permanent("ana").await;
    app.insert_member("ben").await;
    let root = app.program("root", Role::SuperAdmin, None).await;
    let token = format!("Authorization: Bearer {}", root.token);
    let url = format!("{}/api/v1/openapi.json", app.issuer());
    let checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
    let arguments = [
        "--header",
        &token,
        "--checks",
        checks,
        "--phases",
        "examples,fuzzing",
        "--max-examples",
        "15",
        "--max-time",
        "90",
        "--seed",
        "4",
        "--generation-database",
        "none",
        "--request-timeout",
        "20",
        "--workers",
        "2",
    ];
    let (found_nothing, said) = schemathesis(&url, &arguments).await;
    assert!(found_nothing, "{said}");
    assert!(said.contains("passed"), "{said}");
    // It came in: a run that is refused everywhere finds nothing either.
    assert!(!said.contains("401 Unauthorized") && said.contains("Tested: 27"), "{said}");
    // Whatever it asked for, the program that it spoke for is as it was.
    let client = app.store.client(&root.rp.client.id).await.unwrap().unwrap();
    assert_eq!(client.status, ClientStatus::Active);
}
