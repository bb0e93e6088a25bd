//! What is delivered to services, whatever it is: taken under a lease, told, tried again later, or given up. A row is named by
//! its client and one name more; what made it anew meanwhile (`made_at`) is told again.

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::audit::AuditEvent;
use idp_core::id::ClientId;
use uuid::Uuid;

use crate::engine::{Change, Row, params};
use crate::{Store, StoreError};

/// A table of deliveries.
pub(crate) struct Queue {
    pub(crate) table: &'static str,
    /// The column that names a row beside its client.
    pub(crate) name: &'static str,
    /// What is read of a row that is taken.
    pub(crate) columns: &'static str,
    /// Which rows may be taken; `$3` is now.
    pub(crate) which: &'static str,
}

/// A row that was taken.
#[derive(Clone, Copy)]
pub(crate) struct Taken<'a> {
    pub(crate) client: &'a ClientId,
    pub(crate) name: Uuid,
    pub(crate) made_at: DateTime<Utc>,
}

impl Queue {
    /// Takes up to `limit` due rows, at most `each` of one client, so that a client that is slow keeps nobody else's waiting;
    /// nobody else gets them meanwhile.
    pub(crate) async fn lease(
        &self,
        store: &Store,
        holder: Uuid,
        now: DateTime<Utc>,
        lease: TimeDelta,
        each: u32,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        let Self { table, name, columns, which } = self;
        let free =
            format!("done_at IS NULL AND due_at <= $3 AND (leased_until IS NULL OR leased_until <= $3) AND {which}");
        // Two nodes may choose the same ones: the later write finds them leased.
        let sql = format!(
            "WITH due AS MATERIALIZED (SELECT client_id, {name} FROM (SELECT client_id, {name}, due_at, row_number() \
             OVER (PARTITION BY client_id ORDER BY due_at, {name}) AS place FROM {table} WHERE {free}) AS waiting \
             WHERE place <= $4 ORDER BY due_at LIMIT $5) \
             UPDATE {table} SET leased_by = $1, leased_until = $2, attempts = attempts + 1 \
             WHERE {free} AND (client_id, {name}) IN (SELECT client_id, {name} FROM due) RETURNING {columns}"
        );
        let values = params![holder, now + lease, now, each, limit];
        store.engine().change(Change::new(self.table, sql, values)).await
    }

    /// It was delivered, or nobody tries again. Nothing happens when it was made anew meanwhile.
    pub(crate) async fn done(
        &self,
        store: &Store,
        taken: Taken<'_>,
        delivered: bool,
        error: Option<&str>,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<(), StoreError> {
        let Self { table, name, .. } = self;
        let sql = format!(
            "UPDATE {table} SET done_at = $4, delivered = $5, last_error = $6, leased_by = NULL, leased_until = NULL \
             WHERE client_id = $1 AND {name} = $2 AND made_at = $3 AND done_at IS NULL RETURNING {name}"
        );
        let values = params![taken.client, taken.name, taken.made_at, now, delivered, error];
        store.engine().change(Change::new(self.table, sql, values).events(events)).await.map(|_| ())
    }

    /// It was not delivered, and is tried again at `due_at`.
    pub(crate) async fn retry(
        &self,
        store: &Store,
        taken: Taken<'_>,
        due_at: DateTime<Utc>,
        error: &str,
    ) -> Result<(), StoreError> {
        let Self { table, name, .. } = self;
        let sql = format!(
            "UPDATE {table} SET due_at = $4, last_error = $5, leased_by = NULL, leased_until = NULL \
             WHERE client_id = $1 AND {name} = $2 AND made_at = $3 AND done_at IS NULL RETURNING {name}"
        );
        let values = params![taken.client, taken.name, taken.made_at, due_at, error];
        store.engine().change(Change::new(self.table, sql, values)).await.map(|_| ())
    }
}
