//! Throttles: attempts on one key, counted before they are made.

use chrono::{DateTime, Utc};
use idp_core::throttle::Policy;

use crate::engine::{Change, Verdict, params};
use crate::{Store, StoreError};

/// Whether an attempt may be made now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It may, and it is counted as a failure until [`Store::forget_failures`].
    Go {
        /// Failures in a row before it.
        failures: u32,
    },
    /// Not before `until`. It is not counted.
    Wait {
        /// When the next attempt may be made.
        until: DateTime<Utc>,
    },
}

impl Store {
    /// Asks for an attempt on `key`, and counts it in advance, so that parallel attempts cannot slip through together.
    /// `key` must not be personal: an account's id, or the digest of an address.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_attempt(&self, key: &str, policy: &Policy, now: DateTime<Utc>) -> Result<Attempt, StoreError> {
        let order = (key.to_owned(), *policy);
        self.engine()
            .steps(order, move |tx, (key, policy)| {
                Box::pin(async move {
                    // Writing the row first, though it changes nothing, makes everybody else with this key wait.
                    let take = "INSERT INTO throttles (key, failures, last_at, forget_at) VALUES ($1, 0, $2, $3) \
                         ON CONFLICT (key) DO UPDATE SET last_at = throttles.last_at \
                         RETURNING key, failures, last_at, forget_at";
                    let forget_at = now + policy.forget_after;
                    let row = tx.one("throttles", take, params![key.as_str(), now, forget_at]).await?;
                    let row = row.ok_or_else(|| StoreError::unavailable("a throttle was not written"))?;
                    let failures = if row.time("forget_at")? <= now { 0 } else { row.number("failures")? };
                    let until = row.time("last_at")? + policy.wait_after(failures);
                    if now < until {
                        return Ok(Verdict::Undo(Attempt::Wait { until }));
                    }
                    let count = "UPDATE throttles SET failures = $2, last_at = $3, forget_at = $4 WHERE key = $1";
                    tx.run(count, params![key.as_str(), failures.saturating_add(1), now, forget_at]).await?;
                    Ok(Verdict::Keep(Attempt::Go { failures }))
                })
            })
            .await
    }

    /// How many attempts on `key` failed in a row.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn failures(&self, key: &str, now: DateTime<Utc>) -> Result<u32, StoreError> {
        let sql = "SELECT key, failures FROM throttles WHERE key = $1 AND forget_at > $2";
        let row = self.engine().one("throttles", sql, params![key, now]).await?;
        row.map_or(Ok(0), |row| row.number("failures"))
    }

    /// Takes an attempt back that was begun and then not looked at.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_attempt_back(&self, key: &str) -> Result<(), StoreError> {
        let sql = "UPDATE throttles SET failures = failures - 1 WHERE key = $1 AND failures > 0 RETURNING key";
        self.engine().change(Change::new("throttles", sql, params![key])).await.map(|_| ())
    }

    /// Forgets the failures of `key`: the attempt succeeded.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_failures(&self, key: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM throttles WHERE key = $1 RETURNING key";
        self.engine().change(Change::new("throttles", sql, params![key])).await.map(|_| ())
    }
}
