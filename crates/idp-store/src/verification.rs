//! Verification: attempts within their limits, and the step from temporary to permanent, which one account takes for
//! each person.

use chrono::{DateTime, Utc};
use idp_core::account::{Badge, CaseOutcome, Profile, VerificationCase, VerificationMethod, VerifiedIdentity};
use idp_core::admin::{Approval, ApprovalKind, Decision};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::email::EmailAddress;
use idp_core::id::{AccountId, CaseId, ReviewId};
use idp_core::mail::OutgoingMail;
use idp_core::seal::Purpose;
use idp_core::session::SessionEnd;
use idp_core::thai::{AcceptedNumbers, BuddhistDate, NationalId, ThaiName};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::accounts::json;
use crate::approvals::decide_in;
use crate::cache::Stale;
use crate::engine::{Change, Param, Row, Tx, Verdict, params};
use crate::links::insert_links;
use crate::members::index_member;
use crate::reviews::{NewReview, ReviewRow, approve_in, open_in, supersede_in};
use crate::sessions::revoke_grants;
use crate::{OneTimeLink, Store, StoreError};

/// How many attempts count, for whom, and since when.
#[derive(Clone, Copy, Debug)]
pub struct CaseLimits {
    /// Attempts of one account.
    pub per_account: u32,
    /// Attempts at one number, by whomever.
    pub per_number: u32,
    /// Attempts from one address of origin.
    pub per_origin: u32,
    /// Earlier attempts do not count.
    pub since: DateTime<Utc>,
}

/// What came of asking for an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// The attempt may be made; it counts from now on.
    Open,
    /// A limit is reached.
    TooMany {
        /// When the next attempt may be made.
        again_at: DateTime<Utc>,
    },
}

/// What came of a promotion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promotion {
    /// The account is permanent.
    Promoted,
    /// The number belongs to another account.
    HeldByOther {
        /// That account.
        holder: AccountId,
    },
    /// The number belonged to an account that was erased a short while ago.
    Resting {
        /// From then on it may be used again.
        free_at: DateTime<Utc>,
    },
    /// The attempt was settled or discarded meanwhile.
    CaseClosed,
    /// The account is permanent already, not in use, or no more.
    NotTemporary,
}

/// Everything a promotion writes.
#[derive(Clone, Copy)]
pub struct PromotionOrder<'a> {
    /// The attempt that matched; still asked.
    pub case_id: CaseId,
    /// Whose.
    pub account_id: AccountId,
    /// What was matched.
    pub identity: &'a VerifiedIdentity,
    /// The badge it earns.
    pub badge: &'a Badge,
    /// When the account became permanent.
    pub since: DateTime<Utc>,
    /// Links that the mails carry.
    pub links: &'a [OneTimeLink],
    /// Written instead of the events when another account holds the number.
    pub held_events: &'a [AuditEvent],
    /// Queued instead of the mails when another account holds the number.
    pub held_mails: &'a [OutgoingMail],
    /// Who says so.
    pub word: Word<'a>,
}

/// On whose word an account is promoted.
#[derive(Clone, Copy, Debug)]
pub enum Word<'a> {
    /// The registry's, just now. A review is opened when another account holds the number.
    Registry {
        /// That review.
        held: Option<&'a NewReview>,
    },
    /// An officer's, who looked at what the registry could not tell.
    Officer {
        /// The review they approve with it.
        review: ReviewId,
        /// Who.
        by: AccountId,
    },
}

impl std::fmt::Debug for PromotionOrder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PromotionOrder({:?}, {:?})", self.account_id, self.case_id)
    }
}

/// What was matched, as it is sealed.
#[derive(Serialize, Deserialize)]
pub(crate) struct SealedIdentity {
    number: String,
    first_name: String,
    last_name: String,
    birth_date: String,
}

impl SealedIdentity {
    pub(crate) fn of(identity: &VerifiedIdentity) -> Self {
        Self {
            number: identity.number.digits().to_owned(),
            first_name: identity.first_name.as_str().to_owned(),
            last_name: identity.last_name.as_str().to_owned(),
            birth_date: identity.birth_date.registry_form(),
        }
    }

    /// `None` when it makes no sense.
    pub(crate) fn read(&self) -> Option<VerifiedIdentity> {
        Some(VerifiedIdentity {
            // It was accepted when it was typed; whether test numbers are is not asked again.
            number: NationalId::parse(&self.number, AcceptedNumbers::WithTestNumbers).ok()?,
            first_name: ThaiName::parse_as_typed(&self.first_name).ok()?,
            last_name: ThaiName::parse_as_typed(&self.last_name).ok()?,
            birth_date: BuddhistDate::from_registry_form(&self.birth_date)?,
        })
    }
}

/// Which outcomes count.
type Counts = fn(CaseOutcome) -> bool;

/// Answers that an account may cause for each try it has.
const ANSWERS_FOR_EACH_TRY: u32 = 4;

/// The outcomes of which `counts` is true, as a list of SQL.
fn outcomes(counts: Counts) -> String {
    use CaseOutcome::{
        Asked, CardInvalid, Deceased, Discarded, HeldByOther, Incomplete, Mismatch, StaffNotFound, Unavailable,
        Verified,
    };
    let all = [
        Asked,
        Verified,
        HeldByOther,
        Mismatch,
        CardInvalid,
        Deceased,
        Incomplete,
        StaffNotFound,
        Unavailable,
        Discarded,
    ];
    let words: Vec<String> =
        all.into_iter().filter(|outcome| counts(*outcome)).map(|o| format!("'{}'", o.as_str())).collect();
    words.join(", ")
}

/// The lock that all transactions about the same thing take.
pub(crate) fn lock_key(parts: &[&[u8]]) -> i64 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest: [u8; 32] = hash.finalize().into();
    i64::from_be_bytes(*digest.first_chunk().expect("a digest is longer than eight bytes"))
}

pub(crate) fn identity_place(account: AccountId) -> String {
    format!("identities/{account}")
}

/// What is sealed of an identity.
pub(crate) fn sealed_identity(identity: &VerifiedIdentity) -> Vec<u8> {
    serde_json::to_vec(&SealedIdentity::of(identity)).expect("text is always JSON")
}

impl Store {
    /// Opens an attempt, if the account, the number and the origin are all within their limits. Counting and writing are
    /// one: parallel attempts cannot slip past a limit together.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_case(
        &self,
        case: &VerificationCase,
        number_index: [u8; 32],
        origin: &str,
        limits: CaseLimits,
        events: &[AuditEvent],
    ) -> Result<Opened, StoreError> {
        let order = (case.clone(), origin.to_owned(), events.to_vec());
        self.engine()
            .steps(order, move |tx, (case, origin, events)| {
                Box::pin(async move {
                    tx.lock(vec![
                        lock_key(&[b"case/account", case.account_id.0.as_bytes()]),
                        lock_key(&[b"case/number", &number_index]),
                        lock_key(&[b"case/origin", origin.as_bytes()]),
                    ])
                    .await?;
                    let (try_, answer) = (CaseOutcome::counts_as_try, CaseOutcome::is_answer);
                    let answers = limits.per_account.saturating_mul(ANSWERS_FOR_EACH_TRY);
                    let keys: [(&str, Param, Counts, u32); 4] = [
                        ("account_id", case.account_id.into(), try_, limits.per_account),
                        ("account_id", case.account_id.into(), answer, answers),
                        ("number_index", number_index.into(), try_, limits.per_number),
                        ("origin", origin.as_str().into(), try_, limits.per_origin),
                    ];
                    let mut again_at = None;
                    for (column, value, counts, limit) in keys {
                        let window = (limits.since, case.opened_at);
                        again_at = again_at.max(full_until(tx, (column, value), counts, limit, window).await?);
                    }
                    if let Some(again_at) = again_at {
                        return Ok(Verdict::Undo(Opened::TooMany { again_at }));
                    }
                    let sql = "INSERT INTO verification_cases \
                         (id, account_id, method, outcome, number_index, origin, opened_at) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7)";
                    let (method, outcome) = (case.method.as_str(), CaseOutcome::Asked.as_str());
                    let row = params![
                        case.id,
                        case.account_id,
                        method,
                        outcome,
                        number_index,
                        origin.as_str(),
                        case.opened_at
                    ];
                    tx.run(sql, row).await?;
                    tx.record(events).await?;
                    Ok(Verdict::Keep(Opened::Open))
                })
            })
            .await
    }

    /// Settles an attempt that is still asked. `false` when it was settled before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn settle_case(
        &self,
        id: CaseId,
        outcome: CaseOutcome,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE verification_cases SET outcome = $2, closed_at = $3 \
             WHERE id = $1 AND outcome = 'asked' RETURNING id";
        let change = Change::new("verification_cases", sql, params![id, outcome.as_str(), now]);
        self.engine().settle(change.events(events)).await
    }

    /// Settles attempts from before `before` that are still asked as [`CaseOutcome::Unavailable`], and tells how many: what
    /// was never answered is nobody's try.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn close_unanswered_cases(&self, before: DateTime<Utc>, now: DateTime<Utc>) -> Result<usize, StoreError> {
        self.engine()
            .steps((), move |tx, ()| {
                Box::pin(async move {
                    let sql = "UPDATE verification_cases SET outcome = $1, closed_at = $2 \
                         WHERE outcome = 'asked' AND opened_at < $3 RETURNING id, account_id";
                    let values = params![CaseOutcome::Unavailable.as_str(), now, before];
                    let rows = tx.all("verification_cases", sql, values).await?;
                    let event = |row: &Row| {
                        let (case, account) = (CaseId(row.get("id")?), AccountId(row.get("account_id")?));
                        let detail = serde_json::json!({ "case": case, "code": "unanswered" });
                        let event = AuditEvent::new(now, Actor::System, Action::VerificationSettled);
                        Ok(event.account(account).detail(detail))
                    };
                    tx.record(&rows.iter().map(event).collect::<Result<Vec<_>, StoreError>>()?).await?;
                    Ok(Verdict::Keep(rows.len()))
                })
            })
            .await
    }

    /// The attempts of a member, the latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn cases_of(&self, account: AccountId, limit: u64) -> Result<Vec<VerificationCase>, StoreError> {
        let sql = "SELECT id, account_id, method, outcome, opened_at, closed_at FROM verification_cases \
             WHERE account_id = $1 ORDER BY opened_at DESC, id LIMIT $2";
        let rows = self.engine().all("verification_cases", sql, params![account, limit]).await?;
        rows.iter()
            .map(|row| {
                Ok(VerificationCase {
                    id: CaseId(row.get("id")?),
                    account_id: AccountId(row.get("account_id")?),
                    method: row.word("method", VerificationMethod::parse)?,
                    outcome: row.word("outcome", CaseOutcome::parse)?,
                    opened_at: row.time("opened_at")?,
                    closed_at: row.time_if_any("closed_at")?,
                })
            })
            .collect()
    }

    /// How many attempts an account has left.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tries_left(&self, account: AccountId, limits: CaseLimits) -> Result<u32, StoreError> {
        let sql = format!(
            "SELECT count(*) AS tries FROM verification_cases \
             WHERE account_id = $1 AND opened_at > $2 AND outcome IN ({})",
            outcomes(CaseOutcome::counts_as_try)
        );
        let row = self.engine().one("verification_cases", &sql, params![account, limits.since]).await?;
        let tries = row.map_or(Ok(0), |row| row.number("tries"))?;
        Ok(limits.per_account.saturating_sub(tries))
    }

    /// Makes an account permanent: settles its attempt, keeps the identity, gives the badge. One transaction; of several
    /// accounts that present one number at once, one is promoted. `events` and `mails` are written with the promotion
    /// alone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn promote(
        &self,
        order: PromotionOrder<'_>,
        now: DateTime<Utc>,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<Promotion, StoreError> {
        let identity = order.identity;
        let plain = sealed_identity(identity);
        let vault = &self.0.vault;
        let place = identity_place(order.account_id);
        // Under every master secret in the key file, in an order that all nodes share, so that nobody waits in a circle.
        let mut indexes = vault.number_indexes(&identity.number);
        indexes.sort_unstable();
        let step = PromotionStep {
            case: order.case_id,
            account: order.account_id,
            indexes,
            sealed: vault.seal(Purpose::NationalNumber, &place, &plain, &*self.0.chance),
            identity: identity.clone(),
            badge: json(order.badge),
            since: order.since,
            links: order.links.to_vec(),
            now,
            events: events.to_vec(),
            mails: mails.to_vec(),
            held_events: order.held_events.to_vec(),
            held_mails: order.held_mails.to_vec(),
            held_review: match order.word {
                Word::Registry { held } => held.map(|review| self.seal_review(review)),
                Word::Officer { .. } => None,
            },
            officer: match order.word {
                Word::Registry { .. } => None,
                Word::Officer { review, by } => Some((review, by)),
            },
        };
        self.engine().steps(step, |tx, step| Box::pin(step.take(tx))).await
    }

    /// Takes the badge back: the membership is temporary until `expires_at`, the number is free, and what services hold is
    /// revoked. `false` when there was no badge.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn withdraw_badge(
        &self,
        account: AccountId,
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<bool, StoreError> {
        self.withdraw(None, account, expires_at, now, events, mails).await
    }

    /// The same, as the second person's decision of a request: with it, or not at all. `false` also when `approval.1` may not
    /// decide it, or not any more, or it is about another account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn withdraw_badge_approved(
        &self,
        approval: (Uuid, AccountId),
        account: AccountId,
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<bool, StoreError> {
        self.withdraw(Some(approval), account, expires_at, now, events, mails).await
    }

    async fn withdraw(
        &self,
        approval: Option<(Uuid, AccountId)>,
        account: AccountId,
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<bool, StoreError> {
        self.engine()
            .steps((events.to_vec(), mails.to_vec()), move |tx, (events, mails)| {
                Box::pin(async move {
                    if let Some((id, by)) = approval {
                        let decided = decide_in(tx, id, by, Decision::Approved, now).await?;
                        let about = |asked: &Approval| {
                            asked.kind == ApprovalKind::BadgeWithdrawal && asked.subject == account.to_string()
                        };
                        if !decided.as_ref().is_some_and(about) || by == account {
                            return Ok(Verdict::Undo(false));
                        }
                    }
                    let sql = "UPDATE accounts SET expires_at = $2, permanent_since = NULL, badge = NULL, \
                         end_handled_at = NULL, updated_at = $3 \
                         WHERE id = $1 AND permanent_since IS NOT NULL AND standing <> 'erased'";
                    if tx.run(sql, params![account, expires_at, now]).await? == 0 {
                        return Ok(Verdict::Undo(false));
                    }
                    tx.touch(Stale::Account(account));
                    tx.run("DELETE FROM identities WHERE account_id = $1", params![account]).await?;
                    tx.run(FREE_NUMBER, params![account]).await?;
                    let why = SessionEnd::BadgeWithdrawn.as_str();
                    revoke_grants(tx, "account_id = $2", params![now, account], why, now).await?;
                    tx.record(events).await?;
                    tx.queue(mails).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }

    /// What was matched for a permanent member.
    ///
    /// # Errors
    /// [`StoreError::Seal`] when it cannot be opened, and the others.
    pub async fn identity(&self, account: AccountId) -> Result<Option<VerifiedIdentity>, StoreError> {
        let sql = "SELECT account_id, sealed FROM identities WHERE account_id = $1";
        let Some(row) = self.engine().one("identities", sql, params![account]).await? else { return Ok(None) };
        let sealed = row.get::<Vec<u8>>("sealed")?;
        let plain = self.0.vault.open(Purpose::NationalNumber, &identity_place(account), &sealed)?;
        let unreadable = || row.corrupt("sealed");
        let parts: SealedIdentity = serde_json::from_slice(&plain).map_err(|_| unreadable())?;
        Ok(Some(parts.read().ok_or_else(unreadable)?))
    }
}

/// When a key that has reached its limit may be used again; `None` below the limit.
async fn full_until(
    tx: &mut Tx<'_>,
    (column, value): (&'static str, Param),
    counts: Counts,
    limit: u32,
    (since, now): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let Some(allowed) = limit.checked_sub(1) else { return Ok(Some(now)) };
    // The attempt that must leave the window before there is room for another.
    let sql = format!(
        "SELECT id, opened_at FROM verification_cases WHERE {column} = $1 AND opened_at > $2 \
         AND outcome IN ({}) ORDER BY opened_at DESC LIMIT 1 OFFSET $3",
        outcomes(counts)
    );
    let oldest = tx.one("verification_cases", &sql, vec![value, since.into(), allowed.into()]).await?;
    oldest.map(|row| Ok(row.time("opened_at")? + (now - since))).transpose()
}

struct PromotionStep {
    case: CaseId,
    account: AccountId,
    indexes: Vec<[u8; 32]>,
    sealed: Vec<u8>,
    identity: VerifiedIdentity,
    badge: String,
    since: DateTime<Utc>,
    links: Vec<OneTimeLink>,
    now: DateTime<Utc>,
    events: Vec<AuditEvent>,
    mails: Vec<OutgoingMail>,
    held_events: Vec<AuditEvent>,
    held_mails: Vec<OutgoingMail>,
    held_review: Option<ReviewRow>,
    officer: Option<(ReviewId, AccountId)>,
}

/// A number that was being taken is free again by the time one looks who has it; so often in a row, never.
const TAKING_ATTEMPTS: u32 = 5;
const FREE_NUMBER: &str = "DELETE FROM identity_numbers WHERE account_id = $1";

impl PromotionStep {
    async fn take(&self, tx: &mut Tx<'_>) -> Result<Verdict<Promotion>, StoreError> {
        if !self.settle(tx).await? {
            return Ok(Verdict::Undo(Promotion::CaseClosed));
        }
        if let Some(holder) = self.take_number(tx).await? {
            return self.refuse(tx, holder).await;
        }
        // After the number was taken: an erasure that was freeing it has put it to rest by now.
        if let Some(free_at) = self.resting(tx).await? {
            if self.officer.is_some() {
                return Ok(Verdict::Undo(Promotion::Resting { free_at }));
            }
            self.give_back(tx).await?;
            self.settle_as_held(tx).await?;
            return Ok(Verdict::Keep(Promotion::Resting { free_at }));
        }
        let permanent = "UPDATE accounts SET expires_at = NULL, end_handled_at = NULL, permanent_since = $2, badge = $3, \
             updated_at = $4 WHERE id = $1 AND permanent_since IS NULL AND standing = 'active'";
        let values = params![self.account, self.since, self.badge.as_str(), self.now];
        if tx.run(permanent, values).await? == 0 {
            return Ok(Verdict::Undo(Promotion::NotTemporary));
        }
        self.name_as_matched(tx).await?;
        supersede_in(tx, self.account, self.now).await?;
        tx.touch(Stale::Account(self.account));
        let identity = "INSERT INTO identities (account_id, sealed, matched_at) VALUES ($1, $2, $3)";
        tx.run(identity, params![self.account, self.sealed.as_slice(), self.now]).await?;
        insert_links(tx, &self.links).await?;
        tx.record(&self.events).await?;
        tx.queue(&self.mails).await?;
        Ok(Verdict::Keep(Promotion::Promoted))
    }

    /// The badge vouches for the profile beside it. The account's row is held already.
    async fn name_as_matched(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let sql = "SELECT id, email, profile FROM accounts WHERE id = $1";
        let Some(row) = tx.one("accounts", sql, params![self.account]).await? else { return Ok(()) };
        let profile = row.json::<Profile>("profile")?.matched(&self.identity);
        let sql = "UPDATE accounts SET profile = $2 WHERE id = $1";
        tx.run(sql, params![self.account, json(&profile)]).await?;
        let email = row.word("email", |text| EmailAddress::parse(text).ok())?;
        index_member(tx, self.account, &email, &profile, self.now).await
    }

    async fn settle(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        if let Some((review, by)) = self.officer {
            let verified = "UPDATE verification_cases SET outcome = 'verified', closed_at = $3 \
                 WHERE id = $1 AND account_id = $2 AND outcome <> 'asked'";
            return Ok(approve_in(tx, (review, self.case, self.account), by, self.now).await?
                && tx.run(verified, params![self.case, self.account, self.now]).await? > 0);
        }
        let sql = "UPDATE verification_cases SET outcome = 'verified', closed_at = $3 \
             WHERE id = $1 AND account_id = $2 AND outcome = 'asked'";
        Ok(tx.run(sql, params![self.case, self.account, self.now]).await? > 0)
    }

    /// Takes the number under all its indexes; or gives the account that has it. The unique index decides: whoever is
    /// taking it at the same time is waited for.
    async fn take_number(&self, tx: &mut Tx<'_>) -> Result<Option<AccountId>, StoreError> {
        let take = "INSERT INTO identity_numbers (number_index, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        let look = "SELECT account_id FROM identity_numbers WHERE number_index = $1";
        for index in &self.indexes {
            let mut attempts = 0;
            while tx.run(take, params![*index, self.account]).await? == 0 {
                if let Some(row) = tx.one("identity_numbers", look, params![*index]).await? {
                    return Ok(Some(AccountId(row.get::<Uuid>("account_id")?)));
                }
                attempts += 1;
                if attempts == TAKING_ATTEMPTS {
                    return Err(StoreError::Busy);
                }
            }
        }
        Ok(None)
    }

    /// The number is held: by this very account, which is permanent then, or by another.
    async fn refuse(&self, tx: &mut Tx<'_>, holder: AccountId) -> Result<Verdict<Promotion>, StoreError> {
        if holder == self.account {
            return Ok(Verdict::Undo(Promotion::NotTemporary));
        }
        // An officer decides about the holder first; until then nothing is as approved.
        if self.officer.is_some() {
            return Ok(Verdict::Undo(Promotion::HeldByOther { holder }));
        }
        self.give_back(tx).await?;
        if let Some(review) = &self.held_review {
            open_in(tx, review, Some(holder), self.now).await?;
        }
        self.settle_as_held(tx).await?;
        tx.queue(&self.held_mails).await?;
        Ok(Verdict::Keep(Promotion::HeldByOther { holder }))
    }

    /// What was taken of a number that cannot be had. An account with a number of its own keeps the one it has.
    async fn give_back(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let give_back = "DELETE FROM identity_numbers WHERE account_id = $1 \
             AND NOT EXISTS (SELECT 1 FROM identities WHERE account_id = $1)";
        tx.run(give_back, params![self.account]).await.map(|_| ())
    }

    async fn settle_as_held(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let held = "UPDATE verification_cases SET outcome = $2 WHERE id = $1";
        tx.run(held, params![self.case, CaseOutcome::HeldByOther.as_str()]).await?;
        tx.record(&self.held_events).await
    }

    /// Until when the number rests after the erasure of an account that had it.
    async fn resting(&self, tx: &mut Tx<'_>) -> Result<Option<DateTime<Utc>>, StoreError> {
        let sql = "SELECT number_index, free_at FROM resting_numbers WHERE number_index = $1 AND free_at > $2";
        let mut latest = None;
        for index in &self.indexes {
            if let Some(row) = tx.one("resting_numbers", sql, params![*index, self.now]).await? {
                latest = latest.max(Some(row.time("free_at")?));
            }
        }
        Ok(latest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outages_and_verified_attempts_are_not_counted() {
        assert_eq!(
            outcomes(CaseOutcome::counts_as_try),
            "'asked', 'held_by_other', 'mismatch', 'deceased', 'staff_not_found'"
        );
    }

    #[test]
    fn parts_of_a_lock_do_not_run_together() {
        assert_ne!(lock_key(&[b"ab", b"c"]), lock_key(&[b"a", b"bc"]));
    }
}
