//! The end of an account: sixty days over, or at its owner's word.

use chrono::TimeDelta;
use idp_core::account::{Account, Membership, NewFactors, Standing};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::id::AccountId;
use idp_core::mail::OutgoingMail;
use idp_store::{Registered, Settlement};

use super::bench::LIMITS;
use super::{Bench, at_once, both};

both! {
    a_deletion_can_be_cancelled_until_its_time,
    a_deletion_that_was_asked_for_outlasts_a_suspension,
    a_deletion_in_dispute_is_forgotten,
    an_erased_account_leaves_nothing_personal,
    memberships_end_once,
    memberships_near_their_end_are_found_page_by_page,
    more_time_is_given_to_temporary_members,
}

async fn a_deletion_can_be_cancelled_until_its_time(bench: Bench) {
    let (account, session) = bench.member().await;
    let (grant, _) = bench.redeemed(&session).await;
    let erase_at = bench.now + TimeDelta::days(30);
    let schedule = async || bench.store.schedule_deletion(account.id, erase_at, bench.now, &[], &[]).await.unwrap();
    assert!(schedule().await);
    assert!(!schedule().await);
    let stored = bench.store.account(account.id).await.unwrap().unwrap();
    assert_eq!(stored.standing, Standing::Deleting { erase_at });
    assert!(!bench.store.grant(grant.id).await.unwrap().unwrap().state.gives_tokens());
    assert!(bench.store.sessions_of(account.id, bench.now, LIMITS).await.unwrap().is_empty());
    assert!(!bench.store.cancel_deletion(account.id, erase_at, &[]).await.unwrap());
    let won = at_once(20, |_| {
        let (store, now) = (bench.store.clone(), bench.now);
        async move { store.cancel_deletion(account.id, now, &[]).await.unwrap() }
    })
    .await;
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
    assert_eq!(bench.store.account(account.id).await.unwrap().unwrap().standing, Standing::Active);
}

/// PDPA s.33: whoever asked for deletion does not have to ask again because an officer stopped the account meanwhile.
async fn a_deletion_that_was_asked_for_outlasts_a_suspension(bench: Bench) {
    let (account, _) = bench.member().await;
    let (store, now) = (&bench.store, bench.now);
    let erase_at = now + TimeDelta::days(30);
    let standing = async || store.account(account.id).await.unwrap().unwrap().standing.clone();
    assert!(store.schedule_deletion(account.id, erase_at, now, &[], &[]).await.unwrap());
    assert!(store.suspend(account.id, "x", now, &[], &[]).await.unwrap());
    let event = move |id: AccountId| AuditEvent::new(erase_at, Actor::System, Action::AccountErased).account(id);
    assert!(store.erase_due(erase_at, TimeDelta::zero(), 10, &event).await.unwrap().is_empty(), "an officer looks");
    assert!(store.restore(account.id, None, now, &[], &[]).await.unwrap());
    assert_eq!(standing().await, Standing::Deleting { erase_at });
    // Stopped until long after: the owner has a week in which they can sign in and change their mind.
    assert!(store.suspend(account.id, "x", now, &[], &[]).await.unwrap());
    let late = now + TimeDelta::days(90);
    assert!(store.restore(account.id, None, late, &[], &[]).await.unwrap());
    let erase_at = late + TimeDelta::days(7);
    assert_eq!(standing().await, Standing::Deleting { erase_at });
    assert!(store.cancel_deletion(account.id, late, &[]).await.unwrap());
    assert_eq!(standing().await, Standing::Active);
    // At rest before, at rest again.
    let (resting, _) = bench.member().await;
    assert!(store.restrict(resting.id, now, &[], &[]).await.unwrap());
    assert!(store.schedule_deletion(resting.id, erase_at, now, &[], &[]).await.unwrap());
    assert!(store.suspend(resting.id, "x", now, &[], &[]).await.unwrap());
    assert!(store.restore(resting.id, None, now, &[], &[]).await.unwrap());
    assert!(store.cancel_deletion(resting.id, now, &[]).await.unwrap());
    assert!(matches!(store.account(resting.id).await.unwrap().unwrap().standing, Standing::Restricted { .. }));
}

/// What the owner says was not theirs may have been asking for deletion.
async fn a_deletion_in_dispute_is_forgotten(bench: Bench) {
    let (account, _) = bench.member().await;
    let (store, now) = (&bench.store, bench.now);
    assert!(store.schedule_deletion(account.id, now + TimeDelta::days(30), now, &[], &[]).await.unwrap());
    assert!(store.suspend(account.id, "x", now, &[], &[]).await.unwrap());
    bench.behind_its_back("UPDATE accounts SET disputed_since = 1 WHERE standing = 'suspended'").await;
    let settlement = Settlement { factors: NewFactors::Keep, password: account.password.clone() };
    assert!(store.restore(account.id, Some(settlement), now, &[], &[]).await.unwrap());
    assert_eq!(store.account(account.id).await.unwrap().unwrap().standing, Standing::Active);
}

async fn an_erased_account_leaves_nothing_personal(bench: Bench) {
    let (account, session) = bench.member().await;
    let (other, _) = bench.member().await;
    bench.store.queue_mails(&[bench.mail(account.id, None), bench.mail(other.id, None)]).await.unwrap();
    let erase_at = bench.now + TimeDelta::days(30);
    assert!(bench.store.schedule_deletion(account.id, erase_at, bench.now, &[], &[]).await.unwrap());
    // They came back to think it over.
    let back = bench.signed_in(&account).await;
    let at = erase_at;
    let event = move |id: AccountId| AuditEvent::new(at, Actor::System, Action::AccountErased).account(id);
    let early =
        bench.store.erase_due(erase_at - TimeDelta::milliseconds(1), TimeDelta::zero(), 10, &event).await.unwrap();
    assert!(early.is_empty());
    let erased = at_once(10, |_| {
        let store = bench.store.clone();
        async move { store.erase_due(erase_at, TimeDelta::zero(), 10, &event).await.unwrap() }
    })
    .await;
    assert_eq!(erased.concat(), [account.id]);
    assert_eq!(bench.lines(account.id, Action::AccountErased).await, 1);
    assert!(bench.store.account(account.id).await.unwrap().is_none());
    assert!(bench.store.account_by_email(account.email.key()).await.unwrap().is_none());
    assert!(bench.store.session_by_cookie(&back.cookie).await.unwrap().unwrap().ended_at.is_some());
    assert_eq!(bench.store.session(session.id).await.unwrap().unwrap().device, "");
    assert_eq!(bench.store.outbox_depth().await.unwrap(), 1);
    assert!(bench.store.account(other.id).await.unwrap().is_some());
    assert!(!bench.store.suspend(account.id, "late", erase_at, &[], &[]).await.unwrap());
    // The address is free for somebody else.
    let registration = bench.confirmed(&account.email).await;
    let anew = bench.account(&account.email);
    let session = bench.session(anew.id);
    let done = bench.store.register(&anew, registration, "1", bench.now, &session, None, &[], &[]).await.unwrap();
    assert_eq!(done, Registered::Done);
}

async fn memberships_end_once(bench: Bench) {
    let (account, session) = bench.member().await;
    let (grant, _) = bench.redeemed(&session).await;
    let Membership::Temporary { expires_at } = account.membership else { panic!("temporary") };
    let over = expires_at + TimeDelta::milliseconds(1);
    let mail = bench.mail(account.id, Some("ended"));
    let make = move |account: &Account| {
        let event = AuditEvent::new(over, Actor::System, Action::MembershipEnded).account(account.id);
        (event, OutgoingMail { account_id: Some(account.id), ..mail.clone() })
    };
    assert!(bench.store.end_memberships(expires_at, 10, &make).await.unwrap().is_empty());
    let ended = at_once(10, |_| {
        let (store, make) = (bench.store.clone(), make.clone());
        async move { store.end_memberships(over, 10, &make).await.unwrap() }
    })
    .await;
    assert_eq!(ended.concat(), [account.id]);
    assert_eq!(bench.lines(account.id, Action::MembershipEnded).await, 1);
    assert_eq!(bench.store.outbox_depth().await.unwrap(), 1);
    assert!(!bench.store.grant(grant.id).await.unwrap().unwrap().state.gives_tokens());
    // The session stays: the member may verify or delete.
    assert!(bench.store.session(session.id).await.unwrap().unwrap().ended_at.is_none());
}

async fn more_time_is_given_to_temporary_members(bench: Bench) {
    let (account, _) = bench.member().await;
    let Membership::Temporary { expires_at } = account.membership else { panic!("temporary") };
    let until = expires_at + TimeDelta::days(7);
    assert!(!bench.store.extend_temporary(account.id, expires_at, bench.now, &[], &[]).await.unwrap());
    assert!(bench.store.extend_temporary(account.id, until, bench.now, &[], &[]).await.unwrap());
    let stored = bench.store.account(account.id).await.unwrap().unwrap();
    assert_eq!(stored.membership, Membership::Temporary { expires_at: until });
}

async fn memberships_near_their_end_are_found_page_by_page(bench: Bench) {
    let mut expected = Vec::new();
    for _ in 0..7 {
        expected.push(bench.member().await.0.id);
    }
    let (suspended, _) = bench.member().await;
    bench.store.suspend(suspended.id, "x", bench.now, &[], &[]).await.unwrap();
    expected.sort();
    let (after, before) = (bench.now + TimeDelta::days(59), bench.now + TimeDelta::days(61));
    let mut found = Vec::new();
    loop {
        let page = bench.store.ending_between(after, before, 3, found.last().copied()).await.unwrap();
        if page.is_empty() {
            break;
        }
        found.extend(page.iter().map(|stored| stored.id));
    }
    assert_eq!(found, expected);
    assert!(bench.store.ending_between(before, before + TimeDelta::days(1), 9, None).await.unwrap().is_empty());
}
