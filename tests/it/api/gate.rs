//! Which program comes in.

use chrono::TimeDelta;
use idp_core::admin::{ApiScope, Role, program_id};
use idp_core::client::ClientStatus;
use idp_core::jose::Algorithm;
use idp_tests::{App, Program};
use serde_json::json;

#[tokio::test]
async fn a_token_counts_as_long_as_its_client_its_scope_and_its_role_do() {
    let app = App::start().await;
    let mut reports = app.program("reports", Role::Auditor, None).await;
    reports.get("/api/v1/audit").await.expect(200);
    // Over.
    app.advance(TimeDelta::minutes(6));
    let over = reports.get("/api/v1/audit").await.expect_problem(401, "unauthorized");
    assert!(over.header("www-authenticate").contains("invalid_token"));
    let reports_again = reports.again().await;
    reports_again.get("/api/v1/audit").await.expect(200);
    // The client has lost the scope.
    let resources = reports.rp.client.resources.clone();
    reports.rp.change(|client| client.resources[0].scopes.retain(|scope| scope.as_str() != "audit:read")).await;
    reports_again.get("/api/v1/audit").await.expect_problem(403, "insufficient-scope");
    app.advance(TimeDelta::seconds(1));
    reports.rp.change(|client| client.resources = resources).await;
    reports_again.get("/api/v1/audit").await.expect(200);
    // The role is over.
    let row = app.store.staff_roles_of(program_id(&reports.rp.client.id)).await.unwrap().remove(0);
    assert!(app.store.end_role(row.id, None, app.now(), &[]).await.unwrap());
    reports_again.get("/api/v1/audit").await.expect_problem(403, "not-permitted");
    app.give_program(&reports.rp, Role::Auditor, None).await;
    reports_again.get("/api/v1/audit").await.expect(200);
    // The client is stopped.
    app.advance(TimeDelta::seconds(1));
    reports.rp.change(|client| client.status = ClientStatus::Suspended).await;
    reports_again.get("/api/v1/audit").await.expect_problem(401, "unauthorized");
}

#[tokio::test]
async fn a_token_for_another_resource_is_none_here() {
    let app = App::start().await;
    let rp = app.machine("reports", &["audit:read"]).await;
    app.give_program(&rp, Role::Auditor, None).await;
    let other = app
        .client("other")
        .with(|draft| {
            draft.redirect_uris = Vec::new();
            draft.resource = Some(("https://other.test".to_owned(), vec!["audit:read".to_owned()]));
        })
        .await;
    let wide = app
        .client("wide")
        .with(|draft| {
            draft.redirect_uris = Vec::new();
            draft.client_credentials = true;
            draft.resources = vec![("https://other.test".to_owned(), vec!["audit:read".to_owned()])];
        })
        .await;
    app.give_program(&wide, Role::SuperAdmin, None).await;
    let token = wide.machine_token().await;
    Program { rp: other, token }.get("/api/v1/audit").await.expect_problem(401, "unauthorized");
}

#[tokio::test]
async fn a_bound_token_comes_with_its_proof_and_never_twice() {
    let app = App::start().await;
    let rp = app.machine("reports", &["audit:read"]).await;
    app.give_program(&rp, Role::Auditor, None).await;
    let prover = app.prover(Algorithm::ES256);
    let reply = prover.token(&rp, &[("grant_type", "client_credentials")]).await.expect(200);
    let token = reply.json()["access_token"].as_str().unwrap().to_owned();
    let reply = prover.call_api(&app, "GET", "/api/v1/audit?limit=1", &token).await.expect(200);
    assert!(!reply.header("dpop-nonce").is_empty());
    // As if it were bound to nothing.
    let bearer = Program { rp: rp.clone(), token: token.clone() };
    bearer.get("/api/v1/audit").await.expect_problem(401, "unauthorized");
    // Another's proof, one for another method, and one used before.
    let thief = app.prover(Algorithm::ES256);
    thief.call_api(&app, "GET", "/api/v1/audit", &token).await.expect_problem(401, "unauthorized");
    let proof = prover.proof("GET", "/api/v1/audit", Some(&token));
    let headers = [("authorization", format!("DPoP {token}")), ("dpop", proof)];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    app.call_api("POST", "/api/v1/members/search", &headers, Some(&json!({})))
        .await
        .expect_problem(401, "unauthorized");
    app.call_api("GET", "/api/v1/audit", &headers, None).await.expect(200);
    app.call_api("GET", "/api/v1/audit", &headers, None).await.expect_problem(401, "unauthorized");
}

/// S089: parameters that are unknown, out of range, or another list's are refused by name; never 5xx, never ignored.
#[tokio::test]
async fn s089_what_the_document_does_not_know_is_refused() {
    let app = App::start().await;
    for number in 0..3 {
        app.client(&format!("rp{number}")).await;
    }
    let root = app.program("root", Role::SuperAdmin, None).await;
    for query in [
        "limit=0",
        "limit=-1",
        "limit=101",
        "limit=9223372036854775808",
        "limit=x",
        "page_size=10",
        "sort=secret_hash",
        "q=a&q=b",
        "status=best",
        "only=%27%20OR%201%3D1%20--",
        "cursor=x",
        "cursor=AAAA.AAAA",
    ] {
        root.get(&format!("/api/v1/clients?{query}")).await.expect_problem(400, "invalid-request");
    }
    let page = root.get("/api/v1/clients?limit=2").await.expect(200).json();
    let cursor = page["next"].as_str().unwrap().to_owned();
    let rest = root.get(&format!("/api/v1/clients?limit=2&cursor={cursor}")).await.expect(200).json();
    assert_eq!(page["items"].as_array().unwrap().len() + rest["items"].as_array().unwrap().len(), 4);
    // Another list's, another program's, and one that was cut.
    root.get(&format!("/api/v1/approvals?cursor={cursor}")).await.expect_problem(400, "invalid-request");
    let other = app.program("other", Role::SuperAdmin, None).await;
    other.get(&format!("/api/v1/clients?cursor={cursor}")).await.expect_problem(400, "invalid-request");
    for cut in [1, cursor.len() / 2, cursor.len() - 1] {
        root.get(&format!("/api/v1/clients?cursor={}", &cursor[..cut])).await.expect_problem(400, "invalid-request");
    }
    root.get("/api/v1/staff?limit=1").await.expect_problem(400, "invalid-request");
    root.get("/api/v1/nothing").await.expect_problem(404, "not-found");
    root.call("DELETE", "/api/v1/clients", None).await.expect_problem(405, "method-not-allowed");
    let plain = [("content-type", "text/plain")];
    root.call_with("POST", "/api/v1/members/search", &plain, None).await.expect_problem(415, "unsupported-media-type");
    root.post("/api/v1/members/search", &json!({ "evil": 1 })).await.expect_problem(422, "unprocessable");
    root.post("/api/v1/members/search", &json!({ "words": "x".repeat(200_000) }))
        .await
        .expect_problem(413, "too-large");
}

#[tokio::test]
async fn a_program_that_asks_too_often_waits() {
    let app = App::start_with(|config| config.clients.api_requests_per_minute = 5).await;
    let rp = app.machine("reports", &ApiScope::ALL.iter().map(|scope| scope.as_str()).collect::<Vec<_>>()).await;
    app.give_program(&rp, Role::Auditor, None).await;
    let reports = Program { token: rp.machine_token().await, rp };
    for _ in 0..5 {
        reports.get("/api/v1/staff").await.expect(200);
    }
    let last = reports.get("/api/v1/staff").await.expect_problem(429, "too-many-requests");
    assert!(!last.header("retry-after").is_empty());
    app.advance(TimeDelta::seconds(61));
    reports.get("/api/v1/staff").await.expect(200);
}

/// S089: no list of the API passes anything over that it does not know, whatever the list.
#[tokio::test]
async fn s089_no_list_passes_over_what_it_does_not_know() {
    let app = App::start().await;
    let root = app.program("root", Role::SuperAdmin, None).await;
    let deep = format!("filter={}", "%28".repeat(10_000));
    let unknown = [
        "page_size=0",
        "page_size=-1",
        "page_size=9223372036854775808",
        "page_size=many",
        "sort=secret_hash",
        "sort=name",
        "order=desc",
        "offset=1",
        "filter%5Bsecret%5D=1",
        "%00=1",
        "a=1&a=2",
        deep.as_str(),
    ];
    let paged = [
        "limit=0",
        "limit=-1",
        "limit=101",
        "limit=9223372036854775808",
        "limit=1&limit=2",
        "limit=x",
        "limit=",
        "cursor=x",
        "cursor=",
        "cursor=-1",
        "cursor=%00",
        "cursor=AAAA.AAAA",
        "cursor=%27%20OR%201%3D1--",
    ];
    for list in ["clients", "reviews", "approvals", "audit", "staff"] {
        let path = format!("/api/v1/{list}");
        root.get(&path).await.expect(200);
        for query in unknown {
            root.get(&format!("{path}?{query}")).await.expect_problem(400, "invalid-request");
        }
        for query in paged {
            root.get(&format!("{path}?{query}")).await.expect_problem(400, "invalid-request");
        }
    }
    for query in ["status=best", "status=%27--", "department=%27--", "only=hash"] {
        root.get(&format!("/api/v1/clients?{query}")).await.expect_problem(400, "invalid-request");
    }
    let long = "x".repeat(10_000);
    root.get(&format!("/api/v1/clients?q={long}")).await.expect_problem(400, "invalid-request");
    for query in ["list=best", "list=%27--"] {
        root.get(&format!("/api/v1/reviews?{query}")).await.expect_problem(400, "invalid-request");
    }
    for query in
        ["actor=%27--", "account=x", "action=%25", "client=%27--", "from=-262143-01-01", "until=%2B262142-12-31"]
    {
        root.get(&format!("/api/v1/audit?{query}")).await.expect_problem(400, "invalid-request");
    }
    // Members are looked for in the body: the same, by the words of a body.
    let search = "/api/v1/members/search";
    for (body, status, word) in [
        (json!({ "list": "all", "limit": 0 }), 400, "invalid-request"),
        (json!({ "list": "all", "limit": 101 }), 400, "invalid-request"),
        (json!({ "list": "all", "limit": -1 }), 422, "unprocessable"),
        (json!({ "list": "all", "limit": 9_223_372_036_854_775_808_u64 }), 422, "unprocessable"),
        (json!({ "list": "all", "limit": "ten" }), 422, "unprocessable"),
        (json!({ "list": "all", "page_size": 10 }), 422, "unprocessable"),
        (json!({ "list": "all", "sort": "password" }), 422, "unprocessable"),
        (json!({ "list": "subject_seed" }), 422, "unprocessable"),
        (json!({ "list": "all", "words": "สมชาย" }), 422, "unprocessable"),
        (json!({ "cursor": "x" }), 400, "invalid-request"),
        (json!({ "cursor": "" }), 400, "invalid-request"),
        (json!({ "client": "%';--" }), 422, "unprocessable"),
        (json!({}), 422, "unprocessable"),
    ] {
        let reply = root.post(search, &body).await;
        assert_eq!((reply.status.as_u16(), reply.problem().as_str()), (status, word), "{body}: {}", reply.body);
    }
    // A place in one list is none in another, and none of another program's.
    for number in 0..3 {
        app.insert_member(&format!("m{number}")).await;
    }
    let page = root.post(search, &json!({ "list": "all", "limit": 1 })).await.expect(200).json();
    let cursor = page["next"].as_str().unwrap();
    root.post(search, &json!({ "cursor": cursor, "limit": 1 })).await.expect(200);
    for list in ["clients", "reviews", "approvals", "audit"] {
        root.get(&format!("/api/v1/{list}?cursor={cursor}")).await.expect_problem(400, "invalid-request");
    }
    let other = app.program("other", Role::SuperAdmin, None).await;
    other.post(search, &json!({ "cursor": cursor })).await.expect_problem(400, "invalid-request");
    let nested = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let bearer = format!("Bearer {}", root.token);
    let request =
        axum::http::Request::post(search).header("authorization", bearer).header("content-type", "application/json");
    let reply = app.send(request.body(axum::body::Body::from(nested)).unwrap()).await;
    assert!(reply.status.is_client_error(), "{}", reply.body);
}
