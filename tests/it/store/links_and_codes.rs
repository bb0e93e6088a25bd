//! One-time links, and codes mailed to members.

use chrono::TimeDelta;
use idp_core::account::{Badge, CaseOutcome, CodeState, VerificationCase, VerificationMethod, VerifiedIdentity};
use idp_core::audit::Action;
use idp_core::email::EmailAddress;
use idp_core::id::{AccountId, CaseId};
use idp_core::secret::{Digest, Secret};
use idp_core::thai::{BuddhistDate, ThaiName};
use idp_store::{CaseLimits, OneTimeLink, PromotionOrder, Word};

use super::bench::number;
use super::{Bench, at_once, both};

both! {
    a_link_is_redeemed_once,
    a_link_is_good_for_its_purpose_and_time,
    a_mailed_code_is_confirmed_once,
    guesses_at_a_mailed_code_are_counted_before_they_are_compared,
}

/// Links come with a promotion.
async fn linked(bench: &Bench) -> (AccountId, Digest) {
    let (account, _) = bench.member().await;
    let case = VerificationCase {
        id: CaseId::make(&*bench.chance),
        account_id: account.id,
        method: VerificationMethod::CivilRegistry,
        outcome: CaseOutcome::Asked,
        opened_at: bench.now,
        closed_at: None,
    };
    let limits = CaseLimits { per_account: 9, per_number: 9, per_origin: 9, since: bench.now };
    bench.store.open_case(&case, [1; 32], "here", limits, &[]).await.unwrap();
    let digest = Secret::make(&*bench.chance).digest();
    let links = [OneTimeLink {
        digest,
        account_id: account.id,
        purpose: "not_me".into(),
        expires_at: bench.now + TimeDelta::days(7),
    }];
    let order = PromotionOrder {
        case_id: case.id,
        account_id: account.id,
        identity: &VerifiedIdentity {
            number: number(1),
            first_name: ThaiName::parse("สมมติ").unwrap(),
            last_name: ThaiName::parse("ตัวอย่าง").unwrap(),
            birth_date: BuddhistDate::from_registry_form("25330520").unwrap(),
        },
        badge: &Badge {
            method: VerificationMethod::CivilRegistry,
            ial: "1.2".into(),
            reference: "R".into(),
            at: bench.now,
        },
        since: bench.now,
        links: &links,
        held_events: &[],
        held_mails: &[],
        word: Word::Registry { held: None },
    };
    bench.store.promote(order, bench.now, &[], &[]).await.unwrap();
    (account.id, digest)
}

async fn a_link_is_redeemed_once(bench: Bench) {
    let (account, digest) = linked(&bench).await;
    assert_eq!(bench.store.peek_link(&digest, "not_me", bench.now).await.unwrap(), Some(account));
    let event = bench.event(Action::IdentityDisputed).account(account);
    let redeemed = at_once(40, |_| {
        let (store, now, event) = (bench.store.clone(), bench.now, event.clone());
        async move { store.dispute_deed(&digest, "not_me", TimeDelta::days(30), now, &[event]).await.unwrap() }
    })
    .await;
    assert_eq!(redeemed.iter().filter(|once| **once).count(), 1);
    assert_eq!(bench.lines(account, Action::IdentityDisputed).await, 1);
    assert_eq!(bench.store.peek_link(&digest, "not_me", bench.now).await.unwrap(), None);
}

async fn a_link_is_good_for_its_purpose_and_time(bench: Bench) {
    let (_, digest) = linked(&bench).await;
    let late = bench.now + TimeDelta::days(7);
    for (digest, purpose, now) in
        [(digest, "other", bench.now), (digest, "not_me", late), (Digest([9; 32]), "not_me", bench.now)]
    {
        assert_eq!(bench.store.peek_link(&digest, purpose, now).await.unwrap(), None);
        assert!(!bench.store.dispute_deed(&digest, purpose, TimeDelta::days(30), now, &[]).await.unwrap());
    }
}

async fn a_mailed_code_is_confirmed_once(bench: Bench) {
    let (account, _) = bench.member().await;
    let (id, now) = (account.id, bench.now);
    let mailbox = EmailAddress::parse("somchai@moc.go.th").unwrap();
    let code = CodeState::sent(&Secret::presented("123456"), &id.to_string(), now);
    let mail = bench.mail(id, None);
    bench.store.put_code(id, "staff", &mailbox, &code, now, &[], &[mail]).await.unwrap();
    assert_eq!(bench.store.outbox_depth().await.unwrap(), 1);
    let (address, waiting) = bench.store.waiting_code(id, "staff").await.unwrap().unwrap();
    assert_eq!((address.as_str(), waiting), ("somchai@moc.go.th", code));
    assert!(bench.store.confirmed_address(id, "staff", now).await.unwrap().is_none());
    let event = bench.event(Action::EmailConfirmed).account(id);
    let confirmed = at_once(30, |_| {
        let (store, event) = (bench.store.clone(), event.clone());
        async move { store.confirm_code(id, "staff", &code.digest, now, &[event]).await.unwrap() }
    })
    .await;
    assert_eq!(confirmed.iter().filter(|confirmed| **confirmed).count(), 1);
    assert_eq!(bench.lines(id, Action::EmailConfirmed).await, 1);
    let proven = bench.store.confirmed_address(id, "staff", now).await.unwrap().unwrap();
    assert_eq!(proven.as_str(), "somchai@moc.go.th");
    assert!(bench.store.confirmed_address(id, "staff", now + TimeDelta::seconds(1)).await.unwrap().is_none());
    assert!(bench.store.waiting_code(id, "staff").await.unwrap().is_none());
    assert!(bench.store.take_code_guess(id, "staff", now).await.unwrap().is_none());
    // A fresh code begins anew, and the proof is gone.
    let fresh = CodeState::sent(&Secret::presented("654321"), &id.to_string(), now);
    bench.store.put_code(id, "staff", &mailbox, &fresh, now, &[], &[]).await.unwrap();
    assert!(bench.store.confirmed_address(id, "staff", now).await.unwrap().is_none());
    assert!(!bench.store.confirm_code(id, "staff", &code.digest, now, &[]).await.unwrap());
}

async fn guesses_at_a_mailed_code_are_counted_before_they_are_compared(bench: Bench) {
    let (account, _) = bench.member().await;
    let (id, now) = (account.id, bench.now);
    let code = CodeState::sent(&Secret::presented("123456"), &id.to_string(), now);
    bench.store.put_code(id, "staff", &bench.fresh_email(), &code, now, &[], &[]).await.unwrap();
    let mut counts = at_once(30, |_| {
        let store = bench.store.clone();
        async move { store.take_code_guess(id, "staff", now).await.unwrap().unwrap().1.attempts }
    })
    .await;
    counts.sort_unstable();
    assert_eq!(counts, (1..=30).collect::<Vec<_>>());
    assert!(bench.store.take_code_guess(id, "other", now).await.unwrap().is_none());
}
