//! Refresh tokens: rotated at every use, forgiving a lost reply and nothing else.

use chrono::TimeDelta;
use idp_core::account::Membership;
use idp_core::client::ClientStatus;
use idp_core::scope::ScopeSet;
use idp_core::secret::Secret;
use idp_tests::{App, Client, Member, Tokens};
use idp_web::jobs;

async fn start() -> (App, Member, Client, Tokens) {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    (app, ana, rp, tokens)
}

async fn is_dead(rp: &Client, tokens: &Tokens) {
    rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_grant");
    rp.userinfo(&tokens.access).await.expect(401);
}

#[tokio::test]
async fn a_refresh_token_is_replaced_at_every_use() {
    let (app, _, rp, mut tokens) = start().await;
    for _ in 0..5 {
        app.advance(TimeDelta::minutes(1));
        let next = rp.refreshed(&tokens).await;
        assert_ne!(next.refresh, tokens.refresh);
        assert_ne!(next.access, tokens.access);
        rp.userinfo(&next.access).await.expect(200);
        tokens = next;
    }
}

#[tokio::test]
async fn the_id_token_of_a_refresh_is_about_the_same_sign_in() {
    let (app, _, rp, first) = start().await;
    app.advance(TimeDelta::minutes(2));
    let second = rp.refreshed(&first).await;
    for claim in ["iss", "sub", "aud", "auth_time", "sid", "acr", "amr"] {
        assert_eq!(first.id.claims[claim], second.id.claims[claim], "{claim}");
    }
    assert!(second.id.number("iat") > first.id.number("iat"));
    // OpenID Connect Core §12.2: no nonce, or the same.
    assert!(second.id.claims.get("nonce").is_none());
}

#[tokio::test]
async fn a_lost_reply_can_be_asked_for_again() {
    let (_, _, rp, first) = start().await;
    let lost = rp.refreshed(&first).await;
    let second = rp.refreshed(&first).await;
    assert_ne!(lost.refresh, second.refresh);
    // Two branches never live: what the lost reply held is dead.
    rp.userinfo(&lost.access).await.expect(401);
    rp.userinfo(&second.access).await.expect(200);
    rp.refreshed(&second).await;
}

#[tokio::test]
async fn s032_a_replay_ends_the_family() {
    for public in [false, true] {
        let app = App::start().await;
        let mut ana = app.insert_member("ana").await;
        let rp = if public { app.client("rp").public().await } else { app.client("rp").await };
        for used_by in ["refresh", "userinfo"] {
            let first = rp.sign_in(&mut ana).await;
            let mut live = rp.refreshed(&first).await;
            match used_by {
                "refresh" => live = rp.refreshed(&live).await,
                _ => drop(rp.userinfo(&live.access).await.expect(200)),
            }
            rp.userinfo(&first.access).await.expect(200);
            is_dead(&rp, &first).await;
            is_dead(&rp, &live).await;
        }
    }
}

#[tokio::test]
async fn the_tokens_of_a_lost_reply_end_the_family_when_they_turn_up() {
    let (_, _, rp, first) = start().await;
    let lost = rp.refreshed(&first).await;
    let second = rp.refreshed(&first).await;
    rp.refresh(&lost.refresh, None).await.expect_token_error("invalid_grant");
    is_dead(&rp, &second).await;
}

#[tokio::test]
async fn a_guessed_token_of_a_family_ends_it_and_a_stranger_changes_nothing() {
    let (app, _, rp, tokens) = start().await;
    let made = Secret::make(&*app.chance);
    let stranger = format!("{}.{}", made.reveal(), made.reveal());
    app.unchanged(rp.refresh(&stranger, None)).await.expect_token_error("invalid_grant");
    let (handle, secret) = tokens.refresh.split_once('.').unwrap();
    for odd in [
        handle.to_owned(),
        format!("{handle}."),
        format!(".{secret}"),
        format!("{handle}.{secret}."),
        format!("{handle}.{secret}.x"),
        format!("{handle}.{}", &secret[1..]),
        format!("{handle}.{secret}A"),
        format!(" {}", tokens.refresh),
        format!("{}\n", tokens.refresh),
    ] {
        app.unchanged(rp.refresh(&odd, None)).await.expect_token_error("invalid_grant");
    }
    let guessed = format!("{handle}.{}", made.reveal());
    rp.refresh(&guessed, None).await.expect_token_error("invalid_grant");
    is_dead(&rp, &tokens).await;
}

#[tokio::test]
async fn another_clients_refresh_token_is_an_invalid_grant_and_unharmed() {
    let (app, _, rp, tokens) = start().await;
    for other in [app.client("other").await, app.client("spa").public().await] {
        app.unchanged(other.refresh(&tokens.refresh, None)).await.expect_token_error("invalid_grant");
    }
    rp.refreshed(&tokens).await;
}

#[tokio::test]
async fn a_narrower_scope_is_given_and_the_whole_one_again_later() {
    let (_, _, rp, tokens) = start().await;
    let reply = rp.refresh(&tokens.refresh, Some("openid email")).await.expect(200);
    let narrow = rp.read(reply, None).await;
    assert_eq!(narrow.scope, "openid email");
    let claims = rp.claims(&narrow).await;
    assert!(claims.get("email").is_some() && claims.get("name").is_none());
    assert!(narrow.id.claims.get("membership").is_none());
    let whole = rp.refreshed(&narrow).await;
    assert_eq!(whole.scope, rp.scope);
}

#[tokio::test]
async fn s035_a_scope_never_becomes_wider() {
    let app = App::start().await;
    let mut ana = app.insert_permanent("ana").await;
    let rp = app.client("rp").citizen_id().await;
    let tokens = rp.sign_in_with(&mut ana, rp.ask().with("scope", "openid email")).await;
    for wider in
        ["openid email profile", "citizen_id", "openid nonsense", "email openid offline_access", " ", "openid,email"]
    {
        let reply = app.unchanged(rp.refresh(&tokens.refresh, Some(wider))).await;
        reply.expect_token_error("invalid_scope");
    }
    rp.refreshed(&tokens).await;
}

#[tokio::test]
async fn s035_a_scope_the_client_has_lost_is_left_out() {
    let (app, _, mut rp, tokens) = start().await;
    app.advance(TimeDelta::seconds(1));
    rp.change(|client| client.scopes = ScopeSet::parse("openid membership profile")).await;
    let claims = rp.claims(&tokens).await;
    assert!(claims.get("email").is_none(), "even under an access token from before");
    let next = rp.refreshed(&tokens).await;
    assert_eq!(next.scope, "openid membership profile");
}

#[tokio::test]
async fn s035_the_number_goes_with_the_badge() {
    let app = App::start().await;
    let mut ana = app.insert_permanent("ana").await;
    let rp = app.client("rp").citizen_id().await;
    let tokens = rp.sign_in(&mut ana).await;
    app.store.withdraw_badge(ana.id, app.now() + TimeDelta::days(60), app.now(), &[], &[]).await.unwrap();
    is_dead(&rp, &tokens).await;
    let tokens = rp.sign_in(&mut ana).await;
    assert!(!tokens.scope.contains("citizen_id"));
    assert!(!rp.refreshed(&tokens).await.scope.contains("citizen_id"));
}

#[tokio::test]
async fn a_family_ends_with_the_twelve_hours_of_its_session() {
    let (app, mut ana, rp, mut tokens) = start().await;
    for _ in 0..35 {
        app.advance(TimeDelta::minutes(20));
        assert!(ana.browser.is_signed_in().await);
        tokens = rp.refreshed(&tokens).await;
    }
    app.advance(TimeDelta::minutes(19));
    tokens = rp.refreshed(&tokens).await;
    assert_eq!(tokens.reply.json()["expires_in"], 60, "cut where the session ends");
    app.advance(TimeDelta::minutes(1));
    is_dead(&rp, &tokens).await;
}

#[tokio::test]
async fn a_family_that_rests_too_long_ends() {
    let app = App::start_with(|config| config.tokens.refresh_idle_hours = 1).await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    app.advance(TimeDelta::minutes(59));
    let tokens = rp.refreshed(&tokens).await;
    app.advance(TimeDelta::minutes(59));
    let tokens = rp.refreshed(&tokens).await;
    app.advance(TimeDelta::minutes(60));
    is_dead(&rp, &tokens).await;
}

#[tokio::test]
async fn a_family_ends_when_its_session_is_swept_away() {
    let (app, _, rp, tokens) = start().await;
    app.advance(TimeDelta::minutes(31));
    jobs::tend(app.provider()).await.unwrap();
    is_dead(&rp, &tokens).await;
}

#[tokio::test]
async fn s034_what_was_spent_or_ended_stays_so_after_a_restart() {
    let (app, mut ana, rp, first) = start().await;
    let used = rp.refreshed(&first).await;
    let live = rp.refreshed(&used).await;
    let other = app.client("other").await;
    let ended = other.sign_in(&mut ana).await;
    let ask = rp.ask();
    let code = rp.authorize(&mut ana, &ask).await.code().to_owned();
    rp.exchange(&ask, &code).await.expect(200);
    let page = ana.browser.get("/profile/services").await;
    let form = page.forms().into_iter().find(|form| form.value("client_id") == "other").expect("a linked service");
    ana.browser.submit(form).await;

    let app = app.restart().await;
    let (rp, other) = (rp.at(&app), other.at(&app));
    rp.userinfo(&live.access).await.expect(200);
    is_dead(&other, &ended).await;
    rp.exchange(&ask, &code).await.expect_token_error("invalid_grant");
    let live = rp.refreshed(&live).await;
    rp.refresh(&used.refresh, None).await.expect_token_error("invalid_grant");
    rp.refresh(&first.refresh, None).await.expect_token_error("invalid_grant");
    is_dead(&rp, &live).await;
}

#[tokio::test]
async fn s034_signing_out_holds_after_a_restart() {
    let (app, mut ana, rp, tokens) = start().await;
    let cookies = ana.browser.cookies.clone();
    ana.sign_out().await;
    let app = app.restart().await;
    is_dead(&rp.at(&app), &tokens).await;
    let mut browser = app.browser();
    browser.cookies = cookies;
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn s037_nothing_is_refreshed_for_an_account_that_may_not_be_used() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let now = app.now();
    for what in ["suspended", "frozen", "deleting", "ended", "signed out everywhere"] {
        let end = app.now() + TimeDelta::minutes(1);
        let name = what.replace(' ', "-");
        let mut member = match what {
            "ended" => {
                let short = |account: &mut idp_core::account::Account| {
                    account.membership = Membership::Temporary { expires_at: end };
                };
                app.insert_member_with(&name, short).await
            }
            _ => app.insert_member(&name).await,
        };
        let tokens = rp.sign_in(&mut member).await;
        match what {
            "suspended" => drop(app.store.suspend(member.id, "a test", now, &[], &[]).await.unwrap()),
            "frozen" => drop(app.store.freeze(member.id, now, &[], &[]).await.unwrap()),
            "deleting" => {
                let erase_at = now + TimeDelta::days(30);
                app.store.schedule_deletion(member.id, erase_at, now, &[], &[]).await.unwrap();
            }
            "ended" => app.advance(TimeDelta::minutes(1) + TimeDelta::milliseconds(1)),
            _ => {
                let page = member.browser.get("/profile").await;
                member.browser.submit(page.form("/signout/everywhere")).await;
            }
        }
        is_dead(&rp, &tokens).await;
    }
}

#[tokio::test]
async fn s037_a_disabled_client_refreshes_nothing_and_reads_nothing() {
    let (_, _, mut rp, tokens) = start().await;
    rp.change(|client| client.status = ClientStatus::Suspended).await;
    rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_client");
    rp.userinfo(&tokens.access).await.expect(401);
    rp.change(|client| client.status = ClientStatus::Active).await;
    rp.refreshed(&tokens).await;
}

#[tokio::test]
async fn signing_in_again_in_the_same_browser_keeps_what_services_hold() {
    let (app, mut ana, rp, tokens) = start().await;
    app.advance(TimeDelta::seconds(10));
    let newer = rp.sign_in_with(&mut ana, rp.ask().with("prompt", "login")).await;
    let tokens = rp.refreshed(&tokens).await;
    assert_ne!(tokens.id.text("sid"), newer.id.text("sid"));
    ana.sign_out().await;
    is_dead(&rp, &tokens).await;
    is_dead(&rp, &newer).await;
}
