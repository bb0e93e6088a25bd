//! Services without a browser of their own: devices, and machines that speak for themselves; and what becomes of tokens.

use serde_json::{Value, json};

use super::{Party, start};
use crate::oidc::client_credentials::{TRADE, machine, resource};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openid_client_speaks_for_itself_to_a_resource_that_asks_about_it() {
    let (_air, app) = start().await;
    let mut api = Party::meet(resource(&app).await, json!({})).await;
    let mut party = Party::meet(machine(&app).await, json!({})).await;
    let wanted = json!({ "resource": TRADE, "scope": "trade:read" });
    let tokens = party.library.call("client_credentials", wanted).await;
    assert_eq!(tokens["scope"], "trade:read");
    let token = json!({ "token": tokens["access_token"] });
    let heard = api.library.call("introspect", token.clone()).await;
    assert_eq!(
        (&heard["active"], &heard["aud"], &heard["client_id"]),
        (&json!(true), &json!(TRADE), &json!("machine"))
    );
    assert_eq!(party.library.call("revoke", token.clone()).await, Value::Null);
    assert_eq!(api.library.call("introspect", token).await, json!({ "active": false }));
    let refusal = party.library.attempt("client_credentials", json!({ "scope": "trade:write" })).await.unwrap_err();
    assert_eq!(refusal["error"], "invalid_scope", "{refusal}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openid_client_takes_back_what_a_sign_in_gave() {
    let (_air, app) = start().await;
    let mut ana = app.insert_member("ana").await;
    let mut party = Party::meet(app.client("node").await, json!({})).await;
    let tokens = party.sign_in(&mut ana, json!({})).await;
    party.library.call("revoke", json!({ "token": tokens["refresh_token"] })).await;
    assert!(party.library.attempt("userinfo", json!({})).await.is_err());
    let refusal = party.library.attempt("refresh", json!({})).await.unwrap_err();
    assert_eq!(refusal["error"], "invalid_grant", "{refusal}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openid_client_signs_a_member_in_on_a_device_without_keyboard() {
    let (_air, app) = start().await;
    let mut ana = app.insert_permanent("ana").await;
    let tv = app.client("tv").with(|draft| {
        draft.device = true;
        draft.redirect_uris = Vec::new();
    });
    let mut party = Party::meet(tv.await, json!({})).await;
    let device = party.library.call("device", json!({ "scope": "openid membership" })).await;
    let page = ana.browser.get(device["verification_uri_complete"].as_str().unwrap()).await;
    let page = ana.browser.submit(page.form("/device")).await;
    let page = ana.browser.submit(page.form("/device/confirm").with("decision", "allow")).await;
    assert!(page.has("#device-done"), "{}", page.text("main"));
    let tokens = party.library.call("poll", json!({})).await;
    assert_eq!(tokens["claims"]["membership"], "permanent");
}
