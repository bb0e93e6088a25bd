//! Deleting what nobody needs any more: the classes of `idp_core::privacy::retention`.

use chrono::{DateTime, Utc};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::privacy::retention::{CLASSES, Class, Fate, GRANTS_NAME, GRANTS_OF_ENDED_SESSIONS};
use serde_json::{Map, Value};

use crate::engine::{Change, params};
use crate::{Store, StoreError};

/// Rows deleted by one statement at most, so that nobody waits long behind it.
const BATCH: u32 = 500;

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
        let personal =
            |name: &str| name == GRANTS_NAME || CLASSES.iter().any(|class| class.name == name && class.personal);
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
