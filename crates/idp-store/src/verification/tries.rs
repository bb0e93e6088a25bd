//! Tries at verification, counted where they are opened.

use chrono::{DateTime, Utc};
use idp_core::account::{CaseOutcome, VerificationCase, VerificationMethod};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::id::{AccountId, CaseId};

use super::lock_key;
use crate::engine::{Change, Param, Row, Tx, Verdict, params};
use crate::{Store, StoreError};

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

/// Which outcomes count.
type Counts = fn(CaseOutcome) -> bool;

/// Answers that an account may cause for each try it has.
const ANSWERS_FOR_EACH_TRY: u32 = 4;

/// The outcomes of which `counts` is true, as a list of SQL.
fn outcomes(counts: Counts) -> String {
    let words: Vec<String> =
        CaseOutcome::ALL.into_iter().filter(|outcome| counts(*outcome)).map(|o| format!("'{}'", o.as_str())).collect();
    words.join(", ")
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
}
