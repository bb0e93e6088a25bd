//! Deleting what nobody needs any more.

use chrono::{DateTime, TimeDelta, Utc};

use crate::engine::{Change, params};
use crate::{Store, StoreError};

/// Rows deleted by one statement at most, so that nobody waits long behind it.
const BATCH: u32 = 500;

/// Members see their sign-ins this far back.
pub const SIGN_INS_KEPT: TimeDelta = TimeDelta::days(180);

/// What is deleted: the table, its key, and the rows it concerns, older than `$1`.
const KINDS: [(&str, &str, &str, TimeDelta); 17] = [
    ("registrations", "id", "expires_at < $1", TimeDelta::zero()),
    ("grants", "id", "redeemed_at IS NULL AND issued_at < $1", TimeDelta::days(1)),
    ("links", "digest", "expires_at < $1", TimeDelta::days(1)),
    // A proven mailbox counts for an hour.
    ("mailed_codes", "account_id", "sent_at < $1", TimeDelta::days(1)),
    // A change of address that nobody confirmed, and one that can no longer be taken back.
    ("email_changes", "id", "sent_at < $1 AND undo_until IS NULL", TimeDelta::days(1)),
    ("email_changes", "id", "undo_until < $1", TimeDelta::zero()),
    ("sign_ins", "seq", "at < $1", SIGN_INS_KEPT),
    ("throttles", "key", "forget_at < $1", TimeDelta::zero()),
    // A mail that may exist once stays: it says that it existed.
    ("mails", "id", "done_at < $1 AND once IS NULL", TimeDelta::days(7)),
    ("mails", "id", "done_at < $1", TimeDelta::days(400)),
    ("logout_notices", "client_id, sid", "done_at < $1 AND delivered = TRUE", TimeDelta::days(7)),
    ("logout_notices", "client_id, sid", "done_at < $1", TimeDelta::days(90)),
    // After the grants of a session: see below.
    ("sessions", "id", "ended_at < $1 AND cleared = TRUE", TimeDelta::days(90)),
    ("client_assertions", "digest", "expires_at < $1", TimeDelta::zero()),
    ("revoked_tokens", "digest", "expires_at < $1", TimeDelta::zero()),
    ("device_codes", "digest", "expires_at < $1", TimeDelta::days(1)),
    ("leases", "name", "until < $1", TimeDelta::days(1)),
];

/// The grants of an ended session are kept this long: a code or token of it is told apart from one that never was.
const GRANTS_OF_ENDED: TimeDelta = TimeDelta::days(2);

/// An attempt at verification is told apart from others by number and origin for this long.
const TRACES_OF_CASES: TimeDelta = TimeDelta::days(90);

impl Store {
    /// Deletes what nobody needs any more, in small batches, and tells how many rows: codes never redeemed after a day,
    /// grants two days and sessions 90 days after the end, number and origin of an attempt at verification after 90
    /// days; sign-ins after 180 days;
    /// registrations, mailed codes, changes of address, links, throttles and mails that are over.
    ///
    /// # Errors
    /// [`StoreError`]. What was deleted before it stays so.
    pub async fn purge(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let mut purged = self.clear_ended_sessions(now - GRANTS_OF_ENDED).await?;
        purged += self.clear_cases(now - TRACES_OF_CASES).await?;
        for (table, key, which, age) in KINDS {
            let sql = format!(
                "WITH old AS MATERIALIZED (SELECT {key} FROM {table} WHERE {which} LIMIT $2) \
                 DELETE FROM {table} WHERE {which} AND ({key}) IN (SELECT {key} FROM old) RETURNING {key}"
            );
            loop {
                let rows = self.engine().change(Change::new(table, sql.as_str(), params![now - age, BATCH])).await?;
                purged += rows.len();
                if rows.len() < BATCH as usize {
                    break;
                }
            }
        }
        Ok(purged)
    }

    async fn clear_cases(&self, before: DateTime<Utc>) -> Result<usize, StoreError> {
        let sql = "UPDATE verification_cases SET number_index = NULL, origin = NULL WHERE id IN \
             (SELECT id FROM verification_cases WHERE origin IS NOT NULL AND opened_at < $1 LIMIT $2) RETURNING id";
        let mut cleared = 0;
        loop {
            let rows = self.engine().change(Change::new("verification_cases", sql, params![before, BATCH])).await?;
            cleared += rows.len();
            if rows.len() < BATCH as usize {
                return Ok(cleared);
            }
        }
    }

    async fn clear_ended_sessions(&self, before: DateTime<Utc>) -> Result<usize, StoreError> {
        let over = "ended_at < $1 AND cleared = FALSE";
        let mut purged = 0;
        loop {
            let sql = format!("SELECT id, account_id FROM sessions WHERE {over} LIMIT $2");
            let sessions = self.engine().all("sessions", &sql, params![before, BATCH]).await?;
            for session in &sessions {
                let (id, account) = (session.get::<uuid::Uuid>("id")?, session.get::<uuid::Uuid>("account_id")?);
                // No grant can join an ended session, so the two steps need no transaction around them.
                let grants = "DELETE FROM grants WHERE account_id = $1 AND session_id = $2 RETURNING id";
                purged += self.engine().change(Change::new("grants", grants, params![account, id])).await?.len();
                let cleared = "UPDATE sessions SET cleared = $2 WHERE id = $1 RETURNING id";
                self.engine().change(Change::new("sessions", cleared, params![id, true])).await?;
            }
            if sessions.len() < BATCH as usize {
                return Ok(purged);
            }
        }
    }
}
