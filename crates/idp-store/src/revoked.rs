//! Access tokens without a grant that were revoked one by one.

use chrono::{DateTime, Utc};
use idp_core::audit::AuditEvent;
use idp_core::secret::Digest;

use crate::engine::{Change, params};
use crate::{Store, StoreError};

impl Store {
    /// Revokes a token by the digest of its name, until it would have ended by itself. `false` when it was revoked already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke_token(
        &self,
        name: &Digest,
        until: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO revoked_tokens (digest, expires_at) VALUES ($1, $2) \
             ON CONFLICT DO NOTHING RETURNING digest";
        self.engine().settle(Change::new("revoked_tokens", sql, params![name, until]).events(events)).await
    }

    /// Whether a token was revoked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn is_revoked(&self, name: &Digest) -> Result<bool, StoreError> {
        let sql = "SELECT digest FROM revoked_tokens WHERE digest = $1";
        Ok(self.engine().one("revoked_tokens", sql, params![name]).await?.is_some())
    }
}
