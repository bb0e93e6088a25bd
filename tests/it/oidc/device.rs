//! A device without a keyboard, and the member who agrees elsewhere (RFC 8628, S047).

use chrono::TimeDelta;
use idp_core::account::{Account, Membership};
use idp_core::client::ClientDraft;
use idp_core::secret::base64url;
use idp_tests::{App, Client, Member, Page, Reply, decoded_part};
use serde_json::json;
use sha2::{Digest as _, Sha256};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn for_devices(draft: &mut ClientDraft) {
    draft.device = true;
    draft.redirect_uris = Vec::new();
}

pub(super) async fn tv(app: &App) -> Client {
    app.client("tv").with(for_devices).await
}

/// What a device holds.
struct Waiting {
    device_code: String,
    user_code: String,
}

async fn begin_with(rp: &Client, more: &[(&str, &str)]) -> Waiting {
    let mut fields = vec![("scope", rp.scope.as_str())];
    fields.extend(more);
    let reply = rp.call("/device_authorization", &fields, &[]).await.expect(200);
    let text = |name: &str| reply.json()[name].as_str().unwrap().to_owned();
    Waiting { device_code: text("device_code"), user_code: text("user_code") }
}

async fn begin(rp: &Client) -> Waiting {
    begin_with(rp, &[]).await
}

async fn poll_with(rp: &Client, device: &Waiting, more: &[(&str, &str)]) -> Reply {
    let mut fields = vec![("grant_type", GRANT), ("device_code", device.device_code.as_str())];
    fields.extend(more);
    rp.token(&fields).await
}

async fn poll(rp: &Client, device: &Waiting) -> Reply {
    poll_with(rp, device, &[]).await
}

/// Types the code, up to whatever page comes.
async fn type_code(member: &mut Member, code: &str) -> Page {
    let page = member.browser.get("/device").await;
    member.browser.submit(page.form("/device").with("user_code", code)).await
}

async fn answer(member: &mut Member, page: &Page, decision: &str) -> Page {
    assert_eq!(page.place(), "/device/confirm", "{}", page.text("main"));
    member.browser.submit(page.form("/device/confirm").with("decision", decision)).await
}

/// Agrees.
async fn approve(member: &mut Member, device: &Waiting) {
    let page = type_code(member, &device.user_code).await;
    let page = answer(member, &page, "allow").await;
    assert!(page.has("#device-done"), "{}", page.text("main"));
}

/// The page that asks a member about a device.
pub(super) async fn waiting_for(rp: &Client, member: &mut Member) -> Page {
    let device = begin(rp).await;
    type_code(member, &device.user_code).await
}

/// A device code for tests of races, agreed to.
pub(super) async fn approved(rp: &Client, member: &mut Member) -> String {
    // The device is where its member is: one address may begin so many in a minute.
    let fields = idp_tests::encoded(&[("client_id", rp.id()), ("scope", &rp.scope)]);
    let request = axum::http::Request::post("/device_authorization").header("content-type", idp_tests::FORM);
    let request = request.header("authorization", rp.basic()).body(axum::body::Body::from(fields)).unwrap();
    let reply = rp.app().send_from(member.browser.address, request).await.expect(200).json();
    let text = |name: &str| reply[name].as_str().unwrap().to_owned();
    let device = Waiting { device_code: text("device_code"), user_code: text("user_code") };
    approve(member, &device).await;
    device.device_code
}

pub(super) async fn poll_code(rp: Client, device_code: String) -> Reply {
    rp.token(&[("grant_type", GRANT), ("device_code", &device_code)]).await
}

#[tokio::test]
async fn a_device_gets_tokens_when_its_member_agrees() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = tv(&app).await;
    let reply = rp.call("/device_authorization", &[("scope", &rp.scope)], &[]).await.expect(200);
    assert_eq!(reply.header("cache-control"), "no-store");
    let body = reply.json();
    assert_eq!((&body["expires_in"], &body["interval"]), (&json!(600), &json!(5)));
    assert_eq!(body["verification_uri"], app.url("/device"));
    let user_code = body["user_code"].as_str().unwrap();
    assert_eq!(body["verification_uri_complete"], format!("{}?user_code={user_code}", app.url("/device")));
    assert!(user_code.len() == 9 && user_code.bytes().all(|b| b"BCDFGHJKLMNPQRSTVWXZ-".contains(&b)), "{user_code}");
    let device =
        Waiting { device_code: body["device_code"].as_str().unwrap().to_owned(), user_code: user_code.to_owned() };
    poll(&rp, &device).await.expect_token_error("authorization_pending");
    let page = type_code(&mut ana, &user_code.to_lowercase().replace('-', " ")).await;
    let shown = page.text("main");
    assert!(shown.contains(user_code) && shown.contains("บริการทดสอบ") && shown.contains("ana@mail.example"), "{shown}");
    assert!(shown.contains("กรุณาอย่าอนุญาต"), "the page warns of codes from strangers");
    app.advance(TimeDelta::seconds(5));
    poll(&rp, &device).await.expect_token_error("authorization_pending");
    let page = answer(&mut ana, &page, "allow").await;
    assert!(page.has("#device-done"));
    let tokens = rp.read(poll(&rp, &device).await.expect(200), None).await;
    assert_eq!(rp.claims(&tokens).await["email"], "ana@mail.example");
    rp.refreshed(&tokens).await;
    // Once.
    poll(&rp, &device).await.expect_token_error("invalid_grant");
    rp.userinfo(&tokens.access).await.expect(200);
    // Agreed to once, nothing is remembered that spares the page.
    let second = begin(&rp).await;
    let page = type_code(&mut ana, &second.user_code).await;
    assert_eq!(page.place(), "/device/confirm");
}

#[tokio::test]
async fn the_code_in_the_address_is_filled_in_and_still_has_to_be_sent() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = tv(&app).await;
    let device = begin(&rp).await;
    let page = ana.browser.get(&format!("/device?user_code={}", device.user_code)).await;
    assert_eq!(page.place(), "/device");
    let form = page.form("/device");
    assert!(form.fields.iter().any(|(name, value)| name == "user_code" && *value == device.user_code));
    poll(&rp, &device).await.expect_token_error("authorization_pending");
    let page = ana.browser.submit(form).await;
    assert_eq!(page.place(), "/device/confirm");
    for hostile in ["%3Cscript%3E", "x", "BCDFGHJ0"] {
        let page = ana.browser.get(&format!("/device?user_code={hostile}")).await;
        assert!(page.form("/device").fields.iter().any(|(name, value)| name == "user_code" && value.is_empty()));
    }
}

#[tokio::test]
async fn whoever_is_not_signed_in_signs_in_first() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await.elsewhere();
    let rp = tv(&app).await;
    let device = begin(&rp).await;
    let page = type_code(&mut ana, &device.user_code).await;
    assert_eq!(page.place(), "/login");
    let page = ana.sign_in_at(&page).await;
    let page = answer(&mut ana, &page, "allow").await;
    assert!(page.has("#device-done"));
    poll(&rp, &device).await.expect(200);
}

#[tokio::test]
async fn whoever_does_not_agree_leaves_nothing() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = tv(&app).await;
    let device = begin(&rp).await;
    let page = type_code(&mut ana, &device.user_code).await;
    let page = answer(&mut ana, &page, "deny").await;
    assert!(page.has("#device-denied"));
    for _ in 0..2 {
        poll(&rp, &device).await.expect_token_error("access_denied");
    }
    let page = type_code(&mut ana, &device.user_code).await;
    assert_eq!((page.place(), page.status.as_u16()), ("/device", 422));
}

#[tokio::test]
async fn a_device_waits_for_ten_minutes() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = tv(&app).await;
    let (early, late) = (begin(&rp).await, begin(&rp).await);
    approve(&mut ana, &early).await;
    let page = type_code(&mut ana, &late.user_code).await;
    app.advance(TimeDelta::minutes(10));
    let page = answer(&mut ana, &page, "allow").await;
    assert_eq!((page.place(), page.status.as_u16()), ("/device/confirm", 422));
    for device in [&early, &late] {
        poll(&rp, device).await.expect_token_error("expired_token");
    }
    let page = type_code(&mut ana, &late.user_code).await;
    assert_eq!(page.status.as_u16(), 422);
}

#[tokio::test]
async fn s047_a_device_that_asks_too_fast_is_slowed_down() {
    let app = App::start().await;
    let rp = tv(&app).await;
    let device = begin(&rp).await;
    poll(&rp, &device).await.expect_token_error("authorization_pending");
    poll(&rp, &device).await.expect_token_error("slow_down");
    app.advance(TimeDelta::seconds(9));
    poll(&rp, &device).await.expect_token_error("slow_down");
    app.advance(TimeDelta::seconds(15));
    poll(&rp, &device).await.expect_token_error("authorization_pending");
}

#[tokio::test]
async fn s047_twenty_guesses_are_too_many() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let device = begin(&tv(&app).await).await;
    let page = ana.browser.get("/device").await;
    let mut last = 0;
    for guess in 0..20 {
        let letter = char::from(b"BCDFGHJKLMNPQRSTVWXZ"[guess]);
        let form = page.form("/device").with("user_code", &letter.to_string().repeat(8));
        last = ana.browser.submit(form).await.status.as_u16();
    }
    assert_eq!(last, 429);
    let page = type_code(&mut ana, &device.user_code).await;
    assert_eq!(page.status.as_u16(), 429, "the right one as well");
    app.advance(TimeDelta::minutes(10));
    let device = begin(&tv_again(&app).await).await;
    approve(&mut ana, &device).await;
}

async fn tv_again(app: &App) -> Client {
    app.client("tv2").with(for_devices).await
}

#[tokio::test]
async fn s047_no_other_site_and_no_other_browser_agrees() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = tv(&app).await;
    let device = begin(&rp).await;
    let page = type_code(&mut ana, &device.user_code).await;
    let form = page.form("/device/confirm").with("decision", "allow");
    let request = form.fields.iter().find(|(name, _)| name == "request").unwrap().1.clone();
    let mut bo = app.insert_member("bo").await;
    let tries = async {
        let mut forged = form.clone();
        forged.fields.retain(|(name, _)| name != "csrf");
        assert_eq!(ana.browser.submit(forged).await.status.as_u16(), 403);
        let fields = [("request", request.as_str()), ("decision", "allow"), ("user_code", device.user_code.as_str())];
        for path in ["/device", "/device/confirm"] {
            let page = ana.browser.post_from("https://evil.test", path, &fields).await;
            assert_eq!(page.status.as_u16(), 403);
        }
        // Somebody else's request in this browser.
        let page = bo.browser.get(&format!("/device/confirm?request={request}")).await;
        assert_eq!(page.status.as_u16(), 400);
    };
    app.unchanged(tries).await;
    poll(&rp, &device).await.expect_token_error("authorization_pending");
}

#[tokio::test]
async fn s047_a_device_code_is_its_own_clients() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let (rp, other) = (tv(&app).await, app.client("other").with(for_devices).await);
    let device = begin(&rp).await;
    approve(&mut ana, &device).await;
    poll(&other, &device).await.expect_token_error("invalid_grant");
    // It is no other kind of code, and no other code is one.
    let service = app.client("rp").with(|draft| draft.device = true).await;
    let ask = service.ask();
    let code = service.authorize(&mut ana, &ask).await.code().to_owned();
    service.token(&[("grant_type", GRANT), ("device_code", &code)]).await.expect_token_error("invalid_grant");
    let own = begin(&service).await;
    approve(&mut ana, &own).await;
    for redirect_uri in ["", "https://rp.test/cb"] {
        let fields =
            [("grant_type", "authorization_code"), ("code", &*own.device_code), ("redirect_uri", redirect_uri)];
        service.token(&fields).await.expect_token_error("invalid_grant");
    }
    for text in ["", "x", &own.user_code, &own.device_code[1..], &"x".repeat(10_000)] {
        let reply = service.token(&[("grant_type", GRANT), ("device_code", text)]).await;
        assert!(matches!(reply.error().as_str(), "invalid_grant" | "invalid_request"), "{}", reply.body);
    }
    poll(&service, &own).await.expect(200);
    poll(&rp, &device).await.expect(200);
}

#[tokio::test]
async fn s047_a_challenge_wants_its_verifier() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = tv(&app).await;
    let verifier = "v".repeat(43);
    let challenge = base64url(&Sha256::digest(verifier.as_bytes()));
    let challenged = [("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")];
    for wrong in [None, Some("w".repeat(43)), Some(challenge.clone())] {
        let device = begin_with(&rp, &challenged).await;
        approve(&mut ana, &device).await;
        let fields: Vec<_> = wrong.iter().map(|text| ("code_verifier", text.as_str())).collect();
        poll_with(&rp, &device, &fields).await.expect_token_error("invalid_grant");
        poll_with(&rp, &device, &[("code_verifier", &verifier)]).await.expect_token_error("invalid_grant");
    }
    let device = begin_with(&rp, &challenged).await;
    approve(&mut ana, &device).await;
    poll_with(&rp, &device, &[("code_verifier", &verifier)]).await.expect(200);
    let device = begin(&rp).await;
    approve(&mut ana, &device).await;
    poll_with(&rp, &device, &[("code_verifier", &verifier)]).await.expect_token_error("invalid_grant");
    let plain = [("scope", "openid"), ("code_challenge", "x"), ("code_challenge_method", "plain")];
    rp.call("/device_authorization", &plain, &[]).await.expect_token_error("invalid_request");
}

#[tokio::test]
async fn s047_a_member_who_may_not_use_the_service_is_denied() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("tv").with(for_devices).permanent_only().await;
    let device = begin(&rp).await;
    let page = type_code(&mut ana, &device.user_code).await;
    assert_eq!(page.place(), "/verify", "as at a service in a browser");
    app.promote(&ana).await;
    approve(&mut ana, &device).await;
    poll(&rp, &device).await.expect(200);
    // The membership ends between the yes and the next question.
    let soon = app.now() + TimeDelta::minutes(5);
    let ends = |account: &mut Account| account.membership = Membership::Temporary { expires_at: soon };
    let mut bo = app.insert_member_with("bo", ends).await;
    let rp = app.client("radio").with(for_devices).await;
    let device = begin(&rp).await;
    approve(&mut bo, &device).await;
    app.advance(TimeDelta::minutes(6));
    poll(&rp, &device).await.expect_token_error("access_denied");
}

#[tokio::test]
async fn a_device_is_signed_out_with_the_browser_that_agreed() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = tv(&app).await;
    let (used, unused) = (begin(&rp).await, begin(&rp).await);
    approve(&mut ana, &used).await;
    approve(&mut ana, &unused).await;
    let tokens = rp.read(poll(&rp, &used).await.expect(200), None).await;
    ana.sign_out().await;
    rp.userinfo(&tokens.access).await.expect(401);
    poll(&rp, &unused).await.expect_token_error("invalid_grant");
}

#[tokio::test]
async fn a_device_asks_for_a_resource_and_a_public_one_is_known_by_its_name() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let api = super::client_credentials::resource(&app).await;
    let native = |draft: &mut ClientDraft| {
        for_devices(draft);
        draft.resources = vec![(super::client_credentials::TRADE.to_owned(), Vec::new())];
    };
    let rp = app.client("tv").native().with(native).await;
    let unknown = [("scope", "openid"), ("resource", "https://other.test")];
    rp.call("/device_authorization", &unknown, &[]).await.expect_token_error("invalid_target");
    let trade = super::client_credentials::TRADE;
    let device = begin_with(&rp, &[("resource", trade)]).await;
    approve(&mut ana, &device).await;
    let tokens = rp.read(poll(&rp, &device).await.expect(200), None).await;
    assert_eq!(decoded_part(&tokens.access, 1)["aud"], json!([trade, app.issuer()]));
    rp.userinfo(&tokens.access).await.expect(200);
    let said = api.call("/introspect", &[("token", &tokens.access)], &[]).await.json();
    assert_eq!((&said["active"], &said["sub"]), (&json!(true), &tokens.id.claims["sub"]));
    // Narrowed to the resource alone it is worth nothing at userinfo; revoked it is worth nothing anywhere.
    let fields = [("grant_type", "refresh_token"), ("refresh_token", &*tokens.refresh), ("resource", trade)];
    let narrow = rp.read(rp.token(&fields).await.expect(200), None).await;
    assert_eq!(decoded_part(&narrow.access, 1)["aud"], trade);
    rp.userinfo(&narrow.access).await.expect(401);
    assert_eq!(api.call("/introspect", &[("token", &narrow.access)], &[]).await.json()["active"], true);
    rp.call("/revoke", &[("token", &narrow.access)], &[]).await.expect(200);
    assert_eq!(api.call("/introspect", &[("token", &narrow.access)], &[]).await.json(), json!({ "active": false }));
    let fields = [("grant_type", "refresh_token"), ("refresh_token", &*narrow.refresh), ("resource", "urn:other")];
    rp.token(&fields).await.expect_token_error("invalid_target");
}

#[tokio::test]
async fn a_request_for_a_device_is_judged_like_any_other() {
    let app = App::start().await;
    let rp = tv(&app).await;
    for fields in [vec![], vec![("scope", "profile")], vec![("scope", "x")]] {
        let reply = app.unchanged(rp.call("/device_authorization", &fields, &[])).await;
        reply.expect_token_error("invalid_scope");
    }
    app.post("/device_authorization", "scope=openid").await.expect_token_error("invalid_client");
    let service = app.client("rp").await;
    service.call("/device_authorization", &[("scope", "openid")], &[]).await.expect_token_error("unauthorized_client");
    app.get("/device_authorization").await.expect(405);
    let mut last = String::new();
    for _ in 0..61 {
        last = rp.call("/device_authorization", &[("scope", "openid")], &[]).await.error();
    }
    assert_eq!(last, "slow_down");
}
