//! Three accounts and two numbers: tries that match, fail, stay unanswered or come too late; officers who look; badges that
//! are withdrawn; accounts that are stopped. Nobody is verified without an answer of the register, or an officer's word about
//! one, and a number is one account's.

use std::sync::Arc;

use chrono::TimeDelta;
use idp_core::account::{Badge, CaseOutcome, ReviewEvidence, ReviewKind, VerificationMethod, VerifiedIdentity};
use idp_core::email::EmailAddress;
use idp_core::id::{AccountId, CaseId, ReviewId};
use idp_store::{CaseLimits, NewReview, Opened, Promotion, PromotionOrder, Word};

use super::super::Bench;
use super::super::bench::{number, vault};
use super::super::verification::{case, identity};
use super::{Dice, walk_all};

const STEPS: usize = 20;
const ACCOUNTS: usize = 3;
const NUMBERS: u32 = 2;

/// What was proven, and what must be so because of it.
struct Model {
    accounts: Vec<Known>,
    cases: Vec<Case>,
    reviews: Vec<Review>,
}

struct Known {
    id: AccountId,
    /// The number it was verified with.
    number: Option<u32>,
    stopped: bool,
    withdrawn: u32,
}

struct Case {
    id: CaseId,
    account: usize,
    number: u32,
    open: bool,
}

struct Review {
    id: ReviewId,
    case: usize,
    /// Who held the number when it was opened.
    holder: usize,
    /// Who looks.
    officer: Option<usize>,
    open: bool,
}

impl Model {
    fn holder(&self, number: u32) -> Option<usize> {
        self.accounts.iter().position(|account| account.number == Some(number))
    }

    /// What a promotion must come to, for a case whose answer counts.
    fn expected(&self, account: usize, number: u32) -> Promotion {
        match self.holder(number) {
            Some(holder) if holder == account => Promotion::NotTemporary,
            Some(holder) => Promotion::HeldByOther { holder: self.accounts[holder].id },
            None if self.accounts[account].stopped || self.accounts[account].number.is_some() => {
                Promotion::NotTemporary
            }
            None => Promotion::Promoted,
        }
    }

    fn verify(&mut self, account: usize, number: u32) {
        self.accounts[account].number = Some(number);
        // Nobody needs to look any more.
        let cases = &self.cases;
        self.reviews.iter_mut().filter(|review| cases[review.case].account == account).for_each(|review| {
            review.open = false;
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s070_no_walk_verifies_anybody_without_an_answer_or_one_number_twice() {
    walk_all("verification", walk).await;
}

/// What the register or an officer says, written.
async fn promote(
    bench: &Bench,
    case: CaseId,
    account: AccountId,
    identity: &VerifiedIdentity,
    word: Word<'_>,
) -> Promotion {
    let badge =
        Badge { method: VerificationMethod::CivilRegistry, ial: "1.2".into(), reference: "R".into(), at: bench.now };
    let order = PromotionOrder {
        case_id: case,
        account_id: account,
        identity,
        badge: &badge,
        since: bench.now,
        links: &[],
        held_events: &[],
        held_mails: &[],
        word,
    };
    bench.store.promote(order, bench.now, &[], &[]).await.unwrap()
}

async fn walk(bench: Arc<Bench>, seed: u64) -> bool {
    let (store, mut dice, now) = (&bench.store, Dice(seed), bench.now);
    let mut model = Model { accounts: Vec::new(), cases: Vec::new(), reviews: Vec::new() };
    for which in 0..ACCOUNTS {
        let email = EmailAddress::parse(&format!("v{seed}x{which}@mail.example")).unwrap();
        let registration = bench.confirmed(&email).await;
        let account = bench.account(&email);
        let session = bench.session(account.id);
        store.register(&account, registration, "1", now, &session, None, &[], &[]).await.unwrap();
        model.accounts.push(Known { id: account.id, number: None, stopped: false, withdrawn: 0 });
    }
    // Numbers of this walk alone: the others share the database.
    let numbered = |which: u32| number(u32::try_from(seed % 4_000_000).unwrap_or(0) * NUMBERS + which);
    let limits =
        CaseLimits { per_account: 100, per_number: 1000, per_origin: 100_000, since: now - TimeDelta::hours(24) };
    let mut verified = false;
    for step in 0..STEPS {
        let place = format!("seed {seed}, step {step}");
        let (who, which) = (dice.roll(ACCOUNTS), u32::try_from(dice.roll(NUMBERS as usize)).unwrap_or(0));
        let id = model.accounts[who].id;
        match dice.roll(9) {
            0 | 1 => {
                let case = case(&bench, id);
                let index = vault(&[("k1", 1)]).number_index(&numbered(which));
                let opened = store.open_case(&case, index, &format!("{seed}"), limits, &[]).await.unwrap();
                assert_eq!(opened, Opened::Open, "{place}");
                model.cases.push(Case { id: case.id, account: who, number: which, open: true });
            }
            // The register has confirmed somebody, for a case that is any, and for an account that may not be the one.
            2 | 3 if !model.cases.is_empty() => {
                let at = dice.roll(model.cases.len());
                let claimed = if dice.roll(4) == 0 { who } else { model.cases[at].account };
                let Case { id: case, account, number, open } = model.cases[at];
                let wanted = model.accounts[claimed].id;
                let person = identity(numbered(number));
                let review = NewReview {
                    id: ReviewId::make(&*bench.chance),
                    account_id: wanted,
                    case_id: case,
                    kind: ReviewKind::HeldByOther,
                    evidence: ReviewEvidence {
                        identity: person.clone(),
                        mailbox: None,
                        reference: None,
                        vouched: None,
                    },
                };
                let came = promote(&bench, case, wanted, &person, Word::Registry { held: Some(&review) }).await;
                let counts = open && claimed == account;
                let expected = if counts { model.expected(account, number) } else { Promotion::CaseClosed };
                assert_eq!(came, expected, "{place}");
                match came {
                    Promotion::Promoted => {
                        model.cases[at].open = false;
                        model.verify(account, number);
                        verified = true;
                    }
                    Promotion::HeldByOther { .. } => {
                        model.cases[at].open = false;
                        let holder = model.holder(number).expect("somebody holds it");
                        let waiting = model
                            .reviews
                            .iter_mut()
                            .find(|review| review.open && model.cases[review.case].account == account);
                        match waiting {
                            Some(waiting) => (waiting.case, waiting.holder) = (at, holder),
                            None => {
                                model.reviews.push(Review {
                                    id: review.id,
                                    case: at,
                                    holder,
                                    officer: None,
                                    open: true,
                                });
                            }
                        }
                    }
                    _ => {}
                }
            }
            // The register says no, or nothing.
            4 if !model.cases.is_empty() => {
                let at = dice.roll(model.cases.len());
                let outcome = if dice.roll(2) == 0 { CaseOutcome::Mismatch } else { CaseOutcome::Unavailable };
                let settled = store.settle_case(model.cases[at].id, outcome, now, &[]).await.unwrap();
                assert_eq!(settled, model.cases[at].open, "{place}");
                model.cases[at].open = false;
            }
            // An officer takes a review: never the member's own, nor the holder's.
            5 if !model.reviews.is_empty() => {
                let at = dice.roll(model.reviews.len());
                let Review { id: review, case, holder, officer, open } = model.reviews[at];
                let from = officer.map(|officer| model.accounts[officer].id);
                let may = open && who != model.cases[case].account && who != holder;
                let taken = store.assign_review(review, (from, Some(id)), now, &[]).await.unwrap();
                assert_eq!(taken, may, "{place}");
                if taken {
                    model.reviews[at].officer = Some(who);
                }
            }
            // An officer says that it is so.
            6 if !model.reviews.is_empty() => {
                let at = dice.roll(model.reviews.len());
                let Review { id: review, case, holder, officer, open } = model.reviews[at];
                let Case { id: case, account, number, .. } = model.cases[case];
                let subject = model.accounts[account].id;
                let person = identity(numbered(number));
                let came = promote(&bench, case, subject, &person, Word::Officer { review, by: id }).await;
                let a_person = model.accounts[who].number.is_some() && !model.accounts[who].stopped;
                let may = open && officer == Some(who) && account != who && holder != who && a_person;
                let expected = if may { model.expected(account, number) } else { Promotion::CaseClosed };
                assert_eq!(came, expected, "{place}");
                if came == Promotion::Promoted {
                    model.verify(account, number);
                    verified = true;
                }
            }
            7 => {
                let until = now + TimeDelta::days(60);
                let withdrawn = store.withdraw_badge(id, until, now, &[], &[]).await.unwrap();
                assert_eq!(withdrawn, model.accounts[who].number.take().is_some(), "{place}");
                model.accounts[who].withdrawn += u32::from(withdrawn);
            }
            8 => {
                let stopped = model.accounts[who].stopped;
                let done = match stopped {
                    true => store.restore(id, None, now, &[], &[]).await.unwrap(),
                    false => store.suspend(id, "a walk", now, &[], &[]).await.unwrap(),
                };
                assert!(done, "{place}");
                model.accounts[who].stopped = !stopped;
            }
            _ => {}
        }
        for known in &model.accounts {
            let account = store.account(known.id).await.unwrap().expect("it is there");
            assert_eq!(account.badge().is_some(), known.number.is_some(), "{place}");
            let held = store.identity(known.id).await.unwrap().map(|identity| identity.number);
            assert_eq!(held, known.number.map(numbered), "{place}");
        }
    }
    verified
}
