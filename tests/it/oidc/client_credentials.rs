//! A machine that acts as itself, at one resource (S043).

use idp_core::client::{ClientDraft, DraftError};
use idp_core::jose::Algorithm;
use idp_core::secret::Secret;
use idp_tests::{App, Client, Reply, decoded_part};
use serde_json::{Value, json};

pub(crate) const TRADE: &str = "https://api.trade.test/v1";

/// A resource that knows two scopes.
pub(crate) async fn resource(app: &App) -> Client {
    let scopes = vec!["trade:read".to_owned(), "trade:write".to_owned()];
    app.client("api")
        .with(|draft| {
            draft.redirect_uris = Vec::new();
            draft.resource = Some((TRADE.to_owned(), scopes));
        })
        .await
}

fn may_read(draft: &mut ClientDraft) {
    draft.redirect_uris = Vec::new();
    draft.client_credentials = true;
    draft.resources = vec![(TRADE.to_owned(), vec!["trade:read".to_owned()])];
}

/// A machine that may read there.
pub(crate) async fn machine(app: &App) -> Client {
    app.client("machine").with(may_read).await
}

pub(super) async fn ask(rp: &Client, more: &[(&str, &str)]) -> Reply {
    let mut fields = vec![("grant_type", "client_credentials")];
    fields.extend(more);
    rp.token(&fields).await
}

pub(super) fn access(reply: &Reply) -> String {
    reply.json()["access_token"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_machine_gets_a_token_to_its_resource_and_to_nothing_else() {
    let app = App::start().await;
    resource(&app).await;
    let rp = machine(&app).await;
    let reply = ask(&rp, &[("resource", TRADE), ("scope", "trade:read trade:read")]).await.expect(200);
    assert_eq!(reply.header("cache-control"), "no-store");
    let body = reply.json();
    assert_eq!(
        (&body["token_type"], &body["expires_in"], &body["scope"]),
        (&json!("Bearer"), &json!(300), &json!("trade:read"))
    );
    assert!(body.get("refresh_token").is_none() && body.get("id_token").is_none(), "{body}");
    let token = access(&reply);
    assert_eq!(decoded_part(&token, 0)["typ"], "at+jwt");
    let claims = decoded_part(&token, 1);
    for (name, value) in [
        ("iss", json!(app.issuer())),
        ("sub", json!("machine")),
        ("aud", json!(TRADE)),
        ("client_id", json!("machine")),
        ("scope", json!("trade:read")),
        ("exp", json!(app.now().timestamp() + 300)),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    rp.userinfo(&token).await.expect(401);
    // Without words: the only resource, with every scope of it.
    assert_eq!(ask(&rp, &[]).await.expect(200).json()["scope"], "trade:read");
}

#[tokio::test]
async fn a_machine_may_prove_itself_by_its_key() {
    let app = App::start().await;
    resource(&app).await;
    let rp = app.client("machine").with(may_read).signing(Algorithm::EdDSA).await;
    ask(&rp, &[]).await.expect(200);
}

#[tokio::test]
async fn s043_a_machine_gets_no_scope_of_members_and_none_it_was_not_given() {
    let app = App::start().await;
    resource(&app).await;
    let rp = machine(&app).await;
    for scope in
        ["openid", "openid trade:read", "profile", "citizen_id", "admin", "trade:write", "trade:read admin", "*"]
    {
        ask(&rp, &[("scope", scope)]).await.expect_token_error("invalid_scope");
    }
    for resource in
        ["https://api.trade.test", "https://api.trade.test/v1/", "https://other.test", app.issuer(), "x", "#"]
    {
        ask(&rp, &[("resource", resource)]).await.expect_token_error("invalid_target");
    }
    assert_eq!(rp.client.scopes.to_string(), "", "a machine is given nothing of members");
}

#[tokio::test]
async fn s043_a_client_without_that_grant_is_unauthorized() {
    let app = App::start().await;
    resource(&app).await;
    for rp in [app.client("rp").await, app.client("spa").public().await] {
        let reply = app.unchanged(ask(&rp, &[("resource", TRADE)])).await;
        reply.expect_token_error("unauthorized_client");
    }
    // And no public client can be registered for it.
    let both = || idp_core::client::Bilingual { th: "x".into(), en: "x".into() };
    let id = idp_core::id::ClientId::parse("app").unwrap();
    let mut draft = ClientDraft { name: both(), owner: both(), purpose: both(), ..ClientDraft::new(id) };
    may_read(&mut draft);
    draft.kind = idp_core::client::ClientKind::Native;
    draft.authentication_method = "none".to_owned();
    let errors = draft.accept(&Secret::presented("x"), app.now()).unwrap_err();
    assert!(errors.contains(&DraftError::PublicMachine), "{errors:?}");
}

#[tokio::test]
async fn a_machine_with_several_resources_says_which() {
    let app = App::start().await;
    let two = |draft: &mut ClientDraft| {
        may_read(draft);
        draft.resources.push(("urn:moc:other".to_owned(), Vec::new()));
    };
    let rp = app.client("machine").with(two).await;
    ask(&rp, &[]).await.expect_token_error("invalid_target");
    let token = access(&ask(&rp, &[("resource", "urn:moc:other")]).await.expect(200));
    assert_eq!(decoded_part(&token, 1)["aud"], "urn:moc:other");
    assert_eq!(decoded_part(&token, 1)["scope"], "");
}

#[tokio::test]
async fn a_machine_cannot_sign_anybody_in() {
    let app = App::start().await;
    resource(&app).await;
    let rp = machine(&app).await;
    let mut ana = app.insert_member("ana").await;
    let ask = rp.ask().with("redirect_uri", "https://machine.test/cb").with("scope", "openid");
    let page = ana.browser.get(&ask.path()).await;
    assert_eq!((page.status.as_u16(), page.away), (400, None));
    for grant in ["authorization_code", "refresh_token"] {
        let reply = rp.token(&[("grant_type", grant), ("code", "x"), ("refresh_token", "x")]).await;
        reply.expect_token_error("unauthorized_client");
    }
}

#[tokio::test]
async fn s044_tokens_are_not_exchanged() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    let kind = "urn:ietf:params:oauth:token-type:access_token";
    for subject in [tokens.access.as_str(), "x", &"x".repeat(20_000)] {
        let fields = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", subject),
            ("subject_token_type", kind),
            ("audience", "admin"),
        ];
        let reply = app.unchanged(rp.token(&fields)).await;
        assert!(matches!(reply.error().as_str(), "unsupported_grant_type" | "invalid_request"), "{}", reply.body);
    }
    let grants = app.get("/.well-known/openid-configuration").await.json()["grant_types_supported"].clone();
    assert!(!grants.as_array().unwrap().contains(&Value::from("urn:ietf:params:oauth:grant-type:token-exchange")));
}
