//! One-time links sent by mail; only their digests are kept.

use chrono::{DateTime, Utc};
use idp_core::audit::AuditEvent;
use idp_core::id::AccountId;
use idp_core::secret::Digest;
use uuid::Uuid;

use crate::engine::{Change, Tx, params};
use crate::{Store, StoreError};

/// A link to be written with the mail that carries it.
#[derive(Clone, Debug)]
pub struct OneTimeLink {
    /// The digest of its secret.
    pub digest: Digest,
    /// Whose account it is about.
    pub account_id: AccountId,
    /// What it may be used for.
    pub purpose: String,
    /// The end, whatever happens.
    pub expires_at: DateTime<Utc>,
}

pub(crate) async fn insert_links(tx: &mut Tx<'_>, links: &[OneTimeLink]) -> Result<(), StoreError> {
    let sql = "INSERT INTO links (digest, account_id, purpose, expires_at) VALUES ($1, $2, $3, $4)";
    for link in links {
        tx.run(sql, params![link.digest, link.account_id, link.purpose.as_str(), link.expires_at]).await?;
    }
    Ok(())
}

impl Store {
    /// Whose account an unused link is about, without using it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn peek_link(
        &self,
        digest: &Digest,
        purpose: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<AccountId>, StoreError> {
        let sql = "SELECT account_id FROM links \
             WHERE digest = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3";
        let row = self.engine().one("links", sql, params![digest, purpose, now]).await?;
        row.map(|row| row.get::<Uuid>("account_id").map(AccountId)).transpose()
    }

    /// Uses a link, once; whose account it is about.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn redeem_link(
        &self,
        digest: &Digest,
        purpose: &str,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<Option<AccountId>, StoreError> {
        let sql = "UPDATE links SET used_at = $3 \
             WHERE digest = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3 RETURNING account_id";
        let change = Change::new("links", sql, params![digest, purpose, now]);
        let rows = self.engine().change(change.events(events)).await?;
        rows.first().map(|row| row.get::<Uuid>("account_id").map(AccountId)).transpose()
    }
}
