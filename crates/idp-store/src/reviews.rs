//! Verifications that an officer looks at. Who may take and decide one is in the write: never the member it is about, nor
//! whoever holds the number.

use chrono::{DateTime, Utc};
use idp_core::account::{
    CaseOutcome, DeclineReason, Review, ReviewEvidence, ReviewKind, ReviewState, VerificationMethod, VerifiedIdentity,
};
use idp_core::audit::AuditEvent;
use idp_core::email::EmailAddress;
use idp_core::id::{AccountId, CaseId, ReviewId};
use idp_core::mail::OutgoingMail;
use idp_core::seal::Purpose;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::engine::{Change, Param, Row, Tx, Verdict, params};
use crate::verification::SealedIdentity;
use crate::{Store, StoreError};

/// A review to be opened with the end of an attempt.
#[derive(Clone, Debug)]
pub struct NewReview {
    /// Its identifier, unless one of the member waits already: then that one is about the new attempt.
    pub id: ReviewId,
    /// About whom.
    pub account_id: AccountId,
    /// The attempt.
    pub case_id: CaseId,
    /// Why a human has to look.
    pub kind: ReviewKind,
    /// What the officer will see.
    pub evidence: ReviewEvidence,
}

/// Which reviews a list holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewList {
    /// Those that wait, the oldest first.
    Waiting,
    /// Those that were decided, the latest first.
    Decided,
}

/// Where a page of reviews ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewPlace {
    at: i64,
    id: ReviewId,
}

#[derive(Serialize, Deserialize)]
struct SealedEvidence {
    identity: SealedIdentity,
    mailbox: Option<String>,
    reference: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ial: Option<String>,
}

/// A review as it is written, sealed already.
#[derive(Clone)]
pub(crate) struct ReviewRow {
    id: ReviewId,
    account_id: AccountId,
    case_id: CaseId,
    kind: ReviewKind,
    sealed: Vec<u8>,
}

const COLUMNS: &str = "id, account_id, case_id, kind, holder_id, state, opened_at, assigned_to, assigned_at, decided_by, \
     decided_at, reason";

fn review(row: &Row) -> Result<Review, StoreError> {
    let who = |column| Ok::<_, StoreError>(row.get::<Option<Uuid>>(column)?.map(AccountId));
    let decided = || match (who("decided_by")?, row.time_if_any("decided_at")?) {
        (Some(by), Some(at)) => Ok((by, at)),
        _ => Err(row.corrupt("decided_by")),
    };
    let state = match row.get::<String>("state")?.as_str() {
        "open" => ReviewState::Open {
            assigned: match (who("assigned_to")?, row.time_if_any("assigned_at")?) {
                (Some(to), Some(at)) => Some((to, at)),
                (None, None) => None,
                _ => return Err(row.corrupt("assigned_at")),
            },
        },
        "approved" => {
            let (by, at) = decided()?;
            ReviewState::Approved { by, at }
        }
        "declined" => {
            let (by, at) = decided()?;
            ReviewState::Declined { by, at, reason: row.word("reason", DeclineReason::parse)? }
        }
        "superseded" => ReviewState::Superseded,
        _ => return Err(row.corrupt("state")),
    };
    Ok(Review {
        id: ReviewId(row.get("id")?),
        account_id: AccountId(row.get("account_id")?),
        case_id: CaseId(row.get("case_id")?),
        kind: row.word("kind", ReviewKind::parse)?,
        holder: who("holder_id")?,
        opened_at: row.time("opened_at")?,
        state,
    })
}

fn place(case: CaseId) -> String {
    format!("reviews/{case}")
}

/// Opens a review, or puts the new attempt in the place of the one a waiting review is about.
pub(crate) async fn open_in(
    tx: &mut Tx<'_>,
    row: &ReviewRow,
    holder: Option<AccountId>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO reviews (id, account_id, case_id, kind, holder_id, sealed, state, opened_at) \
         VALUES ($1, $2, $3, $4, $5, $6, 'open', $7) ON CONFLICT (account_id) WHERE state = 'open' DO UPDATE SET \
         case_id = excluded.case_id, kind = excluded.kind, holder_id = excluded.holder_id, sealed = excluded.sealed";
    let values = params![row.id, row.account_id, row.case_id, row.kind.as_str(), holder, row.sealed.as_slice(), now];
    tx.run(sql, values).await.map(|_| ())
}

/// What nobody needs to look at any more: the member was verified otherwise, or is gone.
pub(crate) async fn supersede_in(tx: &mut Tx<'_>, account: AccountId, now: DateTime<Utc>) -> Result<(), StoreError> {
    let sql = "UPDATE reviews SET state = 'superseded', decided_at = $2 WHERE account_id = $1 AND state = 'open'";
    tx.run(sql, params![account, now]).await.map(|_| ())
}

/// Approves a review within a promotion; `false` when `by` may not, or it is about another attempt by now.
pub(crate) async fn approve_in(
    tx: &mut Tx<'_>,
    (id, case, account): (ReviewId, CaseId, AccountId),
    by: AccountId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let sql = format!(
        "UPDATE reviews SET state = 'approved', decided_by = $4, decided_at = $5 WHERE id = $1 AND case_id = $2 \
         AND account_id = $3 AND {MAY_DECIDE}"
    );
    Ok(tx.run(&sql, params![id, case, account, by, now]).await? > 0)
}

/// `$4` may decide it: somebody else, and a person. An officer without a badge could be the member, with another account.
const MAY_DECIDE: &str = "state = 'open' AND assigned_to = $4 AND account_id <> $4 \
     AND (holder_id IS NULL OR holder_id <> $4) AND EXISTS (SELECT 1 FROM accounts AS person \
     WHERE person.id = $4 AND person.permanent_since IS NOT NULL AND person.standing = 'active')";

impl Store {
    /// A review ready to be written; what it tells is sealed.
    pub(crate) fn seal_review(&self, new: &NewReview) -> ReviewRow {
        let evidence = SealedEvidence {
            identity: SealedIdentity::of(&new.evidence.identity),
            mailbox: new.evidence.mailbox.as_ref().map(|mailbox| mailbox.as_str().to_owned()),
            reference: new.evidence.reference.clone(),
            method: new.evidence.vouched.as_ref().map(|(method, _)| method.as_str().to_owned()),
            ial: new.evidence.vouched.as_ref().map(|(_, ial)| ial.clone()),
        };
        let plain = serde_json::to_vec(&evidence).expect("text is always JSON");
        let sealed = self.0.vault.seal(Purpose::NationalNumber, &place(new.case_id), &plain, &*self.0.chance);
        ReviewRow { id: new.id, account_id: new.account_id, case_id: new.case_id, kind: new.kind, sealed }
    }

    /// Settles an attempt that is still asked, and opens a review of it. `false` when it was settled before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn settle_for_review(
        &self,
        outcome: CaseOutcome,
        new: &NewReview,
        now: DateTime<Utc>,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<bool, StoreError> {
        let order = (self.seal_review(new), events.to_vec(), mails.to_vec());
        self.engine()
            .steps(order, move |tx, (row, events, mails)| {
                Box::pin(async move {
                    let sql = "UPDATE verification_cases SET outcome = $2, closed_at = $3 \
                         WHERE id = $1 AND outcome = 'asked'";
                    if tx.run(sql, params![row.case_id, outcome.as_str(), now]).await? == 0 {
                        return Ok(Verdict::Undo(false));
                    }
                    open_in(tx, row, None, now).await?;
                    tx.record(events).await?;
                    tx.queue(mails).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }

    /// A review.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn review(&self, id: ReviewId) -> Result<Option<Review>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM reviews WHERE id = $1");
        self.engine().one("reviews", &sql, params![id]).await?.as_ref().map(review).transpose()
    }

    /// The reviews about a member, the latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reviews_of(&self, account: AccountId, limit: u32) -> Result<Vec<Review>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM reviews WHERE account_id = $1 ORDER BY opened_at DESC, id LIMIT $2");
        self.engine().all("reviews", &sql, params![account, limit]).await?.iter().map(review).collect()
    }

    /// A page of up to `limit` reviews behind `after`, and where the next one begins.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reviews(
        &self,
        list: ReviewList,
        after: Option<ReviewPlace>,
        limit: u32,
    ) -> Result<(Vec<Review>, Option<ReviewPlace>), StoreError> {
        let (at, id) = after.map_or((None, None), |place| (Some(place.at), Some(place.id)));
        let (sql, values): (String, Vec<Param>) = match list {
            ReviewList::Waiting => (
                format!(
                    "SELECT {COLUMNS}, opened_at AS at FROM reviews WHERE state = 'open' AND (opened_at, id) > ($1, $2) \
                     ORDER BY opened_at, id LIMIT $3"
                ),
                params![at.unwrap_or(i64::MIN), id.unwrap_or(ReviewId(Uuid::nil())), limit + 1],
            ),
            ReviewList::Decided => (
                format!(
                    "SELECT {COLUMNS}, decided_at AS at FROM reviews WHERE decided_at IS NOT NULL \
                     AND (decided_at, id) < ($1, $2) ORDER BY decided_at DESC, id DESC LIMIT $3"
                ),
                params![at.unwrap_or(i64::MAX), id.unwrap_or(ReviewId(Uuid::from_bytes([0xFF; 16]))), limit + 1],
            ),
        };
        let mut rows = self.engine().all("reviews", &sql, values).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = match rows.last() {
            Some(row) if more => Some(ReviewPlace { at: row.get("at")?, id: ReviewId(row.get("id")?) }),
            _ => None,
        };
        Ok((rows.iter().map(review).collect::<Result<_, _>>()?, next))
    }

    /// What a review rests on; `None` once it was emptied, or when there is no such review.
    ///
    /// # Errors
    /// [`StoreError::Seal`] when it cannot be opened, and the others.
    pub async fn review_evidence(&self, id: ReviewId) -> Result<Option<ReviewEvidence>, StoreError> {
        let sql = "SELECT id, case_id, sealed FROM reviews WHERE id = $1";
        let Some(row) = self.engine().one("reviews", sql, params![id]).await? else { return Ok(None) };
        let sealed = row.get::<Vec<u8>>("sealed")?;
        if sealed.is_empty() {
            return Ok(None);
        }
        let plain = self.0.vault.open(Purpose::NationalNumber, &place(CaseId(row.get("case_id")?)), &sealed)?;
        let parts: SealedEvidence = serde_json::from_slice(&plain).map_err(|_| row.corrupt("sealed"))?;
        let identity: Option<VerifiedIdentity> = parts.identity.read();
        Ok(Some(ReviewEvidence {
            identity: identity.ok_or_else(|| row.corrupt("sealed"))?,
            mailbox: parts.mailbox.as_deref().and_then(|mailbox| EmailAddress::parse(mailbox).ok()),
            reference: parts.reference,
            vouched: parts.method.as_deref().and_then(VerificationMethod::parse).zip(parts.ial),
        }))
    }

    /// Gives a waiting review, which `from` has by now, to an officer, or to nobody. `false` when it is decided, somebody
    /// else has it meanwhile, or it is about that officer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn assign_review(
        &self,
        id: ReviewId,
        (from, to): (Option<AccountId>, Option<AccountId>),
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE reviews SET assigned_to = $2, assigned_at = $3 WHERE id = $1 AND state = 'open' \
             AND ($2 IS NULL OR (account_id <> $2 AND (holder_id IS NULL OR holder_id <> $2))) \
             AND ((assigned_to IS NULL AND $4 IS NULL) OR assigned_to = $4) RETURNING id";
        let change = Change::new("reviews", sql, params![id, to, to.map(|_| now), from]);
        self.engine().settle(change.events(events)).await
    }

    /// Declines a review about the attempt `case`. `false` when `by` may not, or it is about another attempt by now.
    ///
    /// # Errors
    /// [`StoreError`].
    #[expect(clippy::too_many_arguments, reason = "what a decision writes")]
    pub async fn decline_review(
        &self,
        id: ReviewId,
        case: CaseId,
        by: AccountId,
        reason: DeclineReason,
        now: DateTime<Utc>,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<bool, StoreError> {
        let sql = format!(
            "UPDATE reviews SET state = 'declined', reason = $3, decided_by = $4, decided_at = $5 \
             WHERE id = $1 AND case_id = $2 AND {MAY_DECIDE} RETURNING id"
        );
        let change = Change::new("reviews", sql, params![id, case, reason.as_str(), by, now]);
        self.engine().settle(change.events(events).mails(mails)).await
    }
}
