//! What clients were answered, by day.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use idp_core::id::ClientId;

use crate::engine::{Row, Verdict, params};
use crate::{Store, StoreError};

/// What was given, and not an error.
const GIVEN: [&str; 3] = ["signed_in", "refreshed", "served"];

/// How often a client was answered so on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientUse {
    /// The client.
    pub client_id: ClientId,
    /// The day in UTC, counted since 1970.
    pub day: i64,
    /// `signed_in`, `refreshed`, or the code of an error.
    pub outcome: String,
    /// How often.
    pub count: u64,
    /// The last time.
    pub last_at: DateTime<Utc>,
}

fn client_use(row: &Row) -> Result<ClientUse, StoreError> {
    Ok(ClientUse {
        client_id: row.client_id("client_id")?,
        day: row.get("day")?,
        outcome: row.get("outcome")?,
        count: u64::try_from(row.get::<i64>("count")?).map_err(|_| row.corrupt("count"))?,
        last_at: row.time("last_at")?,
    })
}

impl Store {
    /// Adds to the counts.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was added then.
    pub async fn add_client_use(&self, rows: &[ClientUse]) -> Result<(), StoreError> {
        // In one order on every node, so that two that write at once do not wait in a circle.
        let mut rows = rows.to_vec();
        rows.sort_by(|a, b| (&a.client_id, a.day, &a.outcome).cmp(&(&b.client_id, b.day, &b.outcome)));
        self.engine()
            .steps(rows, |tx, rows| {
                Box::pin(async move {
                    let sql = "INSERT INTO client_days (client_id, day, outcome, count, last_at) \
                         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (client_id, day, outcome) DO UPDATE SET \
                         count = client_days.count + excluded.count, \
                         last_at = CASE WHEN excluded.last_at > client_days.last_at THEN excluded.last_at \
                         ELSE client_days.last_at END";
                    for row in rows {
                        let values = params![&row.client_id, row.day, row.outcome.as_str(), row.count, row.last_at];
                        tx.run(sql, values).await?;
                    }
                    let mut last: BTreeMap<&ClientId, DateTime<Utc>> = BTreeMap::new();
                    for row in rows.iter().filter(|row| GIVEN.contains(&row.outcome.as_str())) {
                        let at = last.entry(&row.client_id).or_insert(row.last_at);
                        *at = row.last_at.max(*at);
                    }
                    let sql = "INSERT INTO client_last_use (client_id, last_at) VALUES ($1, $2) \
                         ON CONFLICT (client_id) DO UPDATE SET last_at = excluded.last_at \
                         WHERE excluded.last_at > client_last_use.last_at";
                    for (client, at) in last {
                        tx.run(sql, params![client, at]).await?;
                    }
                    Ok(Verdict::Keep(()))
                })
            })
            .await
    }

    /// What one client was answered from `day` on, the newest day first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn client_use(&self, client: &ClientId, day: i64) -> Result<Vec<ClientUse>, StoreError> {
        let sql = "SELECT client_id, day, outcome, count, last_at FROM client_days \
             WHERE client_id = $1 AND day >= $2 ORDER BY day DESC, outcome";
        self.engine().all("client_days", sql, params![client, day]).await?.iter().map(client_use).collect()
    }

    /// When each client was last given something: signed in, refreshed, or served as itself.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn clients_last_used(&self) -> Result<Vec<(ClientId, DateTime<Utc>)>, StoreError> {
        let sql = "SELECT client_id, last_at FROM client_last_use";
        let rows = self.engine().all("client_last_use", sql, params![]).await?;
        rows.iter().map(|row| Ok((row.client_id("client_id")?, row.time("last_at")?))).collect()
    }

    /// The same of one client.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn client_last_used(&self, client: &ClientId) -> Result<Option<DateTime<Utc>>, StoreError> {
        let sql = "SELECT last_at FROM client_last_use WHERE client_id = $1";
        let row = self.engine().one("client_last_use", sql, params![client]).await?;
        row.map(|row| row.time("last_at")).transpose()
    }
}
