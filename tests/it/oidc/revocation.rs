//! A client gives back what it was given (RFC 7009).

use idp_core::secret::Secret;
use idp_tests::{App, Client, Reply, encoded};

use super::client_credentials::{access, ask, machine, resource};

async fn revoke(rp: &Client, token: &str) -> Reply {
    rp.call("/revoke", &[("token", token)], &[]).await
}

#[tokio::test]
async fn a_revoked_refresh_token_takes_everything_along() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for rp in [app.client("rp").await, app.client("spa").public().await] {
        let first = rp.sign_in(&mut ana).await;
        let second = rp.refreshed(&first).await;
        let reply = revoke(&rp, &second.refresh).await.expect(200);
        assert_eq!((reply.body.as_str(), reply.header("cache-control")), ("", "no-store"));
        rp.userinfo(&first.access).await.expect(401);
        rp.userinfo(&second.access).await.expect(401);
        rp.refresh(&second.refresh, None).await.expect_token_error("invalid_grant");
        // Again, and for what nobody knows: the same answer.
        app.unchanged(revoke(&rp, &second.refresh)).await.expect(200);
    }
    assert!(ana.browser.is_signed_in().await, "the member stays signed in here");
}

#[tokio::test]
async fn a_revoked_access_token_dies_at_once_and_the_refresh_token_goes_on() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let first = rp.sign_in(&mut ana).await;
    rp.userinfo(&first.access).await.expect(200);
    revoke(&rp, &first.access).await.expect(200);
    rp.userinfo(&first.access).await.expect(401);
    let second = rp.refreshed(&first).await;
    rp.userinfo(&second.access).await.expect(200);
    rp.userinfo(&first.access).await.expect(401);
    // An old one, when a newer is in use: the newer goes on.
    revoke(&rp, &first.access).await.expect(200);
    rp.userinfo(&second.access).await.expect(200);
    let app = app.restart().await;
    let rp = rp.at(&app);
    rp.userinfo(&first.access).await.expect(401);
    rp.userinfo(&second.access).await.expect(200);
}

#[tokio::test]
async fn without_a_refresh_token_the_grant_ends() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").with(|draft| draft.refresh_tokens = false).await;
    let tokens = rp.sign_in(&mut ana).await;
    revoke(&rp, &tokens.access).await.expect(200);
    rp.userinfo(&tokens.access).await.expect(401);
}

#[tokio::test]
async fn another_clients_tokens_are_unharmed() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let (rp, other) = (app.client("rp").await, app.client("other").await);
    let tokens = rp.sign_in(&mut ana).await;
    for token in [&tokens.refresh, &tokens.access] {
        app.unchanged(revoke(&other, token)).await.expect_token_error("unauthorized_client");
    }
    rp.userinfo(&tokens.access).await.expect(200);
    rp.refreshed(&tokens).await;
}

#[tokio::test]
async fn what_is_no_token_changes_nothing() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    let secret = || Secret::make(&*app.chance).reveal().to_owned();
    let unknown = format!("{}.{}", secret(), secret());
    for token in ["x", "a.b.c", &unknown, &tokens.id.token, &"x".repeat(9_000)] {
        app.unchanged(revoke(&rp, token)).await.expect(200);
    }
    rp.userinfo(&tokens.access).await.expect(200);
    rp.call("/revoke", &[], &[]).await.expect_token_error("invalid_request");
    app.post("/revoke", &encoded(&[("token", &tokens.refresh)])).await.expect_token_error("invalid_client");
    let mut stranger = rp.clone();
    stranger.secret = Secret::presented("x");
    app.unchanged(revoke(&stranger, &tokens.refresh)).await.expect_token_error("invalid_client");
    app.get("/revoke").await.expect(405);
    rp.refreshed(&tokens).await;
}

#[tokio::test]
async fn a_machines_token_is_revoked_by_its_name() {
    let app = App::start().await;
    let api = resource(&app).await;
    let rp = machine(&app).await;
    let (first, second) = (access(&ask(&rp, &[]).await), access(&ask(&rp, &[]).await));
    revoke(&rp, &first).await.expect(200);
    revoke(&rp, &first).await.expect(200);
    let active = async |token: &str| api.call("/introspect", &[("token", token)], &[]).await.json()["active"].clone();
    assert_eq!(active(&first).await, false);
    assert_eq!(active(&second).await, true);
    revoke(&api, &second).await.expect_token_error("unauthorized_client");
    assert_eq!(active(&second).await, true);
    // Programs in browsers revoke from their own site.
    let site = url::Url::parse(&app.client("page").public().await.redirect_uri).unwrap().origin().ascii_serialization();
    let reply = rp.call("/revoke", &[("token", "x")], &[("origin", &site)]).await;
    assert_eq!(reply.header("access-control-allow-origin"), site);
}
