//! Verification: limits that parallel attempts cannot pass, and one permanent account for each person.

use std::sync::Arc;

use chrono::TimeDelta;
use idp_core::account::{
    Account, Badge, CaseOutcome, Membership, MembershipState, VerificationCase, VerificationMethod, VerifiedIdentity,
};
use idp_core::audit::Action;
use idp_core::id::{AccountId, CaseId};
use idp_core::secret::Secret;
use idp_core::thai::{BuddhistDate, NationalId, ThaiName};
use idp_store::{CaseLimits, OneTimeLink, Opened, Promotion, PromotionOrder, Store, StoreError, Word};

use super::bench::{Counted, number, options, vault};
use super::{Bench, at_once, both};

both! {
    a_badge_is_withdrawn_once_and_frees_the_number,
    a_case_is_settled_once,
    answers_that_are_no_tries_have_an_end_too,
    a_changed_identity_does_not_open,
    s101_a_number_is_found_under_an_earlier_master_secret,
    limits_hold_for_parallel_attempts,
    of_many_accounts_with_one_number_one_is_promoted,
    one_case_promotes_once,
    only_active_temporary_members_are_promoted,
    tries_are_free_again_when_they_are_old,
}

fn limits(bench: &Bench) -> CaseLimits {
    CaseLimits { per_account: 3, per_number: 5, per_origin: 10, since: bench.now - TimeDelta::hours(24) }
}

pub(super) fn case(bench: &Bench, account: AccountId) -> VerificationCase {
    VerificationCase {
        id: CaseId::make(&*bench.chance),
        account_id: account,
        method: VerificationMethod::CivilRegistry,
        outcome: CaseOutcome::Asked,
        opened_at: bench.now,
        closed_at: None,
    }
}

pub(super) fn identity(number: NationalId) -> VerifiedIdentity {
    VerifiedIdentity {
        number,
        first_name: ThaiName::parse("สมมติ").unwrap(),
        last_name: ThaiName::parse("ตัวอย่าง").unwrap(),
        birth_date: BuddhistDate::from_registry_form("25330000").unwrap(),
    }
}

fn badge(bench: &Bench) -> Badge {
    Badge { method: VerificationMethod::CivilRegistry, ial: "1.2".into(), reference: "R-1".into(), at: bench.now }
}

pub(super) async fn opened(bench: &Bench, account: &Account) -> VerificationCase {
    let case = case(bench, account.id);
    let wide = CaseLimits { per_account: 100, per_number: 1000, per_origin: 1000, ..limits(bench) };
    let index = vault(&[("k1", 1)]).number_index(&number(1));
    assert_eq!(bench.store.open_case(&case, index, "here", wide, &[]).await.unwrap(), Opened::Open);
    case
}

pub(super) async fn promote(bench: &Bench, store: &Store, case: &VerificationCase, number: NationalId) -> Promotion {
    let account = case.account_id;
    let (identity, badge) = (identity(number), badge(bench));
    let link = OneTimeLink {
        digest: Secret::make(&*bench.chance).digest(),
        account_id: account,
        purpose: "not_me".into(),
        expires_at: bench.now + TimeDelta::days(7),
    };
    let (held_event, held_mail) =
        (bench.event(Action::IdentityDisputed).account(account), bench.mail(account, Some("held")));
    let order = PromotionOrder {
        case_id: case.id,
        account_id: account,
        identity: &identity,
        badge: &badge,
        since: bench.now,
        links: &[link],
        held_events: &[held_event],
        held_mails: &[held_mail],
        word: Word::Registry { held: None },
    };
    let event = bench.event(Action::BadgeGranted).account(account);
    let mail = bench.mail(account, Some("badge"));
    store.promote(order, bench.now, &[event], &[mail]).await.unwrap()
}

async fn limits_hold_for_parallel_attempts(bench: Bench) {
    let bench = Arc::new(bench);
    let (account, _) = bench.member().await;
    let outcomes = at_once(20, |_| {
        let (bench, account) = (Arc::clone(&bench), account.clone());
        async move {
            let case = case(&bench, account.id);
            let event = bench.event(Action::VerificationAsked).account(account.id);
            bench.store.open_case(&case, [1; 32], "here", limits(&bench), &[event]).await.unwrap()
        }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Opened::Open).count(), 3);
    let again_at = bench.now + TimeDelta::hours(24);
    assert!(outcomes.iter().filter(|o| **o != Opened::Open).all(|o| *o == Opened::TooMany { again_at }));
    assert_eq!(bench.store.row_count("verification_cases").await.unwrap(), 3);
    assert_eq!(bench.lines(account.id, Action::VerificationAsked).await, 3);
    assert_eq!(bench.store.tries_left(account.id, limits(&bench)).await.unwrap(), 0);

    // The number has two tries left, whoever makes them, and then the place has five.
    let outcomes = at_once(20, |_| {
        let bench = Arc::clone(&bench);
        async move {
            let (account, _) = bench.member().await;
            let case = case(&bench, account.id);
            bench.store.open_case(&case, [1; 32], "here", limits(&bench), &[]).await.unwrap()
        }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Opened::Open).count(), 2);
    let outcomes = at_once(20, |n| {
        let bench = Arc::clone(&bench);
        async move {
            let (account, _) = bench.member().await;
            let case = case(&bench, account.id);
            let index = [u8::try_from(n).unwrap() + 2; 32];
            bench.store.open_case(&case, index, "here", limits(&bench), &[]).await.unwrap()
        }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Opened::Open).count(), 5);
}

async fn tries_are_free_again_when_they_are_old(bench: Bench) {
    let (account, _) = bench.member().await;
    for minutes in [0, 10, 20] {
        let case = VerificationCase { opened_at: bench.now + TimeDelta::minutes(minutes), ..case(&bench, account.id) };
        assert_eq!(bench.store.open_case(&case, [1; 32], "here", limits(&bench), &[]).await.unwrap(), Opened::Open);
    }
    let at = async |minutes: i64| {
        let now = bench.now + TimeDelta::minutes(minutes);
        let case = VerificationCase { opened_at: now, ..case(&bench, account.id) };
        let limits = CaseLimits { since: now - TimeDelta::hours(24), ..limits(&bench) };
        bench.store.open_case(&case, [1; 32], "here", limits, &[]).await.unwrap()
    };
    let again_at = bench.now + TimeDelta::hours(24);
    assert_eq!(at(30).await, Opened::TooMany { again_at });
    assert_eq!(at(24 * 60 + 1).await, Opened::Open);
    assert_eq!(at(24 * 60 + 2).await, Opened::TooMany { again_at: again_at + TimeDelta::minutes(10) });
}

async fn answers_that_are_no_tries_have_an_end_too(bench: Bench) {
    let (account, _) = bench.member().await;
    let ask = async |minutes: i64, outcome: CaseOutcome| {
        let now = bench.now + TimeDelta::minutes(minutes);
        let case = VerificationCase { opened_at: now, ..case(&bench, account.id) };
        let limits = CaseLimits { since: now - TimeDelta::hours(24), ..limits(&bench) };
        let opened = bench.store.open_case(&case, [1; 32], "here", limits, &[]).await.unwrap();
        bench.store.settle_case(case.id, outcome, now, &[]).await.unwrap();
        opened
    };
    // Four for each of the three tries; an outage is none.
    for minute in 0..12 {
        assert_eq!(ask(minute, CaseOutcome::Unavailable).await, Opened::Open, "{minute}");
        assert_eq!(ask(minute, CaseOutcome::CardInvalid).await, Opened::Open, "{minute}");
    }
    let again_at = bench.now + TimeDelta::hours(24);
    assert_eq!(ask(12, CaseOutcome::Incomplete).await, Opened::TooMany { again_at });
    assert_eq!(ask(24 * 60 + 1, CaseOutcome::Incomplete).await, Opened::Open);
}

async fn a_case_is_settled_once(bench: Bench) {
    let (account, _) = bench.member().await;
    let case = opened(&bench, &account).await;
    assert_eq!(bench.store.tries_left(account.id, limits(&bench)).await.unwrap(), 2);
    let event = bench.event(Action::VerificationSettled).account(account.id);
    let settled = at_once(20, |_| {
        let (store, now, event) = (bench.store.clone(), bench.now, event.clone());
        async move { store.settle_case(case.id, CaseOutcome::Unavailable, now, &[event]).await.unwrap() }
    })
    .await;
    assert_eq!(settled.iter().filter(|settled| **settled).count(), 1);
    assert_eq!(bench.lines(account.id, Action::VerificationSettled).await, 1);
    // An outage is not a try.
    assert_eq!(bench.store.tries_left(account.id, limits(&bench)).await.unwrap(), 3);
    assert_eq!(promote(&bench, &bench.store, &case, number(1)).await, Promotion::CaseClosed);
    assert!(bench.store.account(account.id).await.unwrap().unwrap().badge().is_none());
}

async fn of_many_accounts_with_one_number_one_is_promoted(bench: Bench) {
    let bench = Arc::new(bench);
    let mut cases = Vec::new();
    for _ in 0..20 {
        let (account, _) = bench.member().await;
        // In the cache before the race.
        bench.store.account(account.id).await.unwrap();
        cases.push(opened(&bench, &account).await);
    }
    let outcomes = at_once(20, |n| {
        let (bench, case) = (Arc::clone(&bench), cases[n].clone());
        async move { promote(&bench, &bench.store, &case, number(7)).await }
    })
    .await;
    let winner = outcomes.iter().position(|outcome| *outcome == Promotion::Promoted).unwrap();
    let holder = cases[winner].account_id;
    for (case, outcome) in cases.iter().zip(&outcomes) {
        let stored = bench.store.account(case.account_id).await.unwrap().unwrap();
        if case.account_id == holder {
            assert_eq!(*outcome, Promotion::Promoted);
            assert_eq!(stored.membership, Membership::Permanent { since: bench.now, badge: badge(&bench) });
            assert_eq!(bench.lines(case.account_id, Action::BadgeGranted).await, 1);
        } else {
            assert_eq!(*outcome, Promotion::HeldByOther { holder });
            assert!(stored.badge().is_none());
            assert_eq!(bench.lines(case.account_id, Action::BadgeGranted).await, 0);
            assert_eq!(bench.lines(case.account_id, Action::IdentityDisputed).await, 1);
            assert!(bench.store.identity(case.account_id).await.unwrap().is_none());
        }
    }
    assert_eq!(bench.store.row_count("identities").await.unwrap(), 1);
    assert_eq!(bench.store.row_count("links").await.unwrap(), 1);
    assert_eq!(bench.store.outbox_depth().await.unwrap(), 20);
    let kept = bench.store.identity(holder).await.unwrap().unwrap();
    assert_eq!(kept.number.digits(), number(7).digits());
    assert_eq!(kept.first_name.as_str(), "สมมติ");
    assert_eq!(kept.birth_date.registry_form(), "25330000");
}

async fn one_case_promotes_once(bench: Bench) {
    let bench = Arc::new(bench);
    let (account, _) = bench.member().await;
    let case = opened(&bench, &account).await;
    let outcomes = at_once(20, |_| {
        let (bench, case) = (Arc::clone(&bench), case.clone());
        async move { promote(&bench, &bench.store, &case, number(3)).await }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Promotion::Promoted).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Promotion::CaseClosed).count(), 19);
    assert_eq!(bench.lines(account.id, Action::BadgeGranted).await, 1);
}

async fn only_active_temporary_members_are_promoted(bench: Bench) {
    let (account, _) = bench.member().await;
    let case = opened(&bench, &account).await;
    assert!(bench.store.freeze(account.id, bench.now, &[], &[]).await.unwrap());
    assert_eq!(promote(&bench, &bench.store, &case, number(1)).await, Promotion::NotTemporary);
    // Nothing was written: the attempt is still open.
    assert!(bench.store.restore(account.id, None, bench.now, &[], &[]).await.unwrap());
    assert_eq!(promote(&bench, &bench.store, &case, number(1)).await, Promotion::Promoted);
    let again = opened(&bench, &account).await;
    assert_eq!(promote(&bench, &bench.store, &again, number(1)).await, Promotion::NotTemporary);
    assert_eq!(promote(&bench, &bench.store, &again, number(2)).await, Promotion::NotTemporary);
}

async fn s101_a_number_is_found_under_an_earlier_master_secret(bench: Bench) {
    let (first, _) = bench.member().await;
    let case = opened(&bench, &first).await;
    assert_eq!(promote(&bench, &bench.store, &case, number(5)).await, Promotion::Promoted);
    // A new master secret comes first; the old one stays in the key file.
    let mut newer = options(&bench.url, Arc::new(Counted::from(5_000_000)));
    newer.vault = vault(&[("k2", 2), ("k1", 1)]);
    let newer = Store::open(newer).await.unwrap();
    let (second, _) = bench.member().await;
    let case = opened(&bench, &second).await;
    let held = Promotion::HeldByOther { holder: first.id };
    assert_eq!(promote(&bench, &newer, &case, number(5)).await, held);
    assert_eq!(newer.identity(first.id).await.unwrap().unwrap().number.digits(), number(5).digits());

    // While nodes with both key files run, one person still gets one account.
    let bench = Arc::new(bench);
    let mut cases = Vec::new();
    for _ in 0..10 {
        let (account, _) = bench.member().await;
        cases.push(opened(&bench, &account).await);
    }
    let outcomes = at_once(10, |n| {
        let (bench, case, newer) = (Arc::clone(&bench), cases[n].clone(), newer.clone());
        async move {
            let store = if n % 2 == 0 { &bench.store } else { &newer };
            promote(&bench, store, &case, number(6)).await
        }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Promotion::Promoted).count(), 1, "{outcomes:?}");
    newer.close().await;
}

async fn a_badge_is_withdrawn_once_and_frees_the_number(bench: Bench) {
    let (account, session) = bench.member().await;
    let case = opened(&bench, &account).await;
    assert_eq!(promote(&bench, &bench.store, &case, number(4)).await, Promotion::Promoted);
    let (grant, _) = bench.redeemed(&session).await;
    let event = bench.event(Action::BadgeWithdrawn).account(account.id);
    let until = bench.now + TimeDelta::days(60);
    let done = at_once(20, |_| {
        let (store, now, event) = (bench.store.clone(), bench.now, event.clone());
        async move { store.withdraw_badge(account.id, until, now, &[event], &[]).await.unwrap() }
    })
    .await;
    assert_eq!(done.iter().filter(|done| **done).count(), 1);
    assert_eq!(bench.lines(account.id, Action::BadgeWithdrawn).await, 1);
    let stored = bench.store.account(account.id).await.unwrap().unwrap();
    assert_eq!(stored.membership, Membership::Temporary { expires_at: until });
    assert!(matches!(stored.membership.state(bench.now), MembershipState::Temporary { .. }));
    assert!(!bench.store.grant(grant.id).await.unwrap().unwrap().state.gives_tokens());
    assert!(bench.store.session(session.id).await.unwrap().unwrap().ended_at.is_none());
    let (other, _) = bench.member().await;
    let case = opened(&bench, &other).await;
    assert_eq!(promote(&bench, &bench.store, &case, number(4)).await, Promotion::Promoted);
}

async fn a_changed_identity_does_not_open(bench: Bench) {
    let (account, _) = bench.member().await;
    let case = opened(&bench, &account).await;
    promote(&bench, &bench.store, &case, number(1)).await;
    let sealed = if bench.is_sqlite() { "x'0102'" } else { "'\\x0102'" };
    bench.behind_its_back(&format!("UPDATE identities SET sealed = {sealed}")).await;
    assert!(matches!(bench.store.identity(account.id).await, Err(StoreError::Seal(_))));
}
