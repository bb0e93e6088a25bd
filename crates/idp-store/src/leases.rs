//! Who leads a job.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::engine::{Change, params};
use crate::{Store, StoreError};

impl Store {
    /// Takes the lead of a job until `until`, or keeps it. `false` when somebody else has it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_lease(
        &self,
        name: &str,
        holder: Uuid,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO leases (name, holder, until) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET \
             holder = excluded.holder, until = excluded.until WHERE leases.until <= $4 OR leases.holder = $2 \
             RETURNING name";
        self.engine().settle(Change::new("leases", sql, params![name, holder, until, now])).await
    }
}
