//! Deleting what nobody needs any more: the classes of `idp_core::privacy::retention`.

use chrono::{DateTime, Utc};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::privacy::retention::{
    ADDRESSES_IN_LOG, ADDRESSES_NAME, CLASSES, Class, Fate, GRANTS_NAME, GRANTS_OF_ENDED_SESSIONS, TRIALS_NAME,
};
use serde_json::{Map, Value};

use crate::engine::{Change, params};
use crate::{Store, StoreError};

/// Rows deleted by one statement at most, so that nobody waits long behind it.
const BATCH: u32 = 500;

/// Seals looked for at once; each is over 2 000 lines at most.
const SEALS: u32 = 100;

/// What a run has done: how many rows of each class, of those that had any.
type Counts = Vec<(&'static str, usize)>;

impl Store {
    /// Does what the retention table says, in small batches, and tells how many rows it took. How many of which class is
    /// written down: in the program's log, and in the audit log what tells of people.
    ///
    /// # Errors
    /// [`StoreError`]. What was taken before it stays so, and is written down.
    pub async fn purge(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let mut purged = Counts::new();
        let done = self.purge_classes(now, &mut purged).await;
        let personal = |name: &str| {
            [GRANTS_NAME, ADDRESSES_NAME].contains(&name)
                || CLASSES.iter().any(|class| class.name == name && class.personal)
        };
        let told: Map<String, Value> = purged
            .iter()
            .filter(|(name, _)| personal(name))
            .map(|(name, rows)| ((*name).to_owned(), Value::from(*rows)))
            .collect();
        if !told.is_empty() {
            let event = AuditEvent::new(now, Actor::System, Action::RetentionRun).detail(Value::Object(told));
            self.record(&[event]).await?;
        }
        if !purged.is_empty() {
            tracing::info!(rows = ?purged, "what was kept long enough is gone");
        }
        done.map(|()| purged.iter().map(|(_, rows)| rows).sum())
    }

    async fn purge_classes(&self, now: DateTime<Utc>, purged: &mut Counts) -> Result<(), StoreError> {
        let mut count = |name, rows| {
            if rows > 0 {
                purged.push((name, rows));
            }
        };
        count(GRANTS_NAME, self.clear_ended_sessions(now - GRANTS_OF_ENDED_SESSIONS).await?);
        count(ADDRESSES_NAME, self.clear_addresses(now - ADDRESSES_IN_LOG).await?);
        count(TRIALS_NAME, self.clear_trials(now).await?);
        for class in CLASSES {
            count(class.name, self.purge_class(class, now - class.kept).await?);
        }
        Ok(())
    }

    async fn purge_class(&self, class: &'static Class, before: DateTime<Utc>) -> Result<usize, StoreError> {
        let Class { table, key, over, .. } = *class;
        let act = match class.fate {
            Fate::Deleted => format!("DELETE FROM {table}"),
            Fate::Cleared(assignments) => format!("UPDATE {table} SET {assignments}"),
        };
        let sql = format!(
            "WITH old AS MATERIALIZED (SELECT {key} FROM {table} WHERE {over} LIMIT $2) \
             {act} WHERE {over} AND ({key}) IN (SELECT {key} FROM old) RETURNING {key}"
        );
        let mut rows = 0;
        loop {
            let batch = self.engine().change(Change::new(table, sql.as_str(), params![before, BATCH])).await?.len();
            rows += batch;
            if batch < BATCH as usize {
                return Ok(rows);
            }
        }
    }

    /// Takes the network addresses out of old lines of the audit log, seal by seal: the lines under a seal are older than
    /// it, and what it covers of them stays.
    async fn clear_addresses(&self, before: DateTime<Utc>) -> Result<usize, StoreError> {
        let mut cleared = 0;
        loop {
            let sql = "SELECT number, from_seq, to_seq FROM audit_seals WHERE cleared = FALSE AND at < $1 \
                 ORDER BY at LIMIT $2";
            let seals = self.engine().all("audit_seals", sql, params![before, SEALS]).await?;
            for seal in &seals {
                let (from, to) = (seal.get::<i64>("from_seq")?, seal.get::<i64>("to_seq")?);
                let lines = "UPDATE audit_log SET address = NULL, address_salt = NULL \
                     WHERE seq BETWEEN $1 AND $2 AND address IS NOT NULL RETURNING seq";
                cleared += self.engine().change(Change::new("audit_log", lines, params![from, to])).await?.len();
                // Cleared twice is no harm, so the two steps need no transaction around them.
                let done = "UPDATE audit_seals SET cleared = TRUE WHERE number = $1 RETURNING number";
                let number = seal.get::<i64>("number")?;
                self.engine().change(Change::new("audit_seals", done, params![number])).await?;
            }
            if seals.len() < SEALS as usize {
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
