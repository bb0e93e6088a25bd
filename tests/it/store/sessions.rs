//! Sessions begin, are seen, and end in one way.

use std::sync::Arc;

use chrono::TimeDelta;
use idp_core::account::Standing;
use idp_core::audit::{Action, AuditEvent};
use idp_core::grant::GrantState;
use idp_core::secret::Secret;
use idp_core::session::SessionEnd;
use idp_store::Ending;

use super::bench::LIMITS;
use super::{Bench, at_once, both};

both! {
    a_corrupt_session_names_its_row,
    a_device_is_known_after_it_signed_in,
    a_member_who_signs_in_anew_keeps_what_services_hold,
    a_session_ends_once,
    another_member_in_the_same_browser_ends_the_first,
    being_seen_is_written_once_a_minute,
    ending_all_but_one_spares_that_one,
    old_and_idle_sessions_expire,
    stopping_an_account_ends_everything,
    what_is_told_is_written_even_when_nothing_was_alive,
}

async fn a_session_ends_once(bench: Bench) {
    let (account, session) = bench.member().await;
    let (grant, _) = bench.redeemed(&session).await;
    // In the cache before it ends.
    assert!(bench.store.session_by_cookie(&session.cookie).await.unwrap().unwrap().ended_at.is_none());
    let ended = at_once(20, |_| {
        let (store, now) = (bench.store.clone(), bench.now);
        let ending = Ending::Session(session.id);
        async move { store.end_sessions(ending, SessionEnd::SignedOut, now, &[], &[]).await.unwrap() }
    })
    .await;
    assert_eq!(ended.concat(), [session.id]);
    assert_eq!(bench.lines(account.id, Action::SessionEnded).await, 1);
    let read = bench.store.session_by_cookie(&session.cookie).await.unwrap().unwrap();
    assert_eq!(read.ended_at, Some(bench.now));
    let revoked = GrantState::Revoked { at: bench.now };
    assert_eq!(bench.store.grant(grant.id).await.unwrap().unwrap().state, revoked);
    assert_eq!(bench.store.session(session.id).await.unwrap().unwrap().ended_at, Some(bench.now));
}

async fn ending_all_but_one_spares_that_one(bench: Bench) {
    let (account, here) = bench.member().await;
    let there = bench.signed_in(&account).await;
    let (stranger, strange) = bench.member().await;
    let (kept, _) = bench.redeemed(&here).await;
    let (gone, _) = bench.redeemed(&there).await;
    let (unconcerned, _) = bench.redeemed(&strange).await;
    let event = AuditEvent::by_member(bench.now, account.id, Action::SignedIn).from("203.0.113.7");
    let ended = bench
        .store
        .end_sessions(
            Ending::AccountExcept(account.id, here.id),
            SessionEnd::SignedOutEverywhere,
            bench.now,
            &[event],
            &[bench.mail(account.id, None)],
        )
        .await
        .unwrap();
    assert_eq!(ended, [there.id]);
    let alive = bench.store.sessions_of(account.id, bench.now, LIMITS).await.unwrap();
    assert_eq!(alive.iter().map(|session| session.id).collect::<Vec<_>>(), [here.id]);
    for (grant, lives) in [(kept, true), (gone, false), (unconcerned, true)] {
        assert_eq!(bench.store.grant(grant.id).await.unwrap().unwrap().state.gives_tokens(), lives);
    }
    assert_eq!(bench.store.outbox_depth().await.unwrap(), 1);
    assert_eq!(bench.lines(stranger.id, Action::SessionEnded).await, 0);
    // The line about the session tells who ended it and from where.
    let lines = bench.store.events_about(account.id, 10).await.unwrap();
    let line = lines.iter().find(|line| line.action == Action::SessionEnded.as_str()).unwrap();
    assert_eq!((line.session_id, line.actor_id), (Some(there.id), Some(account.id)));
    assert_eq!(line.origin.as_deref(), Some("203.0.113.7"));
    assert_eq!(line.detail.as_deref(), Some(r#"{"why":"signed_out_everywhere"}"#));
}

async fn what_is_told_is_written_even_when_nothing_was_alive(bench: Bench) {
    let (account, session) = bench.member().await;
    for expected in [1, 0] {
        let event = bench.event(Action::SignInFailed).account(account.id);
        let ended = bench
            .store
            .end_sessions(Ending::Account(account.id), SessionEnd::PasswordChanged, bench.now, &[event], &[])
            .await
            .unwrap();
        assert_eq!(ended.len(), expected);
    }
    assert_eq!(bench.lines(account.id, Action::SignInFailed).await, 2);
    assert!(!bench.store.session(session.id).await.unwrap().unwrap().is_alive(bench.now, LIMITS));
}

async fn a_member_who_signs_in_anew_keeps_what_services_hold(bench: Bench) {
    let (account, old) = bench.member().await;
    let (grant, _) = bench.redeemed(&old).await;
    let new = bench.session(account.id);
    bench.store.start_session(&new, Some(&old), None, bench.now, &[]).await.unwrap();
    let moved = bench.store.grant(grant.id).await.unwrap().unwrap();
    assert_eq!((moved.session_id, moved.sid), (new.id, old.id));
    assert!(moved.state.gives_tokens());
    assert_eq!(bench.store.session(old.id).await.unwrap().unwrap().ended_at, Some(bench.now));
    // And ends with the new session.
    bench.store.end_sessions(Ending::Session(new.id), SessionEnd::SignedOut, bench.now, &[], &[]).await.unwrap();
    assert!(!bench.store.grant(grant.id).await.unwrap().unwrap().state.gives_tokens());
}

async fn another_member_in_the_same_browser_ends_the_first(bench: Bench) {
    let (first, old) = bench.member().await;
    let (second, _) = bench.member().await;
    let (grant, _) = bench.redeemed(&old).await;
    let new = bench.session(second.id);
    bench.store.start_session(&new, Some(&old), None, bench.now, &[]).await.unwrap();
    assert!(!bench.store.grant(grant.id).await.unwrap().unwrap().state.gives_tokens());
    assert_eq!(bench.lines(first.id, Action::SessionEnded).await, 1);
    assert_eq!(bench.lines(second.id, Action::SessionEnded).await, 0);
}

async fn old_and_idle_sessions_expire(bench: Bench) {
    let (account, idle) = bench.member().await;
    let busy = bench.signed_in(&account).await;
    let (grant, _) = bench.redeemed(&idle).await;
    let seen = bench.now + TimeDelta::minutes(20);
    bench.store.touch_session(busy.id, seen).await.unwrap();
    let later = bench.now + LIMITS.idle;
    assert_eq!(bench.store.expire_sessions(later, LIMITS, 100).await.unwrap(), 1);
    assert_eq!(bench.store.expire_sessions(later, LIMITS, 100).await.unwrap(), 0);
    assert!(!bench.store.grant(grant.id).await.unwrap().unwrap().state.gives_tokens());
    assert_eq!(bench.lines(account.id, Action::SessionEnded).await, 1);
    // However busy, a session is over in the end.
    let end = bench.now + LIMITS.absolute;
    bench.store.touch_session(busy.id, end - TimeDelta::minutes(1)).await.unwrap();
    assert_eq!(bench.store.sessions_of(account.id, end - TimeDelta::minutes(1), LIMITS).await.unwrap().len(), 1);
    assert_eq!(bench.store.sessions_of(account.id, end, LIMITS).await.unwrap().len(), 0);
    assert_eq!(bench.store.expire_sessions(end, LIMITS, 100).await.unwrap(), 1);
}

async fn being_seen_is_written_once_a_minute(bench: Bench) {
    let (_, session) = bench.member().await;
    let seen = async || bench.store.session_by_cookie(&session.cookie).await.unwrap().unwrap().last_seen_at - bench.now;
    assert_eq!(seen().await, TimeDelta::zero());
    for (at, expected) in [(59, 0), (60, 60), (90, 60), (120, 120)] {
        bench.store.touch_session(session.id, bench.now + TimeDelta::seconds(at)).await.unwrap();
        assert_eq!(seen().await, TimeDelta::seconds(expected), "at {at}");
    }
}

async fn stopping_an_account_ends_everything(bench: Bench) {
    let (account, session) = bench.member().await;
    let (grant, _) = bench.redeemed(&session).await;
    assert!(matches!(bench.store.account(account.id).await.unwrap().unwrap().standing, Standing::Active));
    let event = bench.event(Action::AccountSuspended).account(account.id);
    let done = at_once(20, |_| {
        let (store, now, event) = (bench.store.clone(), bench.now, event.clone());
        async move { store.suspend(account.id, "reported", now, &[event], &[]).await.unwrap() }
    })
    .await;
    assert_eq!(done.iter().filter(|done| **done).count(), 1);
    assert_eq!(bench.lines(account.id, Action::AccountSuspended).await, 1);
    assert_eq!(bench.lines(account.id, Action::SessionEnded).await, 1);
    let read = bench.store.account(account.id).await.unwrap().unwrap();
    assert_eq!(read.standing, Standing::Suspended { since: bench.now, why: "reported".into() });
    assert!(!bench.store.grant(grant.id).await.unwrap().unwrap().state.gives_tokens());
    assert!(bench.store.sessions_of(account.id, bench.now, LIMITS).await.unwrap().is_empty());

    assert!(!bench.store.freeze(account.id, bench.now, &[], &[]).await.unwrap());
    assert!(bench.store.restore(account.id, None, bench.now, &[], &[]).await.unwrap());
    assert!(!bench.store.restore(account.id, None, bench.now, &[], &[]).await.unwrap());
    assert_eq!(bench.store.account(account.id).await.unwrap().unwrap().standing, Standing::Active);
    assert!(bench.store.freeze(account.id, bench.now, &[], &[]).await.unwrap());
    let read = bench.store.account(account.id).await.unwrap().unwrap();
    assert_eq!(read.standing, Standing::Frozen { since: bench.now });
}

async fn a_device_is_known_after_it_signed_in(bench: Bench) {
    let (account, _) = bench.member().await;
    let bench = Arc::new(bench);
    let device = Secret::make(&*bench.chance).digest();
    assert!(!bench.store.is_known_device(account.id, &device).await.unwrap());
    at_once(10, |_| {
        let (bench, account) = (Arc::clone(&bench), account.id);
        async move {
            let session = bench.session(account);
            bench.store.start_session(&session, None, Some(device), bench.now, &[]).await.unwrap();
        }
    })
    .await;
    assert!(bench.store.is_known_device(account.id, &device).await.unwrap());
    let (other, _) = bench.member().await;
    assert!(!bench.store.is_known_device(other.id, &device).await.unwrap());
}

async fn a_corrupt_session_names_its_row(bench: Bench) {
    let (_, session) = bench.member().await;
    bench.behind_its_back("UPDATE sessions SET methods = 'guess'").await;
    let error = bench.store.session_by_cookie(&session.cookie).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("the database holds a broken row: table sessions, column methods, row {}", session.id)
    );
}
