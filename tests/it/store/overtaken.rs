//! What is under way when everything ends: a sign-in by an older password, a session made stronger, a factor set up. Each
//! takes turns with whatever ends it, so that nothing begun before is there afterwards.

use chrono::TimeDelta;
use idp_core::id::{PasskeyId, SessionId};
use idp_core::passkey::{CredentialId, CredentialState, Passkey, PasskeyName};
use idp_core::password::PasswordHash;
use idp_core::secret::Secret;
use idp_core::session::{Session, SessionEnd};
use idp_store::{
    Ending, FactorChange, NewPassword, NewTotp, OneTimeLink, PasskeyAdded, Promotion, RECOVERY, SignInOrder, Store,
    TotpAdded,
};
use tokio::task::JoinSet;

use super::bench::number;
use super::verification::{opened, promote};
use super::{Bench, both};

both! {
    a_factor_is_set_up_in_a_session_that_lives,
    nobody_comes_through_a_door_that_was_closed_meanwhile,
    s052_nobody_is_signed_in_by_a_password_that_was_another_one_meanwhile,
    nobody_is_signed_in_to_an_account_that_was_stopped_meanwhile,
}

fn order(session: &Session, password: Option<PasswordHash>) -> SignInOrder {
    SignInOrder {
        session: session.clone(),
        password,
        replaces: None,
        device: None,
        line: None,
        completes: None,
        links: Vec::new(),
        notices: Vec::new(),
        events: Vec::new(),
    }
}

/// Two nodes where there can be two.
async fn nodes(bench: &Bench) -> [Store; 2] {
    match bench.is_sqlite() {
        true => [bench.store.clone(), bench.store.clone()],
        false => [bench.store.clone(), bench.another_node().await],
    }
}

/// The sessions that live.
async fn alive(bench: &Bench, sessions: &[Session]) -> Vec<SessionId> {
    let mut alive = Vec::new();
    for session in sessions {
        let found = bench.store.session(session.id).await.unwrap();
        alive.extend(found.filter(|found| found.ended_at.is_none()).map(|found| found.id));
    }
    alive
}

async fn s052_nobody_is_signed_in_by_a_password_that_was_another_one_meanwhile(bench: Bench) {
    let nodes = nodes(&bench).await;
    let mut in_time = 0;
    for _ in 0..20 {
        let (account, first) = bench.member().await;
        let secret = Secret::make(&*bench.chance);
        let link = OneTimeLink {
            digest: secret.digest(),
            account_id: account.id,
            purpose: RECOVERY.to_owned(),
            expires_at: bench.now + TimeDelta::minutes(30),
        };
        bench.store.order_recovery(&link, &[], &[]).await.unwrap();
        let old = account.password.clone();
        let new = PasswordHash::stored(&old.as_str().replace("AAAA", "BBBB")).expect("the form of a hash");
        assert!(old != new);
        let sessions: Vec<Session> = (0..12).map(|_| bench.session(account.id)).collect();
        let mut tasks = JoinSet::new();
        for (turn, session) in sessions.iter().enumerate() {
            let (node, now) = (nodes[turn % 2].clone(), bench.now);
            let order = order(session, Some(old.clone()));
            // Every third makes the session stronger that was there before.
            let step_up = (turn % 3 == 2).then_some((session.clone(), first.id));
            tasks.spawn(async move {
                match step_up {
                    Some((session, first)) => node.step_session_up(&session, first, now, &[]).await.unwrap(),
                    None => node.sign_in(order, now).await.unwrap(),
                }
            });
        }
        let (node, now, id) = (nodes[1].clone(), bench.now, account.id);
        let recovery = tokio::spawn(async move {
            let new =
                NewPassword { account_id: id, hash: new, device: None, links: vec![], events: vec![], mails: vec![] };
            node.recover_password(&link.digest, new, now).await.unwrap()
        });
        in_time += tasks.join_all().await.into_iter().filter(|begun| *begun).count();
        assert!(recovery.await.unwrap());
        assert_eq!(alive(&bench, &sessions).await, [], "of {in_time} that began");
        assert_eq!(alive(&bench, std::slice::from_ref(&first)).await, []);
        // And none begins afterwards.
        assert!(!bench.store.sign_in(order(&bench.session(account.id), Some(old)), bench.now).await.unwrap());
    }
    assert!(in_time > 0, "some were in time, and ended with the rest");
}

/// The door of ThaID is closed in one session while others come in by it, on two nodes: only that session lives afterwards.
async fn nobody_comes_through_a_door_that_was_closed_meanwhile(bench: Bench) {
    let nodes = nodes(&bench).await;
    for round in 0..20 {
        let (account, own) = bench.member().await;
        let case = opened(&bench, &account).await;
        let number = number(1_000 + round);
        assert_eq!(promote(&bench, &bench.store, &case, number.clone()).await, Promotion::Promoted);
        let sessions: Vec<Session> = (0..8).map(|_| bench.session(account.id)).collect();
        let mut tasks = JoinSet::new();
        for (turn, session) in sessions.iter().enumerate() {
            let (node, now, order, number) = (nodes[turn % 2].clone(), bench.now, order(session, None), number.clone());
            tasks.spawn(async move { node.sign_in_by_number(order, &number, now).await.unwrap() });
        }
        let (node, now) = (nodes[1].clone(), bench.now);
        let change = FactorChange {
            account_id: account.id,
            kept: own.id,
            device: None,
            links: Vec::new(),
            events: Vec::new(),
            mails: Vec::new(),
        };
        let closed = tokio::spawn(async move { node.close_thaid(change, now).await.unwrap() });
        tasks.join_all().await;
        assert!(closed.await.unwrap());
        assert_eq!(alive(&bench, &sessions).await, []);
        assert_eq!(alive(&bench, std::slice::from_ref(&own)).await, [own.id]);
        let late = bench.session(account.id);
        assert!(!bench.store.sign_in_by_number(order(&late, None), &number, bench.now).await.unwrap());
    }
}

async fn nobody_is_signed_in_to_an_account_that_was_stopped_meanwhile(bench: Bench) {
    let (account, _) = bench.member().await;
    assert!(bench.store.suspend(account.id, "a test", bench.now, &[], &[]).await.unwrap());
    let late = bench.session(account.id);
    for password in [None, Some(account.password.clone())] {
        assert!(!bench.store.sign_in(order(&late, password), bench.now).await.unwrap());
    }
    assert!(bench.store.session(late.id).await.unwrap().is_none());
}

async fn a_factor_is_set_up_in_a_session_that_lives(bench: Bench) {
    let (account, session) = bench.member().await;
    let (store, now) = (&bench.store, bench.now);
    let change = || FactorChange {
        account_id: account.id,
        kept: session.id,
        device: None,
        links: Vec::new(),
        events: Vec::new(),
        mails: Vec::new(),
    };
    let passkey = |credential: u8| Passkey {
        id: PasskeyId::make(&*bench.chance),
        account_id: account.id,
        credential_id: CredentialId::new(vec![credential; 16]).unwrap(),
        name: PasskeyName::parse("a test").unwrap(),
        state: CredentialState { key: "{}".to_owned(), counter: 0, backed_up: false },
        created_at: now,
        last_used_at: None,
    };
    let totp = || NewTotp { sealed: vec![7; 16], step: 1 };
    let own = passkey(1);
    assert_eq!(store.add_passkey(&own, &[], change(), now).await.unwrap(), PasskeyAdded::Done { first: true });
    // The owner signs everybody out; whoever is about to set something up comes too late.
    store.end_sessions(Ending::Account(account.id), SessionEnd::SignedOutEverywhere, now, &[], &[]).await.unwrap();
    assert_eq!(store.add_passkey(&passkey(2), &[], change(), now).await.unwrap(), PasskeyAdded::Gone);
    assert_eq!(store.add_totp(totp(), &[], change(), now).await.unwrap(), TotpAdded::Gone);
    assert!(!store.replace_recovery_codes(&[], change(), now).await.unwrap());
    assert!(!store.remove_passkey(own.id, change(), now).await.unwrap());
    assert!(!store.remove_totp(change(), now).await.unwrap());
    assert!(!store.close_thaid(change(), now).await.unwrap());
    assert_eq!(store.passkeys_of(account.id).await.unwrap().len(), 1);
    assert!(store.factors(account.id).await.unwrap().totp.is_none());
}
