//! Finding and listing members, and verifications that an officer looks at.

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::{
    Account, Badge, CaseOutcome, DeclineReason, ReviewEvidence, ReviewKind, ReviewState, Sought, VerificationCase,
    VerificationMethod, VerifiedIdentity,
};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::email::EmailAddress;
use idp_core::id::{AccountId, CaseId, ClientId, ReviewId};
use idp_core::thai::{BuddhistDate, LatinName, ThaiName};
use idp_store::{CaseLimits, MemberList, NewReview, Opened, Promotion, PromotionOrder, Registered, ReviewList, Word};

use super::bench::number;
use super::{Bench, at_once, both};

both! {
    members_are_found_by_name_and_address,
    every_list_is_read_page_by_page,
    members_of_before_there_were_words_are_folded,
    an_erased_member_is_found_no_more,
    s098_a_held_number_waits_for_an_officer,
    nobody_decides_what_is_about_themselves,
    an_officer_promotes_once,
    what_a_review_rests_on_is_forgotten,
}

/// A member called so.
async fn called(bench: &Bench, email: &str, first: &str, last: &str) -> Account {
    let email = EmailAddress::parse(email).unwrap();
    let registration = bench.confirmed(&email).await;
    let mut account = bench.account(&email);
    account.profile.first_name = ThaiName::parse(first).unwrap();
    account.profile.last_name = ThaiName::parse(last).unwrap();
    let session = bench.session(account.id);
    let done = bench.store.register(&account, registration, "1", bench.now, &session, None, &[], &[]).await.unwrap();
    assert_eq!(done, Registered::Done);
    account
}

async fn found(bench: &Bench, typed: &str) -> Vec<AccountId> {
    let list = match Sought::parse(typed).unwrap() {
        Sought::Word(prefix) => MemberList::Called(prefix),
        Sought::Account(_) => panic!("{typed} is an id"),
    };
    all(bench, &list, 2, bench.now).await
}

/// Every page of a list.
async fn all(bench: &Bench, list: &MemberList, limit: u64, now: DateTime<Utc>) -> Vec<AccountId> {
    let (mut after, mut members) = (None, Vec::new());
    loop {
        let page = bench.store.members(list, after.as_ref(), limit, now).await.unwrap();
        assert!(page.members.len() as u64 <= limit);
        members.extend(page.members.iter().map(|member| member.id));
        match page.next {
            Some(next) => after = Some(next),
            None => return members,
        }
    }
}

async fn members_are_found_by_name_and_address(bench: Bench) {
    let ana = called(&bench, "Ana.One@example.com", "สมชาย", "น้ำใจ").await;
    let ben = called(&bench, "ben@example.com", "สมชาย", "ใจดี").await;
    // Both her names begin alike: she is listed once.
    let cat = called(&bench, "ana.two@example.com", "สมใจ", "สมหวัง").await;
    for (typed, expected) in [
        ("สมชาย", vec![ben.id, ana.id]),
        ("สม", vec![ben.id, ana.id, cat.id]),
        ("น\u{e4d}\u{e49}\u{e32}ใจ", vec![ana.id]),
        ("ใจดี สมชาย", vec![ben.id]),
        ("นาย สมชาย ใจดี", vec![ben.id]),
        ("ana.one@EXAMPLE.com", vec![ana.id]),
        ("ben@", vec![ben.id]),
        ("ไม่มีใคร", vec![]),
    ] {
        let mut found = found(&bench, typed).await;
        let mut expected = expected;
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{typed}");
    }
    assert_eq!(bench.store.holder_of(&number(1)).await.unwrap(), None);
    promoted(&bench, &ana, 1).await;
    assert_eq!(bench.store.holder_of(&number(1)).await.unwrap(), Some(ana.id));
    // She is called as the registry knows her now.
    assert_eq!(found(&bench, "น้ำใจ").await, []);
    assert_eq!(found(&bench, "ตัวอย่าง สมมติ").await, [ana.id]);
}

async fn every_list_is_read_page_by_page(bench: Bench) {
    let mut members = Vec::new();
    for n in 0..7 {
        members.push(called(&bench, &format!("m{n}@example.com"), "สมมติ", "ตัวอย่าง").await);
    }
    let ids = |of: &[usize]| of.iter().map(|n| members[*n].id).collect::<Vec<_>>();
    promoted(&bench, &members[0], 1).await;
    assert!(bench.store.suspend(members[1].id, "test", bench.now, &[], &[]).await.unwrap());
    assert!(bench.store.freeze(members[2].id, bench.now, &[], &[]).await.unwrap());
    let erase_at = bench.now + TimeDelta::days(30);
    assert!(bench.store.schedule_deletion(members[3].id, erase_at, bench.now, &[], &[]).await.unwrap());
    assert!(bench.store.restrict(members[5].id, bench.now, &[], &[]).await.unwrap());
    let late = bench.now + TimeDelta::days(80);
    assert!(bench.store.extend_temporary(members[4].id, late, bench.now, &[], &[]).await.unwrap());
    let later = bench.now + TimeDelta::days(70);
    for (list, now, expected) in [
        (MemberList::All, bench.now, ids(&[0, 1, 2, 3, 4, 5, 6])),
        (MemberList::Permanent, bench.now, ids(&[0])),
        (MemberList::Temporary, bench.now, ids(&[1, 2, 3, 4, 5, 6])),
        (MemberList::Ended, bench.now, vec![]),
        (MemberList::Temporary, later, ids(&[4])),
        (MemberList::Ended, later, ids(&[1, 2, 3, 5, 6])),
        (MemberList::Suspended, bench.now, ids(&[1])),
        (MemberList::Frozen, bench.now, ids(&[2])),
        (MemberList::Resting, bench.now, ids(&[5])),
        (MemberList::Deleting, bench.now, ids(&[3])),
        (MemberList::Of(ClientId::parse("rp").unwrap()), bench.now, vec![]),
    ] {
        for limit in [1, 2, 3, 100] {
            let mut listed = all(&bench, &list, limit, now).await;
            let mut expected = expected.clone();
            listed.sort_unstable();
            expected.sort_unstable();
            assert_eq!(listed, expected, "{list:?} by {limit}");
        }
    }
    // The order is the list's: the soonest end first.
    assert_eq!(all(&bench, &MemberList::Temporary, 4, bench.now).await.last(), Some(&members[4].id));
}

async fn members_of_before_there_were_words_are_folded(bench: Bench) {
    let ana = called(&bench, "ana@example.com", "สมชาย", "ใจดี").await;
    bench.behind_its_back("DELETE FROM member_words").await;
    bench.behind_its_back("UPDATE accounts SET words_of = NULL").await;
    assert_eq!(found(&bench, "สมชาย").await, []);
    assert_eq!(bench.store.fold_members(10).await.unwrap(), 1);
    assert_eq!(bench.store.fold_members(10).await.unwrap(), 0);
    assert_eq!(found(&bench, "สมชาย").await, [ana.id]);
    // Whatever changes an account leaves a later moment behind; the round looks again.
    let mut profile = ana.profile.clone();
    profile.first_name_en = Some(LatinName::parse("Somchai").unwrap());
    let json = serde_json::to_string(&profile).unwrap();
    bench.behind_its_back(&format!("UPDATE accounts SET profile = '{json}', updated_at = updated_at + 1")).await;
    assert_eq!(bench.store.fold_members(10).await.unwrap(), 1);
    assert_eq!(found(&bench, "somchai").await, [ana.id]);
}

async fn an_erased_member_is_found_no_more(bench: Bench) {
    let ana = called(&bench, "ana@example.com", "สมชาย", "ใจดี").await;
    asked(&bench, &ana, 1).await;
    let erase_at = bench.now + TimeDelta::days(30);
    assert!(bench.store.schedule_deletion(ana.id, erase_at, bench.now, &[], &[]).await.unwrap());
    let event = move |id: AccountId| AuditEvent::new(erase_at, Actor::System, Action::AccountErased).account(id);
    assert_eq!(bench.store.erase_due(erase_at, TimeDelta::days(30), 10, &event).await.unwrap(), [ana.id]);
    assert_eq!(found(&bench, "สมชาย").await, []);
    assert_eq!(all(&bench, &MemberList::All, 10, bench.now).await, []);
    assert_eq!(bench.store.row_count("member_words").await.unwrap(), 0);
    assert_eq!(bench.store.fold_members(10).await.unwrap(), 0);
}

const WIDE: u32 = 1_000;

async fn asked(bench: &Bench, account: &Account, n: u32) -> CaseId {
    let case = VerificationCase {
        id: CaseId::make(&*bench.chance),
        account_id: account.id,
        method: VerificationMethod::CivilRegistry,
        outcome: CaseOutcome::Asked,
        opened_at: bench.now,
        closed_at: None,
    };
    let limits =
        CaseLimits { per_account: WIDE, per_number: WIDE, per_origin: WIDE, since: bench.now - TimeDelta::hours(24) };
    let mut index = [0; 32];
    index[0] = u8::try_from(n % 256).unwrap();
    let opened = bench.store.open_case(&case, index, "192.0.2.1", limits, &[]).await.unwrap();
    assert_eq!(opened, Opened::Open);
    case.id
}

fn identity(n: u32) -> VerifiedIdentity {
    VerifiedIdentity {
        number: number(n),
        first_name: ThaiName::parse("สมมติ").unwrap(),
        last_name: ThaiName::parse("ตัวอย่าง").unwrap(),
        birth_date: BuddhistDate::from_registry_form("25330520").unwrap(),
    }
}

fn badge(bench: &Bench) -> Badge {
    Badge { method: VerificationMethod::CivilRegistry, ial: "1.2".into(), reference: "R-1".into(), at: bench.now }
}

async fn promote(bench: &Bench, account: &Account, case: CaseId, n: u32, word: Word<'_>) -> Promotion {
    let order = PromotionOrder {
        case_id: case,
        account_id: account.id,
        identity: &identity(n),
        badge: &badge(bench),
        since: bench.now,
        links: &[],
        held_events: &[],
        held_mails: &[],
        word,
    };
    bench.store.promote(order, bench.now, &[], &[]).await.unwrap()
}

pub(super) async fn promoted(bench: &Bench, account: &Account, n: u32) {
    let case = asked(bench, account, n).await;
    assert_eq!(promote(bench, account, case, n, Word::Registry { held: None }).await, Promotion::Promoted);
}

/// A member whose badge says that they are nobody else.
pub(super) async fn officer(bench: &Bench, n: u32) -> Account {
    let (account, _) = bench.member().await;
    promoted(bench, &account, n).await;
    account
}

fn review(bench: &Bench, account: &Account, case_id: CaseId, n: u32, kind: ReviewKind) -> NewReview {
    let evidence =
        ReviewEvidence { identity: identity(n), mailbox: None, reference: Some("R-1".into()), vouched: None };
    NewReview { id: ReviewId::make(&*bench.chance), account_id: account.id, case_id, kind, evidence }
}

/// A member whom the directory does not know, and the review of it.
async fn waiting(bench: &Bench, n: u32) -> (Account, NewReview) {
    let (account, _) = bench.member().await;
    let case = asked(bench, &account, n).await;
    let review = review(bench, &account, case, n, ReviewKind::StaffNotFound);
    assert!(bench.store.settle_for_review(CaseOutcome::StaffNotFound, &review, bench.now, &[], &[]).await.unwrap());
    (account, review)
}

async fn s098_a_held_number_waits_for_an_officer(bench: Bench) {
    let (holder, _) = bench.member().await;
    let (ana, _) = bench.member().await;
    let officer = officer(&bench, 8).await;
    promoted(&bench, &holder, 1).await;
    let case = asked(&bench, &ana, 1).await;
    let held = review(&bench, &ana, case, 1, ReviewKind::HeldByOther);
    let word = Word::Registry { held: Some(&held) };
    assert_eq!(promote(&bench, &ana, case, 1, word).await, Promotion::HeldByOther { holder: holder.id });
    let (reviews, next) = bench.store.reviews(ReviewList::Waiting, None, 10).await.unwrap();
    assert!(next.is_none());
    let [waiting] = reviews.as_slice() else { panic!("one waits") };
    assert_eq!((waiting.account_id, waiting.holder, waiting.kind), (ana.id, Some(holder.id), ReviewKind::HeldByOther));
    let evidence = bench.store.review_evidence(waiting.id).await.unwrap().unwrap();
    assert_eq!(evidence.identity.number, number(1));
    // The holder may not take it; and approving does not take the number away from anybody.
    assert!(!bench.store.assign_review(waiting.id, (None, Some(holder.id)), bench.now, &[]).await.unwrap());
    assert!(bench.store.assign_review(waiting.id, (None, Some(officer.id)), bench.now, &[]).await.unwrap());
    let by = Word::Officer { review: waiting.id, by: officer.id };
    assert_eq!(promote(&bench, &ana, case, 1, by).await, Promotion::HeldByOther { holder: holder.id });
    let still = bench.store.review(waiting.id).await.unwrap().unwrap();
    assert!(matches!(still.state, ReviewState::Open { assigned: Some(_) }));
    // Once the holder's badge is withdrawn, the same decision promotes.
    let end = bench.now + TimeDelta::days(60);
    assert!(bench.store.withdraw_badge(holder.id, end, bench.now, &[], &[]).await.unwrap());
    assert_eq!(promote(&bench, &ana, case, 1, by).await, Promotion::Promoted);
    assert_eq!(bench.store.holder_of(&number(1)).await.unwrap(), Some(ana.id));
    let done = bench.store.review(waiting.id).await.unwrap().unwrap();
    assert_eq!(done.state, ReviewState::Approved { by: officer.id, at: bench.now });
}

async fn nobody_decides_what_is_about_themselves(bench: Bench) {
    let (ana, review) = waiting(&bench, 1).await;
    let (officer, other) = (officer(&bench, 8).await, officer(&bench, 9).await);
    assert!(!bench.store.assign_review(review.id, (None, Some(ana.id)), bench.now, &[]).await.unwrap());
    let decline = async |by: AccountId, case: CaseId| {
        let reason = DeclineReason::NotPersonnel;
        bench.store.decline_review(review.id, case, by, reason, bench.now, &[], &[]).await.unwrap()
    };
    assert!(!decline(officer.id, review.case_id).await, "nobody took it");
    assert!(bench.store.assign_review(review.id, (None, Some(officer.id)), bench.now, &[]).await.unwrap());
    // Of two who take it at once one has it.
    assert!(!bench.store.assign_review(review.id, (None, Some(other.id)), bench.now, &[]).await.unwrap());
    // Even when the row says so.
    bench.behind_its_back("UPDATE reviews SET assigned_to = account_id").await;
    assert!(!decline(ana.id, review.case_id).await);
    let by = Word::Officer { review: review.id, by: ana.id };
    assert_eq!(promote(&bench, &ana, review.case_id, 1, by).await, Promotion::CaseClosed);
    assert!(bench.store.assign_review(review.id, (Some(ana.id), Some(officer.id)), bench.now, &[]).await.unwrap());
    assert!(!decline(other.id, review.case_id).await, "somebody else took it");
    // An officer without a badge could be the member, with another account; so could one who is stopped.
    let (second_account, _) = bench.member().await;
    assert!(
        bench
            .store
            .assign_review(review.id, (Some(officer.id), Some(second_account.id)), bench.now, &[])
            .await
            .unwrap()
    );
    assert!(!decline(second_account.id, review.case_id).await);
    let by = Word::Officer { review: review.id, by: second_account.id };
    assert_eq!(promote(&bench, &ana, review.case_id, 1, by).await, Promotion::CaseClosed);
    assert!(
        bench
            .store
            .assign_review(review.id, (Some(second_account.id), Some(officer.id)), bench.now, &[])
            .await
            .unwrap()
    );
    // What was looked at is what is decided: the member tried again meanwhile.
    assert!(!decline(officer.id, CaseId::make(&*bench.chance)).await);
    assert!(decline(officer.id, review.case_id).await);
    assert!(!decline(officer.id, review.case_id).await, "it is decided");
    assert!(!bench.store.assign_review(review.id, (None, Some(other.id)), bench.now, &[]).await.unwrap());
}

async fn an_officer_promotes_once(bench: Bench) {
    let (ana, review) = waiting(&bench, 1).await;
    let officer = officer(&bench, 8).await;
    assert!(bench.store.assign_review(review.id, (None, Some(officer.id)), bench.now, &[]).await.unwrap());
    let bench = std::sync::Arc::new(bench);
    let outcomes = at_once(10, |_| {
        let (bench, ana) = (std::sync::Arc::clone(&bench), ana.clone());
        async move {
            let word = Word::Officer { review: review_id(&bench).await, by: officer.id };
            promote(&bench, &ana, case_id(&bench, &ana).await, 1, word).await
        }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|done| **done == Promotion::Promoted).count(), 1);
    assert!(outcomes.iter().all(|done| matches!(done, Promotion::Promoted | Promotion::CaseClosed)));
    assert!(bench.store.account(ana.id).await.unwrap().unwrap().badge().is_some());
}

async fn review_id(bench: &Bench) -> ReviewId {
    let waiting = bench.store.reviews(ReviewList::Waiting, None, 1).await.unwrap().0;
    let decided = bench.store.reviews(ReviewList::Decided, None, 1).await.unwrap().0;
    waiting.first().or(decided.first()).map(|review| review.id).expect("there is one")
}

async fn case_id(bench: &Bench, ana: &Account) -> CaseId {
    bench.store.reviews_of(ana.id, 1).await.unwrap()[0].case_id
}

async fn what_a_review_rests_on_is_forgotten(bench: Bench) {
    let (ana, review) = waiting(&bench, 1).await;
    // She is verified otherwise: nobody has to look any more.
    promoted(&bench, &ana, 1).await;
    assert_eq!(bench.store.review(review.id).await.unwrap().unwrap().state, ReviewState::Superseded);
    assert!(bench.store.review_evidence(review.id).await.unwrap().is_some());
    bench.store.purge(bench.now + TimeDelta::days(89)).await.unwrap();
    assert!(bench.store.review_evidence(review.id).await.unwrap().is_some());
    bench.store.purge(bench.now + TimeDelta::days(91)).await.unwrap();
    assert!(bench.store.review_evidence(review.id).await.unwrap().is_none());
}
