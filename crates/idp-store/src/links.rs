//! One-time links sent by mail; only their digests are kept.

use chrono::{DateTime, Utc};
use idp_core::audit::AuditEvent;
use idp_core::id::AccountId;
use idp_core::secret::Digest;
use idp_core::session::SessionEnd;
use uuid::Uuid;

use crate::engine::{Tx, Verdict, params};
use crate::sessions::end_in;
use crate::thaid::close_in;
use crate::{Ending, Store, StoreError, ThaidDoor};

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
    /// Uses a link by which the owner says that a sign-in was not theirs, once: every session and grant ends, no browser is
    /// known any more, `recovery` sets a password in place of the one that others may know, and with [`ThaidDoor::Closed`]
    /// a verified account is not opened through ThaID until its owner says so. Nothing else is taken away.
    /// `false` when the link was used or is too old.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn dispute_sign_in(
        &self,
        digest: &Digest,
        purpose: &'static str,
        recovery: &OneTimeLink,
        door: ThaidDoor,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let order = (*digest, recovery.clone(), events.to_vec());
        self.engine()
            .steps(order, move |tx, (digest, recovery, events)| {
                Box::pin(async move {
                    let account = recovery.account_id;
                    let use_it = "UPDATE links SET used_at = $3 WHERE digest = $1 AND purpose = $2 AND account_id = $4 \
                         AND used_at IS NULL AND expires_at > $3";
                    if tx.run(use_it, params![*digest, purpose, now, account]).await? == 0 {
                        return Ok(Verdict::Undo(false));
                    }
                    end_in(tx, Ending::Account(account), SessionEnd::Disputed, now, events).await?;
                    tx.run("DELETE FROM known_devices WHERE account_id = $1", params![account]).await?;
                    let waiting = "DELETE FROM email_changes WHERE account_id = $1 AND stage = 'code_sent'";
                    tx.run(waiting, params![account]).await?;
                    if door == ThaidDoor::Closed {
                        close_in(tx, account, now).await?;
                    }
                    crate::lost_factors::cancel_in(tx, account, now).await?;
                    insert_links(tx, std::slice::from_ref(recovery)).await?;
                    tx.record(events).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }

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
}
