//! Client assertions that were used: each is good for one request, whichever node it comes to.

use idp_core::client::OneUse;

use crate::engine::{Change, params};
use crate::{Store, StoreError};

impl Store {
    /// Uses an assertion, once. `false` when it was used before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn use_assertion(&self, once: &OneUse) -> Result<bool, StoreError> {
        let sql = "INSERT INTO client_assertions (digest, expires_at) VALUES ($1, $2) \
             ON CONFLICT DO NOTHING RETURNING digest";
        self.engine().settle(Change::new("client_assertions", sql, params![&once.digest, once.until])).await
    }
}
