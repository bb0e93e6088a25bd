//! The step from temporary to permanent: one transaction, taken by one account for each number.

use chrono::{DateTime, Utc};
use idp_core::account::{Badge, CaseOutcome, Profile, VerifiedIdentity};
use idp_core::audit::AuditEvent;
use idp_core::email::EmailAddress;
use idp_core::id::{AccountId, CaseId, ReviewId};
use idp_core::mail::OutgoingMail;
use idp_core::seal::Purpose;
use uuid::Uuid;

use super::{identity_place, sealed_identity};
use crate::accounts::json;
use crate::cache::Stale;
use crate::engine::{Tx, Verdict, params};
use crate::links::insert_links;
use crate::members::index_member;
use crate::reviews::{NewReview, ReviewRow, approve_in, open_in, supersede_in};
use crate::{OneTimeLink, Store, StoreError};

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

impl Store {
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
