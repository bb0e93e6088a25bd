//! Codes and refresh tokens: what may happen once does.

use std::sync::Arc;

use chrono::TimeDelta;
use idp_core::audit::Action;
use idp_core::claim::Release;
use idp_core::grant::{GrantState, RefreshFamily, RefreshToken, RefreshVerdict};
use idp_core::scope::ScopeSet;
use idp_core::session::SessionEnd;
use idp_store::{Basis, Ending, Issued, Link, StoreError};

use super::bench::UNASKED;
use super::{Bench, at_once, both};

both! {
    a_code_is_kept_at_hand_once,
    a_code_is_redeemed_once,
    a_grant_comes_back_as_it_was_issued,
    a_grant_whose_row_makes_no_sense_is_corrupt,
    a_lost_reply_is_retried_until_its_tokens_are_used,
    a_refresh_token_is_rotated_once,
    a_revoked_grant_is_neither_redeemed_nor_rotated,
    a_session_that_ends_leaves_no_grant_issued_meanwhile,
    a_consent_that_is_withdrawn_leaves_no_grant_issued_meanwhile,
    a_service_that_does_not_ask_is_linked_with_its_first_grant,
    a_token_newer_than_the_cached_grant_is_known,
    codes_are_issued_to_live_sessions_only,
    revoking_is_done_once,
}

async fn a_grant_comes_back_as_it_was_issued(bench: Bench) {
    let (_, session) = bench.member().await;
    let issued = bench.grant(&session);
    assert_eq!(bench.store.issue(&issued, UNASKED, bench.now, &[]).await.unwrap(), Issued::Done);
    let read = bench.store.grant_by_code(&issued.code).await.unwrap().unwrap();
    assert_eq!(format!("{read:?}"), format!("{issued:?}"));
    assert_eq!(bench.store.grant(issued.id).await.unwrap().unwrap().code, issued.code);
    assert!(bench.store.grant_by_code(&session.cookie).await.unwrap().is_none());
}

async fn a_code_is_redeemed_once(bench: Bench) {
    let (account, session) = bench.member().await;
    let grant = bench.grant(&session);
    bench.store.issue(&grant, UNASKED, bench.now, &[]).await.unwrap();
    let event = bench.event(Action::TokensIssued).account(account.id);
    let token = RefreshToken::make(&*bench.chance);
    let family = RefreshFamily::begin(&token, bench.now, bench.now + TimeDelta::hours(12));
    let won = at_once(40, |_| {
        let (store, now, event, family) = (bench.store.clone(), bench.now, event.clone(), family.clone());
        async move { store.redeem(grant.id, Some(&family), now, &[event]).await.unwrap() }
    })
    .await;
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
    assert_eq!(bench.lines(account.id, Action::TokensIssued).await, 1);
    let by_handle = bench.store.grant_by_handle(&token.handle.digest()).await.unwrap().unwrap();
    assert_eq!(by_handle.state, GrantState::Redeemed { at: bench.now });
}

async fn a_refresh_token_is_rotated_once(bench: Bench) {
    let (account, session) = bench.member().await;
    let (grant, token) = bench.redeemed(&session).await;
    let family = grant.refresh.unwrap();
    let event = bench.event(Action::TokensRefreshed).account(account.id);
    let won = at_once(40, |_| {
        let fresh = token.next(&*bench.chance);
        let RefreshVerdict::Rotate { next, expected } =
            family.present(&token, &fresh, TimeDelta::minutes(30), bench.now)
        else {
            panic!("the token is good");
        };
        let (store, event) = (bench.store.clone(), event.clone());
        async move { store.rotate(grant.id, &expected, &next, &[event]).await.unwrap() }
    })
    .await;
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
    assert_eq!(bench.lines(account.id, Action::TokensRefreshed).await, 1);
    let family = bench.store.grant(grant.id).await.unwrap().unwrap().refresh.clone().unwrap();
    assert_eq!(family.generation, 1);
}

/// The family after `token` was presented to it as it stands.
fn presented(bench: &Bench, family: &RefreshFamily, token: &RefreshToken) -> (RefreshFamily, idp_core::secret::Digest) {
    match family.present(token, &token.next(&*bench.chance), TimeDelta::minutes(30), bench.now) {
        RefreshVerdict::Rotate { next, expected } => (next, expected),
        RefreshVerdict::Refuse(why) => panic!("refused: {why:?}"),
    }
}

async fn a_lost_reply_is_retried_until_its_tokens_are_used(bench: Bench) {
    let (_, session) = bench.member().await;
    let (grant, first) = bench.redeemed(&session).await;
    let (second, expected) = presented(&bench, &grant.refresh.unwrap(), &first);
    assert!(bench.store.rotate(grant.id, &expected, &second, &[]).await.unwrap());
    // The reply is lost; the first token comes again.
    let (third, expected) = presented(&bench, &second, &first);
    assert!(bench.store.rotate(grant.id, &expected, &third, &[]).await.unwrap());
    // Now something of the reply is used, between the judgement of a third attempt and its write.
    let (fourth, expected) = presented(&bench, &third, &first);
    bench.store.confirm(grant.id, third.generation).await.unwrap();
    bench.store.confirm(grant.id, third.generation).await.unwrap();
    assert!(!bench.store.rotate(grant.id, &expected, &fourth, &[]).await.unwrap());
    let family = bench.store.grant(grant.id).await.unwrap().unwrap().refresh.clone().unwrap();
    assert!(family.confirmed);
    assert_eq!((family.generation, family.alive_from), (2, 2));
    // A token of an earlier generation confirms nothing.
    bench.store.confirm(grant.id, 0).await.unwrap();
}

async fn a_token_newer_than_the_cached_grant_is_known(bench: Bench) {
    let (_, session) = bench.member().await;
    let (grant, token) = bench.redeemed(&session).await;
    let other = bench.another_node().await;
    assert_eq!(other.grant(grant.id).await.unwrap().unwrap().refresh.as_ref().unwrap().generation, 0);
    let (next, expected) = presented(&bench, &grant.refresh.unwrap(), &token);
    assert!(bench.store.rotate(grant.id, &expected, &next, &[]).await.unwrap());
    assert_eq!(other.grant(grant.id).await.unwrap().unwrap().refresh.as_ref().unwrap().generation, 0);
    assert_eq!(other.grant_for(grant.id, 1).await.unwrap().unwrap().refresh.as_ref().unwrap().generation, 1);
    assert_eq!(other.grant(grant.id).await.unwrap().unwrap().refresh.as_ref().unwrap().generation, 1);
    other.close().await;
}

async fn codes_are_issued_to_live_sessions_only(bench: Bench) {
    let (account, session) = bench.member().await;
    let event = bench.event(Action::CodeIssued).account(account.id);
    bench.store.end_sessions(Ending::Session(session.id), SessionEnd::SignedOut, bench.now, &[], &[]).await.unwrap();
    let grant = bench.grant(&session);
    assert_eq!(bench.store.issue(&grant, UNASKED, bench.now, &[event]).await.unwrap(), Issued::Gone);
    assert!(bench.store.grant_by_code(&grant.code).await.unwrap().is_none());
    assert_eq!(bench.lines(account.id, Action::CodeIssued).await, 0);
}

async fn a_session_that_ends_leaves_no_grant_issued_meanwhile(bench: Bench) {
    let bench = Arc::new(bench);
    for _ in 0..5 {
        let (_, session) = bench.member().await;
        let codes = at_once(30, |number| {
            let (bench, session) = (Arc::clone(&bench), session.clone());
            async move {
                if number == 15 {
                    let ending = Ending::Session(session.id);
                    bench.store.end_sessions(ending, SessionEnd::SignedOut, bench.now, &[], &[]).await.unwrap();
                    return None;
                }
                let grant = bench.grant(&session);
                bench.store.issue(&grant, UNASKED, bench.now, &[]).await.unwrap();
                Some(grant.code)
            }
        })
        .await;
        for code in codes.into_iter().flatten() {
            if let Some(grant) = bench.store.grant_by_code(&code).await.unwrap() {
                assert_eq!(grant.state, GrantState::Revoked { at: bench.now });
            }
        }
    }
}

async fn a_consent_that_is_withdrawn_leaves_no_grant_issued_meanwhile(bench: Bench) {
    let bench = Arc::new(bench);
    for _ in 0..5 {
        let (account, session) = bench.member().await;
        bench.store.issue(&bench.grant(&session), UNASKED, bench.now, &[]).await.unwrap();
        let client = bench.grant(&session).client_id;
        let codes = at_once(30, |number| {
            let (bench, session, client) = (Arc::clone(&bench), session.clone(), client.clone());
            async move {
                if number == 15 {
                    assert!(bench.store.withdraw_consent(account.id, &client, bench.now, &[]).await.unwrap());
                    return None;
                }
                let grant = bench.grant(&session);
                bench.store.issue(&grant, Link::Known, bench.now, &[]).await.unwrap();
                Some(grant.code)
            }
        })
        .await;
        for code in codes.into_iter().flatten() {
            if let Some(grant) = bench.store.grant_by_code(&code).await.unwrap() {
                assert_eq!(grant.state, GrantState::Revoked { at: bench.now });
            }
        }
        let late = bench.store.issue(&bench.grant(&session), Link::Known, bench.now, &[]).await.unwrap();
        assert_eq!(late, Issued::Gone);
    }
}

async fn a_service_that_does_not_ask_is_linked_with_its_first_grant(bench: Bench) {
    let (account, session) = bench.member().await;
    let grant = bench.grant(&session);
    let linked = async || bench.store.consent(account.id, &grant.client_id).await.unwrap();
    let issue = async |scopes: &str| {
        let link = Link::New(ScopeSet::parse(scopes).into());
        bench.store.issue(&bench.grant(&session), link, bench.now, &[]).await.unwrap()
    };
    assert!(linked().await.is_none());
    assert_eq!(issue("openid").await, Issued::Done);
    assert_eq!(issue("openid profile").await, Issued::Done);
    let known = linked().await.unwrap();
    assert_eq!((known.basis, known.scopes), (Basis::Unasked, ScopeSet::parse("openid profile")));
    assert_eq!(known.agreed(), Release::default());
    // What the member agreed to is never widened without asking.
    let agreed = ScopeSet::parse("openid email");
    bench.store.give_consent(account.id, &grant.client_id, agreed, "1", "th", bench.now, &[]).await.unwrap();
    assert_eq!(issue("openid profile phone").await, Issued::Done);
    let known = linked().await.unwrap();
    assert_eq!((known.basis, known.scopes), (Basis::Agreed, agreed));
    // Without a session nothing is linked.
    bench.store.withdraw_consent(account.id, &grant.client_id, bench.now, &[]).await.unwrap();
    bench.store.end_sessions(Ending::Session(session.id), SessionEnd::SignedOut, bench.now, &[], &[]).await.unwrap();
    assert_eq!(issue("openid").await, Issued::Gone);
    assert!(linked().await.is_none());
}

async fn a_code_is_kept_at_hand_once(bench: Bench) {
    let (_, session) = bench.member().await;
    let grant = bench.grant(&session);
    bench.store.issue(&grant, UNASKED, bench.now, &[]).await.unwrap();
    let other = bench.another_node().await;
    assert!(other.just_issued(&grant.code).is_none());
    let kept = bench.store.just_issued(&grant.code).unwrap();
    assert_eq!(format!("{kept:?}"), format!("{:?}", bench.store.grant_by_code(&grant.code).await.unwrap().unwrap()));
    assert!(bench.store.just_issued(&grant.code).is_none());
    other.close().await;
}

async fn a_revoked_grant_is_neither_redeemed_nor_rotated(bench: Bench) {
    let (_, session) = bench.member().await;
    let grant = bench.grant(&session);
    bench.store.issue(&grant, UNASKED, bench.now, &[]).await.unwrap();
    assert!(bench.store.revoke_grant(grant.id, bench.now, &[]).await.unwrap());
    assert!(!bench.store.redeem(grant.id, None, bench.now, &[]).await.unwrap());

    let (grant, token) = bench.redeemed(&session).await;
    assert!(bench.store.grant(grant.id).await.unwrap().unwrap().state.gives_tokens());
    assert!(bench.store.revoke_grant(grant.id, bench.now, &[]).await.unwrap());
    // The cached row went with the change.
    assert!(!bench.store.grant(grant.id).await.unwrap().unwrap().state.gives_tokens());
    let (next, expected) = presented(&bench, &grant.refresh.unwrap(), &token);
    assert!(!bench.store.rotate(grant.id, &expected, &next, &[]).await.unwrap());
}

async fn revoking_is_done_once(bench: Bench) {
    let (account, session) = bench.member().await;
    let (grant, _) = bench.redeemed(&session).await;
    let event = bench.event(Action::GrantRevoked).account(account.id);
    let won = at_once(20, |_| {
        let (store, now, event) = (bench.store.clone(), bench.now, event.clone());
        async move { store.revoke_grant(grant.id, now, &[event]).await.unwrap() }
    })
    .await;
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
    assert_eq!(bench.lines(account.id, Action::GrantRevoked).await, 1);
}

async fn a_grant_whose_row_makes_no_sense_is_corrupt(bench: Bench) {
    let (_, session) = bench.member().await;
    let (grant, _) = bench.redeemed(&session).await;
    for (column, value) in [("acr", "'aal9'"), ("methods", "'pwd crystal_ball'"), ("refresh_current", "NULL")] {
        let (other, _) = bench.redeemed(&session).await;
        bench.behind_its_back(&format!("UPDATE grants SET {column} = {value}")).await;
        let error = bench.store.grant_by_code(&other.code).await.unwrap_err();
        match error {
            StoreError::Corrupt { table: "grants", column: named, id } => {
                assert_eq!(named, column);
                assert_eq!(id, other.id.to_string());
            }
            other => panic!("{other:?}"),
        }
        bench.behind_its_back("UPDATE grants SET acr = 'aal1', methods = 'pwd'").await;
    }
    assert!(bench.store.grant_by_code(&grant.code).await.is_err());
}
