//! Authorization codes: sixty seconds, once, for one client and one redirect URI.

use std::collections::HashSet;

use chrono::TimeDelta;
use idp_core::client::ClientStatus;
use idp_core::secret::{Secret, from_base64url};
use idp_tests::{App, Ask, Client, Member, SystemChance};

async fn code(rp: &Client, member: &mut Member) -> (Ask, String) {
    let ask = rp.ask();
    let code = rp.authorize(member, &ask).await.code().to_owned();
    (ask, code)
}

#[tokio::test]
async fn a_code_is_redeemed_once() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let (ask, code) = code(&rp, &mut ana).await;
    rp.exchange(&ask, &code).await.expect(200);
    rp.exchange(&ask, &code).await.expect_token_error("invalid_grant");
}

#[tokio::test]
async fn s020_a_replayed_code_ends_what_it_gave() {
    for wait in [0, 30, 59, 61, 3600] {
        let app = App::start().await;
        let mut ana = app.insert_member("ana").await;
        let rp = app.client("rp").await;
        let (ask, code) = code(&rp, &mut ana).await;
        let tokens = rp.read(rp.exchange(&ask, &code).await.expect(200), ask.get("nonce")).await;
        let tokens = rp.refreshed(&tokens).await;
        app.advance(TimeDelta::seconds(wait));
        rp.exchange(&ask, &code).await.expect_token_error("invalid_grant");
        rp.userinfo(&tokens.access).await.expect(401);
        rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_grant");
    }
}

#[tokio::test]
async fn s020_the_replay_of_one_code_harms_no_other() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let kept = rp.sign_in(&mut ana).await;
    let (ask, code) = code(&rp, &mut ana).await;
    rp.exchange(&ask, &code).await.expect(200);
    rp.exchange(&ask, &code).await.expect_token_error("invalid_grant");
    rp.userinfo(&kept.access).await.expect(200);
    assert!(ana.browser.is_signed_in().await);
}

#[tokio::test]
async fn s022_a_code_is_worth_nothing_to_another_client() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let spa = app.client("spa").public().await;
    let thief = app.client("thief").await;
    let (ask, code) = code(&rp, &mut ana).await;
    for other in [&thief, &spa] {
        app.unchanged(other.exchange(&ask, &code)).await.expect_token_error("invalid_grant");
    }
    // Nor can another client spend it, or end what it gave.
    let tokens = rp.read(rp.exchange(&ask, &code).await.expect(200), ask.get("nonce")).await;
    for other in [&thief, &spa] {
        app.unchanged(other.exchange(&ask, &code)).await.expect_token_error("invalid_grant");
    }
    rp.userinfo(&tokens.access).await.expect(200);
}

#[tokio::test]
async fn s022_the_redirect_uri_must_be_the_one_of_the_request() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").redirect_uris(&["https://rp.test/cb", "https://rp.test/other"]).await;
    for other in ["https://rp.test/other", "https://rp.test/cb/", "https://rp.test/cb?", "HTTPS://rp.test/cb", ""] {
        let (ask, code) = code(&rp, &mut ana).await;
        rp.exchange(&ask.clone().with("redirect_uri", other), &code).await.expect_token_error("invalid_grant");
        let missing = [("grant_type", "authorization_code"), ("code", &code), ("code_verifier", &ask.verifier)];
        rp.token(&missing).await.expect_token_error("invalid_grant");
    }
}

#[tokio::test]
async fn s023_a_code_lives_for_less_than_a_minute() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    for (age, good) in [(0, true), (59, true), (60, false), (61, false), (3600, false)] {
        let (ask, code) = code(&rp, &mut ana).await;
        app.advance(TimeDelta::seconds(age));
        let reply = rp.exchange(&ask, &code).await;
        match good {
            true => assert_eq!(reply.status, 200, "{age}"),
            false => reply.expect_token_error("invalid_grant"),
        }
        if age > 1800 {
            break;
        }
    }
}

#[tokio::test]
async fn s023_codes_and_tokens_have_at_least_128_bits_and_never_repeat() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let (ask, code) = code(&rp, &mut ana).await;
    let tokens = rp.read(rp.exchange(&ask, &code).await.expect(200), ask.get("nonce")).await;
    let secrets = [code.as_str(), ana.browser.cookie("session").unwrap(), ana.browser.cookie("browser").unwrap()];
    for secret in secrets.into_iter().chain(tokens.refresh.split('.')) {
        assert!(from_base64url(secret).expect("base64url").len() >= 16);
    }
    let made: HashSet<String> = (0..1_000_000).map(|_| Secret::make(&SystemChance).reveal().to_owned()).collect();
    assert_eq!(made.len(), 1_000_000);
}

#[tokio::test]
async fn a_code_that_is_none_is_an_invalid_grant() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let ask = rp.ask();
    let made = Secret::make(&*app.chance);
    for code in ["x", made.reveal(), "ก", " ", "' OR 1=1 --", "\u{202e}", &"a".repeat(4000)] {
        app.unchanged(rp.exchange(&ask, code)).await.expect_token_error("invalid_grant");
    }
    let missing = [("grant_type", "authorization_code"), ("redirect_uri", rp.redirect_uri.as_str())];
    rp.token(&missing).await.expect_token_error("invalid_request");
}

#[tokio::test]
async fn s024_no_other_kind_of_token_passes_for_a_code_or_a_refresh_token() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    let (ask, code) = code(&rp, &mut ana).await;
    let cookie = ana.browser.cookie("session").unwrap().to_owned();
    let half = tokens.refresh.split('.').next().unwrap();
    for other in [&tokens.access, &tokens.id.token, &tokens.refresh, half, &cookie] {
        app.unchanged(rp.exchange(&ask, other)).await.expect_token_error("invalid_grant");
    }
    let doubled = format!("{code}.{code}");
    for other in [&tokens.access, &tokens.id.token, &code, &doubled, half, &cookie] {
        app.unchanged(rp.refresh(other, None)).await.expect_token_error("invalid_grant");
    }
    for other in [&tokens.id.token, &tokens.refresh, &code, half, &cookie] {
        rp.userinfo(other).await.expect(401);
    }
    rp.exchange(&ask, &code).await.expect(200);
}

#[tokio::test]
async fn a_code_dies_with_its_session_its_account_and_its_client() {
    let app = App::start().await;
    let mut rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    let (ask, given) = code(&rp, &mut ana).await;
    ana.sign_out().await;
    rp.exchange(&ask, &given).await.expect_token_error("invalid_grant");

    let mut bo = app.insert_member("bo").await;
    let (ask, given) = code(&rp, &mut bo).await;
    app.store.suspend(bo.id, "a test", app.now(), &[], &[]).await.unwrap();
    rp.exchange(&ask, &given).await.expect_token_error("invalid_grant");

    let mut chai = app.insert_member("chai").await;
    let (ask, given) = code(&rp, &mut chai).await;
    rp.change(|client| client.status = ClientStatus::Suspended).await;
    rp.exchange(&ask, &given).await.expect_token_error("invalid_client");
}
