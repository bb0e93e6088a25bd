//! The dialect of the system before this one (S017).

use axum::body::Body;
use axum::http::{Method, Request, header};
use chrono::{DateTime, TimeDelta, Utc};
use idp_core::admin::Role;
use idp_core::client::{Client as Registered, Legacy};
use idp_core::id::ClientId;
use idp_core::scope::ScopeSet;
use idp_tests::{Answer, App, Client, Member, Page, Reply, encoded};
use serde_json::json;

use super::registration::{path_of, register, registered, send, text, token_for};

/// A client as the old system registered them: 13 digits for a name.
async fn old_service(app: &App, until: DateTime<Utc>) -> Client {
    let uri = "https://old.test/callback";
    app.client("1234567890123")
        .secret_in_body()
        .redirect_uris(&[uri])
        .with(|draft| draft.legacy_until = Some(until))
        .await
}

async fn start() -> (App, Member, Client) {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let rp = old_service(&app, app.now() + TimeDelta::days(30)).await;
    (app, ana, rp)
}

fn path(rp: &Client) -> String {
    let fields = [("response_type", "code"), ("redirect_uri", rp.redirect_uri.as_str()), ("client_id", rp.id())];
    format!("/auth/authorize?{}", encoded(&fields))
}

/// Goes through the pages until the service has its answer.
async fn answered(member: &mut Member, path: &str) -> Page {
    let mut page = member.browser.get(path).await;
    if page.place() == "/login" {
        page = member.sign_in_at(&page).await;
    }
    if page.place() == "/consent" {
        page = member.browser.submit(page.form("/consent").with("decision", "allow")).await;
    }
    page
}

async fn exchange(rp: &Client, code: &str, change: &[(&str, &str)]) -> Reply {
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("client_id", rp.id()),
        ("client_secret", rp.secret.reveal()),
        ("code", code),
        ("redirect_uri", rp.redirect_uri.as_str()),
    ];
    for (name, value) in change {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    rp.app().post("/auth/accesstoken", &encoded(&fields)).await
}

async fn resource(app: &App, token: &str) -> Reply {
    let request = Request::get("/auth/resource").header(header::AUTHORIZATION, format!("Bearer {token}"));
    app.send(request.body(Body::empty()).expect("a request")).await
}

async fn access_token(member: &mut Member, rp: &Client) -> String {
    let answer = Answer::of(&answered(member, &path(rp)).await);
    let reply = exchange(rp, answer.code(), &[]).await.expect(200);
    reply.json()["access_token"].as_str().expect("a token").to_owned()
}

#[tokio::test]
async fn an_old_service_signs_its_user_in_as_it_always_did() {
    let (app, mut ana, rp) = start().await;
    let page = answered(&mut ana, &path(&rp)).await;
    let answer = Answer::of(&page);
    assert_eq!(answer.address, "https://old.test/callback");
    let reply = exchange(&rp, answer.code(), &[]).await.expect(200);
    assert_eq!(reply.header("cache-control"), "no-store");
    let given = reply.json();
    let mut names: Vec<&str> = given.as_object().expect("an object").keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["access_token", "expires_in", "token_type"], "no ID token, no refresh token");
    let token = given["access_token"].as_str().expect("a token");
    let reply = resource(&app, token).await.expect(200);
    assert_eq!(reply.header("cache-control"), "no-store");
    let mut found = reply.json();
    assert!(found["ID"].as_str().is_some_and(|id| id.len() == 43), "{found}");
    found["ID"] = json!("");
    let expected = json!({
        "ID": "", "IsVerify": "N", "Type": "person", "IdentificationNo": "", "TitleName": "นาง",
        "FirstName": "สมหญิง", "LastName": "ทดสอบระบบ", "FirstNameEn": "Somying", "LastNameEn": "Thotsoprabop",
        "Email": ana.email, "DepartmentName": "ร้านตัวอย่าง",
    });
    assert_eq!(found, expected);
}

#[tokio::test]
async fn the_badge_is_told_and_the_number_only_where_it_is_granted() {
    let app = App::start().await;
    let mut ana = app.insert_permanent("ana").await;
    let until = app.now() + TimeDelta::days(1);
    let plain = old_service(&app, until).await;
    let numbered = app.client("9999999999999").secret_in_body().citizen_id();
    let numbered = numbered.with(|draft| draft.legacy_until = Some(until)).await;
    let found = resource(&app, &access_token(&mut ana, &plain).await).await.expect(200).json();
    assert_eq!((&found["IsVerify"], &found["IdentificationNo"]), (&json!("Y"), &json!("")));
    let found = resource(&app, &access_token(&mut ana, &numbered).await).await.expect(200).json();
    assert_eq!((&found["IsVerify"], &found["IdentificationNo"]), (&json!("Y"), &json!("1000000000017")));
}

#[tokio::test]
async fn a_state_comes_back_and_nothing_else_of_the_request_counts() {
    let (app, mut ana, rp) = start().await;
    let more = "&state=a%26b&scope=openid&prompt=none&code_challenge=x&request_uri=https%3A%2F%2Fevil.test&nonce=n";
    let answer = Answer::of(&answered(&mut ana, &format!("{}{more}", path(&rp))).await);
    assert_eq!(answer.get("state"), "a&b");
    let token = exchange(&rp, answer.code(), &[]).await.expect(200).json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(resource(&app, &token).await.expect(200).json()["Email"], ana.email);
}

#[tokio::test]
async fn s017_a_client_that_is_not_flagged_is_refused_everywhere() {
    let (app, mut ana, old) = start().await;
    let rp = app.client("rp").secret_in_body().await;
    let page = app.unchanged(answered(&mut ana, &path(&rp))).await;
    let answer = Answer::of(&page);
    assert_eq!((answer.error(), answer.address.as_str()), ("unauthorized_client", "https://rp.test/cb"));
    let ask = rp.ask();
    let code = rp.authorize(&mut ana, &ask).await;
    let refused = app.unchanged(exchange(&rp, code.code(), &[])).await;
    refused.expect_token_error("unauthorized_client");
    let tokens = rp.read(rp.exchange(&ask, code.code()).await.expect(200), ask.get("nonce")).await;
    resource(&app, &tokens.access).await.expect(401);
    // And its secret is not asked for first: who it is does not matter.
    app.unchanged(exchange(&rp, "x", &[("client_secret", "wrong")])).await.expect_token_error("unauthorized_client");
    // The old token is an ordinary one: revoked with its session like any other.
    let token = access_token(&mut ana, &old).await;
    ana.sign_out().await;
    resource(&app, &token).await.expect(401);
}

#[tokio::test]
async fn s017_the_redirect_uri_is_exact_and_the_client_proves_itself() {
    let (app, mut ana, rp) = start().await;
    for uri in ["https://old.test/callback/", "https://old.test/other", "https://evil.test/callback", ""] {
        let fields = [("response_type", "code"), ("redirect_uri", uri), ("client_id", rp.id())];
        let page = app.unchanged(ana.browser.get(&format!("/auth/authorize?{}", encoded(&fields)))).await;
        assert_eq!((page.status.as_u16(), page.away.as_deref()), (400, None), "{uri}");
    }
    let answer = Answer::of(&answered(&mut ana, &path(&rp)).await);
    exchange(&rp, answer.code(), &[("client_secret", "wrong")]).await.expect_token_error("invalid_client");
    exchange(&rp, answer.code(), &[("client_secret", "")]).await.expect_token_error("invalid_client");
    let elsewhere = [("redirect_uri", "https://old.test/other")];
    exchange(&rp, answer.code(), &elsewhere).await.expect_token_error("invalid_grant");
    let refresh = [("grant_type", "refresh_token")];
    exchange(&rp, answer.code(), &refresh).await.expect_token_error("unsupported_grant_type");
    let token = exchange(&rp, answer.code(), &[]).await.expect(200).json()["access_token"].as_str().unwrap().to_owned();
    // Once, and a second time ends what the first gave.
    exchange(&rp, answer.code(), &[]).await.expect_token_error("invalid_grant");
    resource(&app, &token).await.expect(401);
}

#[tokio::test]
async fn a_code_of_one_dialect_is_worth_nothing_in_the_other() {
    let (_, mut ana, rp) = start().await;
    let old = Answer::of(&answered(&mut ana, &path(&rp)).await);
    rp.exchange(&rp.ask().without(&["code_challenge"]), old.code()).await.expect_token_error("invalid_grant");
    let old = Answer::of(&answered(&mut ana, &path(&rp)).await);
    rp.exchange(&rp.ask(), old.code()).await.expect_token_error("invalid_grant");
    let ask = rp.ask();
    let new = rp.authorize(&mut ana, &ask).await;
    exchange(&rp, new.code(), &[]).await.expect_token_error("invalid_grant");
}

#[tokio::test]
async fn after_its_day_the_dialect_is_refused_with_a_reason_and_the_ordinary_way_stays() {
    let (app, mut ana, rp) = start().await;
    let token = access_token(&mut ana, &rp).await;
    let waiting = Answer::of(&answered(&mut ana, &path(&rp)).await);
    app.advance(TimeDelta::days(30));
    let mut ana = app.insert_member("bo").await;
    let answer = Answer::of(&answered(&mut ana, &path(&rp)).await);
    assert_eq!(answer.error(), "unauthorized_client");
    assert!(answer.get("error_description").contains("the time for the legacy endpoints is over"));
    let reply = exchange(&rp, waiting.code(), &[]).await;
    reply.expect_token_error("unauthorized_client");
    resource(&app, &token).await.expect(401);
    rp.sign_in(&mut ana).await;
}

/// Whoever may speak the dialect cannot be given what it would pass by, or lose what it needs.
#[tokio::test]
async fn a_change_that_the_dialect_cannot_bear_is_refused() {
    let app = App::start_with(|config| config.clients.registration = true).await;
    let until = app.now() + TimeDelta::days(30);
    let flagged = async |id: &str| {
        let client = app.store.client(&ClientId::parse(id).unwrap()).await.unwrap().unwrap();
        let next = Registered { legacy: Some(Legacy { until }), ..(*client).clone() };
        assert!(app.store.replace_client(&next, client.updated_at, &[]).await.unwrap());
        app.advance(TimeDelta::seconds(1));
    };

    // By itself (RFC 7592).
    let token = token_for(&app, 1, |policy| policy.scopes = ScopeSet::parse("openid membership")).await;
    let mut own = json!({
        "client_name": "Old", "redirect_uris": ["https://rp.test/cb"], "scope": "openid membership",
        "token_endpoint_auth_method": "client_secret_post",
    });
    let made = register(&app, &token, own.clone()).await.expect(201);
    let (path, access) = (path_of(&made, &app), text(&made, "registration_access_token"));
    flagged(&text(&made, "client_id")).await;
    own["client_id"] = made.json()["client_id"].clone();
    for (name, value) in [
        ("userinfo_signed_response_alg", json!("ES256")),
        ("scope", json!("openid")),
        ("require_pushed_authorization_requests", json!(true)),
        ("dpop_bound_access_tokens", json!(true)),
    ] {
        let mut asked = own.clone();
        asked[name] = value;
        let reply = app.unchanged(send(&app, Method::PUT, &path, &access, Some(asked))).await;
        assert_eq!((reply.status.as_u16(), reply.error().as_str()), (400, "invalid_client_metadata"), "{name}");
        assert!(reply.body.contains("legacy dialect"), "{}", reply.body);
    }
    send(&app, Method::PUT, &path, &access, Some(own)).await.expect(200);
    assert!(registered(&app, &made).await.legacy.is_some());

    // By the API.
    let program = app.program("program", Role::SuperAdmin, None).await;
    let mut settings = crate::api::settings();
    settings["token_endpoint_auth_method"] = json!("client_secret_post");
    let asked = json!({ "client_id": "old", "settings": settings });
    let settings = program.post("/api/v1/clients", &asked).await.expect(201).json()["settings"].clone();
    flagged("old").await;
    let path = "/api/v1/clients/old";
    for (name, value) in [
        ("answers", json!({ "userinfo_algorithm": "ES256" })),
        ("scopes", json!(["openid"])),
        ("requests", json!({ "pushed": true })),
        ("dpop_bound_access_tokens", json!(true)),
    ] {
        let mut wished = settings.clone();
        wished[name] = value;
        let reply = app.unchanged(program.call("PUT", path, Some(&wished))).await;
        let problem = reply.expect_problem(422, "unprocessable").json();
        assert_eq!(problem["errors"][0]["setting"], "legacy_until", "{name}: {problem}");
    }
    program.call("PUT", path, Some(&settings)).await.expect(200);

    // By the console.
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    root.browser.language = "en".to_owned();
    let edit = root.browser.get("/admin/client/old/edit").await.form("/admin/client/old/edit");
    app.advance(TimeDelta::seconds(1));
    let page = root.browser.submit(edit.clone().without("scope_membership")).await;
    assert_eq!(page.status, 422);
    assert!(page.text("#method-error").contains("old dialect"), "{}", page.text("main"));
    let page = root.browser.submit(edit.with("name_en", "Another name")).await;
    assert_eq!(page.place(), "/admin/client/old", "{}", page.text("main"));
    let kept = app.store.client(&ClientId::parse("old").unwrap()).await.unwrap().unwrap();
    assert_eq!((kept.legacy, kept.name.en.as_str()), (Some(Legacy { until }), "Another name"));
}
