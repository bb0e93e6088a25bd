//! What clients are answered, counted in memory and added to the database every few seconds: the hot paths write nothing
//! more for it. What a node had counted and not yet written when it died is lost: these are numbers for people to look at.

use std::collections::HashMap;
use std::sync::Mutex;

use chrono::{DateTime, Utc};
use idp_core::id::ClientId;
use idp_store::{ClientUse, Store, StoreError};

/// Kinds of answers counted at once, at most: far more than there are clients times outcomes.
const MOST: usize = 50_000;

type Counts = HashMap<(ClientId, i64, &'static str), (u64, DateTime<Utc>)>;

/// The counts that were not written yet.
#[derive(Debug, Default)]
pub struct Usage(Mutex<Counts>);

impl Usage {
    /// Counts one answer to a client: `signed_in`, `refreshed`, or the code of an error. Only clients that there are; a
    /// trial of one is nobody's use of it.
    pub fn note(&self, client: &ClientId, outcome: &'static str, now: DateTime<Utc>) {
        if client.is_trial() {
            return;
        }
        let mut counts = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if counts.len() >= MOST {
            return;
        }
        let count = counts.entry((client.clone(), day(now), outcome)).or_insert((0, now));
        *count = (count.0 + 1, now.max(count.1));
    }

    /// Adds what was counted to the database.
    ///
    /// # Errors
    /// [`StoreError`]; what was counted stays, and is added next time.
    pub async fn flush(&self, store: &Store) -> Result<(), StoreError> {
        let taken = std::mem::take(&mut *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        if taken.is_empty() {
            return Ok(());
        }
        let rows: Vec<ClientUse> = taken
            .iter()
            .map(|((client_id, day, outcome), (count, last_at))| ClientUse {
                client_id: client_id.clone(),
                day: *day,
                outcome: (*outcome).to_owned(),
                count: *count,
                last_at: *last_at,
            })
            .collect();
        let written = store.add_client_use(&rows).await;
        if written.is_err() {
            let mut counts = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            for (key, (count, last)) in taken {
                let again = counts.entry(key).or_insert((0, last));
                *again = (again.0 + count, last.max(again.1));
            }
        }
        written
    }
}

/// The day of a moment in UTC, counted since 1970.
pub fn day(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(86_400)
}
