//! One-time links sent by mail; only their digests are kept.

use chrono::{DateTime, Utc};
use idp_core::audit::AuditEvent;
use idp_core::id::AccountId;
use idp_core::password::PasswordHash;
use idp_core::secret::Digest;
use idp_core::session::SessionEnd;
use uuid::Uuid;

use crate::engine::{Tx, Verdict, params};
use crate::passwords::void_password;
use crate::sessions::{end_in, forget_devices};
use crate::thaid::close_in;
use crate::{Ending, RECOVERY, Store, StoreError, ThaidDoor};

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

/// The purpose of a link by which its holder says that a sign-in was not theirs, and sets another password.
pub const SIGN_IN_DISPUTE: &str = "not-me-sign-in";
/// The purpose of a link by which its holder says the same of a removal of lost factors.
pub const LOST_FACTOR_DISPUTE: &str = "not-me-lost-factor";

/// Voids what was mailed to an account and would still change what it signs in with: links that set a password, and codes
/// that stand for a factor. Every change of a password, a factor or a standing does it.
pub(crate) async fn void_mailed(tx: &mut Tx<'_>, account: AccountId, now: DateTime<Utc>) -> Result<(), StoreError> {
    spend(tx, account, RECOVERY, now).await?;
    let codes = "DELETE FROM mailed_codes WHERE account_id = $1 AND purpose IN ('second-factor', 'lost-factor')";
    tx.run(codes, params![account]).await.map(|_| ())
}

/// The same where the mailbox itself is another one from now on: nothing that lies in the old one gives a password any
/// more, and nothing that was proven by it counts.
pub(crate) async fn void_mailbox(tx: &mut Tx<'_>, account: AccountId, now: DateTime<Utc>) -> Result<(), StoreError> {
    void_mailed(tx, account, now).await?;
    spend(tx, account, SIGN_IN_DISPUTE, now).await?;
    spend(tx, account, LOST_FACTOR_DISPUTE, now).await?;
    crate::lost_factors::cancel_in(tx, account, now).await.map(|_| ())
}

async fn spend(tx: &mut Tx<'_>, account: AccountId, purpose: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    let sql = "UPDATE links SET used_at = $1 WHERE account_id = $2 AND purpose = $3 AND used_at IS NULL";
    tx.run(sql, params![now, account, purpose]).await.map(|_| ())
}

impl Store {
    /// Uses a link by which the owner says that a sign-in was not theirs, once: every session and grant ends, no browser is
    /// known any more, the password that others may know is void and `recovery` sets another one, and with [`ThaidDoor::Closed`]
    /// a verified account is not opened through ThaID until its owner says so. Nothing else is taken away.
    /// `false` when the link was used or is too old.
    ///
    /// # Errors
    /// [`StoreError`].
    #[expect(clippy::too_many_arguments, reason = "a link, and everything that its use takes away")]
    pub async fn dispute_sign_in(
        &self,
        digest: &Digest,
        purpose: &'static str,
        recovery: &OneTimeLink,
        void: &PasswordHash,
        door: ThaidDoor,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let order = (*digest, recovery.clone(), void.clone(), events.to_vec());
        self.engine()
            .steps(order, move |tx, (digest, recovery, void, events)| {
                Box::pin(async move {
                    let account = recovery.account_id;
                    let use_it = "UPDATE links SET used_at = $3 WHERE digest = $1 AND purpose = $2 AND account_id = $4 \
                         AND used_at IS NULL AND expires_at > $3";
                    if tx.run(use_it, params![*digest, purpose, now, account]).await? == 0 {
                        return Ok(Verdict::Undo(false));
                    }
                    // The door before the account, as a sign-in through it does.
                    if door == ThaidDoor::Closed {
                        close_in(tx, account, now).await?;
                    }
                    void_password(tx, account, void).await?;
                    end_in(tx, Ending::Account(account), SessionEnd::Disputed, now, events).await?;
                    forget_devices(tx, account, None).await?;
                    void_mailed(tx, account, now).await?;
                    let waiting = "DELETE FROM email_changes WHERE account_id = $1 AND stage = 'code_sent'";
                    tx.run(waiting, params![account]).await?;
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
