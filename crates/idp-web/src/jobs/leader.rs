//! One leader among the nodes, by a lease in SQL.

use chrono::TimeDelta;
use idp_store::StoreError;
use uuid::Uuid;

use crate::state::App;

/// This process, as it asks for leases.
#[derive(Clone, Copy)]
pub struct Leader {
    holder: Uuid,
}

impl Leader {
    /// A name for this process.
    pub fn new(app: &App) -> Self {
        let mut bytes = [0; 16];
        app.chance.fill(&mut bytes);
        Self { holder: uuid::Builder::from_random_bytes(bytes).into_uuid() }
    }

    /// This process's name.
    pub fn holder(self) -> Uuid {
        self.holder
    }

    /// Whether this process leads `what` for the next while.
    ///
    /// # Errors
    /// When the store is down.
    pub async fn leads(self, app: &App, what: &str, lease: TimeDelta) -> Result<bool, StoreError> {
        let now = app.now();
        app.store.take_lease(what, self.holder, now + lease, now).await
    }
}
