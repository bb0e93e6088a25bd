//! Writes that share a transaction stand or fall alone.

use std::sync::Arc;

use idp_core::audit::Action;
use idp_core::secret::Secret;
use idp_store::StoreError;

use super::bench::LIMITS;
use super::bench::UNASKED;
use super::{Bench, at_once, both};

both! {
    a_caller_who_goes_away_leaves_nothing_half_written,
    a_write_that_fails_takes_no_other_with_it,
    many_writes_at_once_all_arrive,
}

async fn a_write_that_fails_takes_no_other_with_it(bench: Bench) {
    let bench = Arc::new(bench);
    let (account, taken) = bench.member().await;
    let outcomes = at_once(60, |n| {
        let (bench, taken) = (Arc::clone(&bench), taken.clone());
        async move {
            let event = bench.event(Action::SignedIn).account(taken.account_id);
            let mut session = bench.session(taken.account_id);
            if n % 3 == 0 {
                // A cookie that is taken: the database refuses.
                session.cookie = taken.cookie;
            }
            match bench.store.start_session(&session, None, None, bench.now, &[event]).await {
                Ok(begun) => begun,
                Err(StoreError::Unavailable(_)) => false,
                Err(other) => panic!("{other:?}"),
            }
        }
    })
    .await;
    for (n, done) in outcomes.iter().enumerate() {
        assert_eq!(*done, n % 3 != 0, "{n}");
    }
    assert_eq!(bench.lines(account.id, Action::SignedIn).await, 40);
    assert_eq!(bench.store.sessions_of(account.id, bench.now, LIMITS).await.unwrap().len(), 41);
    // And a change of one statement among them.
    let grant = bench.grant(&taken);
    bench.store.issue(&grant, UNASKED, bench.now, &[]).await.unwrap();
    let outcomes = at_once(30, |n| {
        let (bench, taken, grant) = (Arc::clone(&bench), taken.clone(), grant.clone());
        async move {
            let mut other = bench.grant(&taken);
            if n % 3 == 0 {
                other.code = grant.code;
            }
            let event = bench.event(Action::CodeIssued).account(taken.account_id);
            bench.store.issue(&other, UNASKED, bench.now, &[event]).await.is_ok()
        }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|done| **done).count(), 20);
    assert_eq!(bench.lines(account.id, Action::CodeIssued).await, 20);
}

async fn many_writes_at_once_all_arrive(bench: Bench) {
    let bench = Arc::new(bench);
    let (_, session) = bench.member().await;
    at_once(200, |_| {
        let (bench, session) = (Arc::clone(&bench), session.clone());
        async move {
            for _ in 0..5 {
                let grant = bench.grant(&session);
                bench.store.issue(&grant, UNASKED, bench.now, &[bench.event(Action::CodeIssued)]).await.unwrap();
                assert!(bench.store.redeem(grant.id, None, bench.now, &[]).await.unwrap());
            }
        }
    })
    .await;
    assert_eq!(bench.store.row_count("grants").await.unwrap(), 1000);
    assert_eq!(bench.store.row_count("audit_log").await.unwrap(), 1000);
}

async fn a_caller_who_goes_away_leaves_nothing_half_written(bench: Bench) {
    let bench = Arc::new(bench);
    let (account, _) = bench.member().await;
    let mut sessions = Vec::new();
    let mut callers = Vec::new();
    for _ in 0..50 {
        let session = bench.session(account.id);
        let device = Secret::make(&*bench.chance).digest();
        sessions.push((session.clone(), device));
        let bench = Arc::clone(&bench);
        callers.push(tokio::spawn(async move {
            let event = bench.event(Action::SignedIn).account(session.account_id).session(session.id);
            bench.store.start_session(&session, None, Some(device), bench.now, &[event]).await
        }));
    }
    for (n, caller) in callers.into_iter().enumerate() {
        for _ in 0..n {
            tokio::task::yield_now().await;
        }
        caller.abort();
    }
    // Whatever was under way is done or undone once a later write is through; on PostgreSQL that takes looking.
    let settled = async || {
        let mut whole = true;
        let lines = bench.store.events_about(account.id, 1000).await.unwrap();
        for (session, device) in &sessions {
            let known = bench.store.is_known_device(account.id, device).await.unwrap();
            let there = bench.store.session(session.id).await.unwrap().is_some();
            let told = lines.iter().any(|line| line.session_id == Some(session.id));
            whole &= known == there && there == told;
        }
        whole
    };
    bench.signed_in(&account).await;
    let waiting = async { while !settled().await {} };
    tokio::time::timeout(std::time::Duration::from_secs(30), waiting).await.unwrap();
}
