//! What every service does: sign-in, refresh, userinfo, sign-out; and the service of `docs/integrate/openid-client.md` as it
//! stands there.

use idp_tests::{OpenAir, OpenidClient, Service, documented};
use serde_json::{Value, json};

use super::{Party, callback, start, walk};
use crate::oidc::registration;
use crate::parties::service::{promises, refused, register};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openid_client_signs_in_refreshes_reads_and_signs_out() {
    let (_air, app) = start().await;
    let mut party = Party::meet(app.client("node").await, json!({})).await;
    let mut ana = app.insert_member("ana").await;
    let tokens = party.sign_in(&mut ana, json!({})).await;
    let claims = &tokens["claims"];
    assert_eq!(claims["membership"], "temporary");
    assert_eq!(claims["verified_badge"], false);
    assert_eq!(claims["member_type"], "public");
    assert!(claims["membership_expires_at"].as_i64().is_some_and(|end| end > claims["iat"].as_i64().unwrap()));
    let userinfo = party.library.call("userinfo", json!({})).await;
    assert_eq!((&userinfo["sub"], &userinfo["email"]), (&claims["sub"], &json!(ana.email)));
    let fresh = party.library.call("refresh", json!({ "scope": "openid membership" })).await;
    assert_eq!((&fresh["claims"]["sub"], &fresh["claims"]["auth_time"]), (&claims["sub"], &claims["auth_time"]));
    assert_ne!(fresh["access_token"], tokens["access_token"]);
    let home = party.rp.client.post_logout_redirect_uris[0].as_str().to_owned();
    let leaving = json!({ "post_logout_redirect_uri": home, "state": "seen-again" });
    let url = party.library.call("end_session", leaving).await;
    let page = ana.browser.get(url.as_str().unwrap()).await;
    assert_eq!(page.left_for().as_str(), format!("{home}?state=seen-again"));
    assert!(!ana.browser.is_signed_in().await);
    let refusal = party.library.attempt("refresh", json!({})).await.unwrap_err();
    assert_eq!(refusal["error"], "invalid_grant", "{refusal}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openid_client_sends_its_secret_in_the_body_and_reads_an_answer_in_a_form() {
    let (_air, app) = start().await;
    let mut party = Party::meet(app.client("node").secret_in_body().rs256().await, json!({})).await;
    let mut ana = app.insert_permanent("ana").await;
    let tokens = party.sign_in(&mut ana, json!({ "parameters": { "response_mode": "form_post" } })).await;
    assert_eq!(tokens["claims"]["membership"], "permanent");
    assert_eq!(tokens["claims"]["verified_badge"], true);
    assert_eq!(tokens["claims"]["membership_expires_at"], Value::Null);
    party.library.call("refresh", json!({})).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openid_client_needs_no_secret_in_a_browser_or_an_app() {
    let (_air, app) = start().await;
    let mut ana = app.insert_member("ana").await;
    for rp in [app.client("page").public().await, app.client("telephone").native().await] {
        let mut party = Party::meet(rp, json!({})).await;
        party.sign_in(&mut ana, json!({})).await;
        party.library.call("userinfo", json!({})).await;
        party.library.call("refresh", json!({})).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openid_client_reads_what_went_wrong() {
    let (_air, app) = start().await;
    let mut party = Party::meet(app.client("node").await, json!({})).await;
    let mut ana = app.insert_member("ana").await;
    // Nobody is signed in, and nobody may be asked.
    let url = party.ask(json!({ "parameters": { "prompt": "none" } })).await;
    let page = ana.elsewhere().browser.get(&url).await;
    let refusal = party.library.attempt("callback", callback(&page)).await.unwrap_err();
    assert_eq!(refusal["error"], "login_required", "{refusal}");
    // The member says no.
    let url = party.ask(json!({})).await;
    let page = ana.browser.get(&url).await;
    let page = ana.browser.submit(page.form("/consent").with("decision", "deny")).await;
    let refusal = party.library.attempt("callback", callback(&page)).await.unwrap_err();
    assert_eq!(refusal["error"], "access_denied", "{refusal}");
    // A code is good for once, and its second use takes back what the first gave.
    let url = party.ask(json!({})).await;
    let page = walk(&mut ana, &url).await;
    party.library.call("callback", callback(&page)).await;
    let refusal = party.library.attempt("callback", callback(&page)).await.unwrap_err();
    assert_eq!(refusal["error"], "invalid_grant", "{refusal}");
    assert!(party.library.attempt("userinfo", json!({})).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_of_the_openid_client_page_keeps_its_promises() {
    let (_air, app) = start().await;
    let port = Service::reserve();
    let base = format!("http://127.0.0.1:{port}");
    let rp = register(&app, "node", &base, "/callback").await;
    let text = port.to_string();
    let settings = [
        ("MOC_ISSUER", app.issuer()),
        ("MOC_CLIENT_ID", rp.id()),
        ("MOC_CLIENT_SECRET", rp.secret.reveal()),
        ("BASE_URL", &base),
        ("PORT", &text),
    ];
    let page = documented("openid-client.md", "// service.mjs");
    let service = Service::node("openid-client", port, &[("service.mjs", &page)], &settings).await;
    promises(&app, &base).await;
    let page = refused(&app, &base).await;
    assert_eq!((page.status, page.body.trim()), (403, "\"access_denied\""), "{page:?}");
    assert!(!service.log().contains("Error"), "{}", service.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openid_client_registers_itself_and_signs_its_first_member_in() {
    let air = OpenAir::start_with(|config| config.clients.registration = true).await;
    let mut library = OpenidClient::start();
    let metadata = json!({
        "client_name": "Service",
        "redirect_uris": ["https://rp.test/cb"],
        "token_endpoint_auth_method": "client_secret_post",
        "scope": "openid email",
    });
    let token = registration::token(&air.app).await;
    let wanted = json!({ "issuer": air.app.issuer(), "metadata": metadata, "initialAccessToken": token });
    let registered = library.call("register", wanted).await;
    assert_eq!(registered["redirect_uris"], json!(["https://rp.test/cb"]), "{registered}");
    let parameters = json!({ "redirect_uri": "https://rp.test/cb", "scope": "openid email" });
    let url = library.call("authorize", json!({ "parameters": parameters })).await;
    let mut ana = air.app.insert_member("ana").await;
    let page = walk(&mut ana, url.as_str().unwrap()).await;
    library.call("callback", callback(&page)).await;
    assert_eq!(library.call("userinfo", json!({})).await["email"], ana.email.as_str());
}
