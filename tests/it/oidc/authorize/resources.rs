//! Several resources in one authorization, and their own scopes in a member's tokens (RFC 8707).

use idp_core::client::ClientDraft;
use idp_tests::{Answer, App, Ask, Client, ISSUER, Member, Reply, decoded_part};
use serde_json::{Value, json};

use super::super::client_credentials::{TRADE, resource};
use super::par::pushed;

const LAND: &str = "urn:moc:land";

/// A second resource, with a scope of its own.
async fn land(app: &App) -> Client {
    let of_land = |draft: &mut ClientDraft| {
        draft.redirect_uris = Vec::new();
        draft.resource = Some((LAND.to_owned(), vec!["land:read".to_owned()]));
    };
    app.client("land").with(of_land).await
}

fn both(draft: &mut ClientDraft) {
    let scopes = |scopes: &[&str]| scopes.iter().map(|scope| (*scope).to_owned()).collect::<Vec<_>>();
    draft.resources =
        vec![(TRADE.to_owned(), scopes(&["trade:read", "trade:write"])), (LAND.to_owned(), scopes(&["land:read"]))];
}

/// A request that names `resources`, with `scope`.
fn asking(rp: &Client, resources: &[&str], scope: &str) -> Ask {
    let mut ask = rp.ask().with("scope", scope);
    ask.parameters.extend(resources.iter().map(|name| ("resource".to_owned(), (*name).to_owned())));
    ask
}

/// Signs in with `ask` and exchanges the code for a token to `resources`.
async fn exchanged(rp: &Client, member: &mut Member, ask: &Ask, resources: &[&str]) -> Reply {
    let code = rp.authorize(member, ask).await.code().to_owned();
    exchange(rp, ask, &code, resources).await
}

async fn exchange(rp: &Client, ask: &Ask, code: &str, resources: &[&str]) -> Reply {
    let redirect_uri = ask.get("redirect_uri").expect("one");
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect_uri),
        ("code_verifier", &ask.verifier),
    ];
    fields.extend(resources.iter().map(|name| ("resource", *name)));
    rp.token(&fields).await
}

async fn refresh(rp: &Client, token: &str, resources: &[&str], scope: Option<&str>) -> Reply {
    let mut fields = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
    fields.extend(resources.iter().map(|name| ("resource", *name)));
    fields.extend(scope.map(|scope| ("scope", scope)));
    rp.token(&fields).await
}

/// For whom a token is, and with which scope: in itself and as the answer has it.
#[track_caller]
fn is_for(reply: &Reply, aud: &Value, scope: &str) {
    let body = reply.json();
    let claims = decoded_part(body["access_token"].as_str().expect("a token"), 1);
    assert_eq!((&claims["aud"], &claims["scope"]), (aud, &json!(scope)));
    assert_eq!(body["scope"], scope);
}

fn text(reply: &Reply, name: &str) -> String {
    reply.json()[name].as_str().expect("text").to_owned()
}

async fn heard(resource: &Client, token: &str) -> Value {
    resource.call("/introspect", &[("token", token)], &[]).await.expect(200).json()
}

#[tokio::test]
async fn an_authorization_for_several_resources_gives_tokens_for_all_or_some_of_them() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let (trade, land) = (resource(&app).await, land(&app).await);
    let rp = app.client("rp").with(both).await;
    let ask = asking(&rp, &[TRADE, LAND], "openid email trade:read land:read unknown:x");
    let all = exchanged(&rp, &mut ana, &ask, &[]).await.expect(200);
    is_for(&all, &json!([TRADE, LAND, ISSUER]), "openid email trade:read land:read");
    let token = text(&all, "access_token");
    rp.userinfo(&token).await.expect(200);
    // Each resource hears of its own scopes alone.
    assert_eq!(heard(&trade, &token).await["scope"], "openid email trade:read");
    assert_eq!(heard(&land, &token).await["scope"], "openid email land:read");
    // A refresh narrows: to one, to two, to userinfo, and back to all.
    let mut spent = text(&all, "refresh_token");
    for (named, aud, scope) in [
        (vec![LAND], json!(LAND), "land:read"),
        (vec![LAND, TRADE], json!([LAND, TRADE]), "land:read trade:read"),
        (vec![ISSUER], json!(ISSUER), "openid email"),
        (vec![TRADE, ISSUER], json!([TRADE, ISSUER]), "openid email trade:read"),
        (vec![], json!([TRADE, LAND, ISSUER]), "openid email trade:read land:read"),
    ] {
        let reply = refresh(&rp, &spent, &named, None).await.expect(200);
        is_for(&reply, &aud, scope);
        let token = text(&reply, "access_token");
        let with_userinfo = named.is_empty() || named.contains(&ISSUER);
        rp.userinfo(&token).await.expect(if with_userinfo { 200 } else { 401 });
        let for_trade = named.is_empty() || named.contains(&TRADE);
        assert_eq!(heard(&trade, &token).await["active"], for_trade, "{named:?}");
        spent = text(&reply, "refresh_token");
    }
    // What was not granted is no target, and a wrong one spends nothing.
    for wrong in ["urn:other", "https://api.trade.test/v1/", "trade:read"] {
        refresh(&rp, &spent, &[TRADE, wrong], None).await.expect_token_error("invalid_target");
    }
    refresh(&rp, &spent, &[], Some("openid land:read")).await.expect(200);
}

#[tokio::test]
async fn a_code_is_narrowed_to_one_resource_and_an_unknown_one_leaves_it_as_it_was() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let (_trade, _land) = (resource(&app).await, land(&app).await);
    let rp = app.client("rp").with(both).await;
    let ask = asking(&rp, &[TRADE], "openid trade:write");
    let code = rp.authorize(&mut ana, &ask).await.code().to_owned();
    exchange(&rp, &ask, &code, &[TRADE, LAND]).await.expect_token_error("invalid_target");
    let reply = exchange(&rp, &ask, &code, &[TRADE]).await.expect(200);
    is_for(&reply, &json!(TRADE), "trade:write");
    // The refresh token still stands for all of it.
    is_for(
        &refresh(&rp, &text(&reply, "refresh_token"), &[], None).await,
        &json!([TRADE, ISSUER]),
        "openid trade:write",
    );
}

#[tokio::test]
async fn a_refresh_narrows_the_scopes_of_resources_and_never_widens_them() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let _trade = resource(&app).await;
    let rp = app.client("rp").with(both).await;
    let ask = asking(&rp, &[TRADE], "openid email trade:read");
    let first = exchanged(&rp, &mut ana, &ask, &[]).await.expect(200);
    let token = text(&first, "refresh_token");
    for wider in ["openid trade:write", "openid land:read", "openid phone", "trade:read unknown:x"] {
        refresh(&rp, &token, &[], Some(wider)).await.expect_token_error("invalid_scope");
    }
    let reply = refresh(&rp, &token, &[], Some("openid trade:read")).await.expect(200);
    is_for(&reply, &json!([TRADE, ISSUER]), "openid trade:read");
    let reply = refresh(&rp, &text(&reply, "refresh_token"), &[], Some("openid")).await.expect(200);
    is_for(&reply, &json!([TRADE, ISSUER]), "openid");
}

#[tokio::test]
async fn a_member_is_asked_about_the_scopes_of_resources_by_the_resources_name() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let trade = resource(&app).await;
    let rp = app.client("rp").with(both).await;
    rp.sign_in_with(&mut ana, rp.ask().with("scope", "openid email")).await;
    // A resource without scopes is nothing new to agree to.
    let bare = asking(&rp, &[TRADE], "openid email");
    rp.sign_in_with(&mut ana, bare.with("prompt", "none")).await;
    let wider = asking(&rp, &[TRADE], "openid email trade:read");
    let silent = ana.browser.get(&wider.clone().with("prompt", "none").path()).await;
    assert_eq!(Answer::of(&silent).error(), "consent_required");
    let page = ana.browser.get(&wider.path()).await;
    page.expect_at("/consent");
    let asked = page.text(".asked");
    assert!(asked.contains("trade:read") && asked.contains(&trade.client.name.th) && !asked.contains("trade:write"));
    // A form cannot widen what the page had shown.
    let form = page.form("/consent").with("decision", "allow").with("shown", "openid email trade:read trade:write");
    Answer::of(&ana.browser.submit(form).await).code();
    rp.sign_in_with(&mut ana, wider.clone().with("prompt", "none")).await;
    let widest = asking(&rp, &[TRADE], "openid email trade:read trade:write").with("prompt", "none");
    assert_eq!(Answer::of(&ana.browser.get(&widest.path()).await).error(), "consent_required");
    // Left out of the form, it is not agreed to, and asked for again.
    let page = ana.browser.get(&widest.without(&["prompt"]).path()).await;
    let form = page.form("/consent").with("decision", "allow").with("shown", "openid email trade:read");
    ana.browser.submit(form).await.expect_at("/consent");
}

#[tokio::test]
async fn the_ministrys_own_service_may_call_its_resources_unasked() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let _trade = resource(&app).await;
    let rp = app.client("rp").first_party().with(both).await;
    let ask = asking(&rp, &[TRADE], "openid trade:read");
    let answer = Answer::of(&ana.browser.get(&ask.path()).await);
    let reply = exchange(&rp, &ask, answer.code(), &[TRADE]).await.expect(200);
    is_for(&reply, &json!(TRADE), "trade:read");
}

#[tokio::test]
async fn what_a_client_may_no_longer_call_counts_no_more() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let (trade, land) = (resource(&app).await, land(&app).await);
    let mut rp = app.client("rp").with(both).await;
    let ask = asking(&rp, &[TRADE, LAND], "openid trade:read trade:write land:read");
    let reply = exchanged(&rp, &mut ana, &ask, &[]).await.expect(200);
    let (token, refresh_token) = (text(&reply, "access_token"), text(&reply, "refresh_token"));
    rp.change(|client| {
        client.resources.retain(|access| access.resource.as_str() == TRADE);
        client.resources[0].scopes.truncate(1);
    })
    .await;
    assert_eq!(heard(&trade, &token).await["scope"], "openid trade:read");
    assert_eq!(heard(&land, &token).await, json!({ "active": false }));
    refresh(&rp, &refresh_token, &[LAND], None).await.expect_token_error("invalid_target");
    is_for(&refresh(&rp, &refresh_token, &[], None).await, &json!([TRADE, ISSUER]), "openid trade:read");
}

#[tokio::test]
async fn several_resources_are_pushed_as_well_and_each_must_be_allowed() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let (_trade, _land) = (resource(&app).await, land(&app).await);
    let rp = app.client("rp").with(both).await;
    let ask = asking(&rp, &[TRADE, LAND], "openid land:read");
    let by_par = pushed(&rp, &ask).await;
    let page = ana.browser.get(&by_par.path()).await;
    let answer = Answer::of(&ana.browser.submit(page.form("/consent").with("decision", "allow")).await);
    let reply = exchange(&rp, &ask, answer.code(), &[]).await.expect(200);
    is_for(&reply, &json!([TRADE, LAND, ISSUER]), "openid land:read");
    let wrong = asking(&rp, &[TRADE, "urn:other"], "openid");
    let page = app.unchanged(ana.browser.get(&wrong.path())).await;
    Answer::of(&page).expect_error("invalid_target", &wrong, ISSUER);
    let many = vec!["urn:other"; 101];
    ana.browser.get(&asking(&rp, &many, "openid").path()).await.expect_error(400, "invalid_request");
}
