//! Deeds that owners say were not theirs: what they stop, and what an officer settles when the account is restored.

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::{Dispute, NewFactors};
use idp_core::audit::AuditEvent;
use idp_core::id::AccountId;
use idp_core::password::PasswordHash;
use idp_core::secret::Digest;
use idp_core::session::SessionEnd;
use uuid::Uuid;

use crate::cache::Stale;
use crate::engine::{Tx, Verdict, params};
use crate::factors::drop_factors_since;
use crate::links::void_mailed;
use crate::passwords::void_password;
use crate::sessions::{end_in, forget_devices};
use crate::{Ending, Store, StoreError};

/// What an officer settles about a disputed account beside restoring it.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// What becomes of the second factors that were set up since.
    pub factors: NewFactors,
    /// A hash that no password has: somebody else may know the one that was.
    pub password: PasswordHash,
}

impl Store {
    /// Uses a link by which the owner says that a deed was not theirs, once: the account is frozen unless it was stopped
    /// already, its sessions and grants end, and the moment of the deed is kept until an officer has looked. The deed was
    /// done `lifetime` before the link ends. `false` when the link was used or is too old.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn dispute_deed(
        &self,
        digest: &Digest,
        purpose: &'static str,
        lifetime: TimeDelta,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let order = (*digest, events.to_vec());
        self.engine()
            .steps(order, move |tx, (digest, events)| {
                Box::pin(async move {
                    let use_it = "UPDATE links SET used_at = $3 \
                         WHERE digest = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3 \
                         RETURNING account_id, expires_at";
                    let Some(link) = tx.one("links", use_it, params![*digest, purpose, now]).await? else {
                        return Ok(Verdict::Undo(false));
                    };
                    let account = AccountId(link.get::<Uuid>("account_id")?);
                    dispute_in(tx, account, link.time("expires_at")? - lifetime, now).await?;
                    end_in(tx, Ending::Account(account), SessionEnd::Suspended, now, events).await?;
                    crate::lost_factors::cancel_in(tx, account, now).await?;
                    void_mailed(tx, account, now).await?;
                    tx.record(events).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }

    /// What the owner of an account disputes; `None` when nothing is, or an officer has settled it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn dispute(&self, account: AccountId) -> Result<Option<Dispute>, StoreError> {
        let sql = "SELECT a.disputed_since, \
             (SELECT count(*) FROM totp_factors t WHERE t.account_id = a.id AND t.since >= a.disputed_since) \
             + (SELECT count(*) FROM passkeys p WHERE p.account_id = a.id AND p.created_at >= a.disputed_since) \
             + (SELECT count(DISTINCT c.made_at) FROM recovery_codes c \
                WHERE c.account_id = a.id AND c.made_at >= a.disputed_since) AS factors \
             FROM accounts a WHERE a.id = $1 AND a.disputed_since IS NOT NULL";
        let row = self.engine().one("accounts", sql, params![account]).await?;
        row.map(|row| Ok(Dispute { since: row.time("disputed_since")?, factors: row.number("factors")? })).transpose()
    }
}

/// Stops an account at its owner's word, unless it was stopped already, and keeps since when it may be a stranger's.
pub(crate) async fn dispute_in(
    tx: &mut Tx<'_>,
    account: AccountId,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    tx.touch(Stale::Account(account));
    tx.run(FREEZE, params![account, now]).await?;
    let earliest = "UPDATE accounts SET disputed_since = $2 WHERE id = $1 AND standing <> 'erased' \
         AND (disputed_since IS NULL OR disputed_since > $2)";
    tx.run(earliest, params![account, since]).await.map(|_| ())
}

/// Freezes `$1` at `$2`.
pub(crate) const FREEZE: &str = "UPDATE accounts SET standing = 'frozen', standing_since = $2, erase_at = NULL, \
     resting_since = CASE standing WHEN 'restricted' THEN standing_since ELSE resting_since END \
     WHERE id = $1 AND standing IN ('active', 'restricted', 'deleting')";

/// Takes away what a stranger may hold. `false` when nothing is disputed.
pub(crate) async fn settle_in(
    tx: &mut Tx<'_>,
    account: AccountId,
    settlement: &Settlement,
) -> Result<bool, StoreError> {
    let sql = "SELECT disputed_since FROM accounts WHERE id = $1 AND disputed_since IS NOT NULL";
    let Some(row) = tx.one("accounts", sql, params![account]).await? else { return Ok(false) };
    if settlement.factors == NewFactors::Remove {
        drop_factors_since(tx, account, row.time("disputed_since")?).await?;
    }
    // A deletion that waits may be the stranger's.
    let settled = "UPDATE accounts SET disputed_since = NULL, erase_at = NULL WHERE id = $1";
    tx.run(settled, params![account]).await?;
    void_password(tx, account, &settlement.password).await?;
    forget_devices(tx, account, None).await?;
    tx.run("DELETE FROM email_changes WHERE account_id = $1 AND stage = 'code_sent'", params![account]).await?;
    Ok(true)
}
