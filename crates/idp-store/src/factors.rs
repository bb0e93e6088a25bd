//! Second factors: which an account has, each use settled by its write, and their changes, which end every other session.

use chrono::{DateTime, Utc};
use idp_core::account::{Factors, TotpFactor};
use idp_core::audit::AuditEvent;
use idp_core::id::{AccountId, SessionId};
use idp_core::mail::OutgoingMail;
use idp_core::secret::Digest;
use idp_core::session::SessionEnd;

use crate::engine::{Change, Tx, Verdict, params};
use crate::links::{insert_links, void_mailed};
use crate::sessions::{end_in, forget_devices, hold_session};
use crate::{Ending, OneTimeLink, Store, StoreError};

/// A change of what an account signs in with, and what is written beside it.
#[derive(Clone, Debug)]
pub struct FactorChange {
    /// Whose.
    pub account_id: AccountId,
    /// The session it is made in, which has to be alive. Every other one ends, and every grant that does not live with it.
    pub kept: SessionId,
    /// The browser it is made in: the account knows it on, if it did, and no other one.
    pub device: Option<Digest>,
    /// The link in the letter about it, by which its owner objects.
    pub links: Vec<OneTimeLink>,
    /// The lines in the log.
    pub events: Vec<AuditEvent>,
    /// The letter about it.
    pub mails: Vec<OutgoingMail>,
}

/// An authenticator app whose first code is there.
#[derive(Clone)]
pub struct NewTotp {
    /// The shared secret, sealed.
    pub sealed: Vec<u8>,
    /// The step of that code.
    pub step: i64,
}

/// What came of setting an app up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TotpAdded {
    /// It is there; every session but one has ended.
    Done {
        /// Whether it is the account's first strong factor, and the recovery codes beside it are new.
        first: bool,
    },
    /// There was one already.
    There,
    /// The session has ended.
    Gone,
}

/// A shared secret as it is kept.
pub struct StoredTotp {
    /// Sealed.
    pub sealed: Vec<u8>,
    /// The step of the last code that was accepted.
    pub last_step: i64,
}

impl Store {
    /// The second factors of an account, as they are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn factors(&self, account: AccountId) -> Result<Factors, StoreError> {
        let sql = "SELECT a.id, t.since, t.last_used_at, \
             (SELECT count(*) FROM passkeys p WHERE p.account_id = a.id) AS passkeys, \
             (SELECT count(*) FROM recovery_codes c WHERE c.account_id = a.id AND c.used_at IS NULL) AS codes \
             FROM accounts a LEFT JOIN totp_factors t ON t.account_id = a.id WHERE a.id = $1";
        let Some(row) = self.engine().one("totp_factors", sql, params![account]).await? else {
            return Ok(Factors::default());
        };
        let last_used_at = row.time_if_any("last_used_at")?;
        Ok(Factors {
            totp: row.time_if_any("since")?.map(|since| TotpFactor { since, last_used_at }),
            passkeys: row.number("passkeys")?,
            recovery_codes: row.number("codes")?,
        })
    }

    /// The shared secret of an account's authenticator app.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn totp_secret(&self, account: AccountId) -> Result<Option<StoredTotp>, StoreError> {
        let sql = "SELECT account_id, sealed, last_step FROM totp_factors WHERE account_id = $1";
        let row = self.engine().one("totp_factors", sql, params![account]).await?;
        row.map(|row| Ok(StoredTotp { sealed: row.get("sealed")?, last_step: row.get("last_step")? })).transpose()
    }

    /// Accepts the code of `step`, once, and no older one after it. `false` when it or a later one was accepted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn accept_totp(&self, account: AccountId, step: i64, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let sql = "UPDATE totp_factors SET last_step = $2, last_used_at = $3 WHERE account_id = $1 AND last_step < $2 \
             RETURNING account_id";
        self.engine().settle(Change::new("totp_factors", sql, params![account, step, now])).await
    }

    /// Uses a recovery code, once. `false` when it is none of the account's, or was used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn use_recovery_code(
        &self,
        account: AccountId,
        code: &Digest,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE recovery_codes SET used_at = $3 WHERE account_id = $1 AND digest = $2 AND used_at IS NULL \
             RETURNING account_id";
        let change = Change::new("recovery_codes", sql, params![account, code, now]);
        self.engine().settle(change.events(events)).await
    }

    /// Sets an authenticator app up, with `codes` where it is the first strong factor.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_totp(
        &self,
        totp: NewTotp,
        codes: &[Digest],
        change: FactorChange,
        now: DateTime<Utc>,
    ) -> Result<TotpAdded, StoreError> {
        let order = (totp, codes.to_vec(), change);
        self.engine()
            .steps(order, move |tx, (totp, codes, change)| {
                Box::pin(async move {
                    if !hold_session(tx, change.account_id, change.kept).await? {
                        return Ok(Verdict::Undo(TotpAdded::Gone));
                    }
                    let first = insert_first_codes(tx, change.account_id, codes, now).await?;
                    let sql = "INSERT INTO totp_factors (account_id, sealed, since, last_used_at, last_step) \
                         VALUES ($1, $2, $3, $3, $4) ON CONFLICT DO NOTHING";
                    let row = params![change.account_id, totp.sealed.as_slice(), now, totp.step];
                    if tx.run(sql, row).await? == 0 {
                        return Ok(Verdict::Undo(TotpAdded::There));
                    }
                    conclude(tx, change, now).await?;
                    Ok(Verdict::Keep(TotpAdded::Done { first }))
                })
            })
            .await
    }

    /// Takes the authenticator app away; with the last factor the recovery codes go, which mean nothing alone. `false`
    /// when there is none, or the session has ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_totp(&self, change: FactorChange, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.engine()
            .steps(change, move |tx, change| {
                Box::pin(async move {
                    let sql = "DELETE FROM totp_factors WHERE account_id = $1";
                    if !hold_session(tx, change.account_id, change.kept).await?
                        || tx.run(sql, params![change.account_id]).await? == 0
                    {
                        return Ok(Verdict::Undo(false));
                    }
                    drop_useless_codes(tx, change.account_id).await?;
                    conclude(tx, change, now).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }

    /// Puts a new set of recovery codes in the place of the old one. `false` when the session has ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replace_recovery_codes(
        &self,
        codes: &[Digest],
        change: FactorChange,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.engine()
            .steps((codes.to_vec(), change), move |tx, (codes, change)| {
                Box::pin(async move {
                    if !hold_session(tx, change.account_id, change.kept).await? {
                        return Ok(Verdict::Undo(false));
                    }
                    insert_codes(tx, change.account_id, codes, now).await?;
                    conclude(tx, change, now).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }
}

/// A whole set, in the place of whatever was there.
pub(crate) async fn insert_codes(
    tx: &mut Tx<'_>,
    account: AccountId,
    codes: &[Digest],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    tx.run("DELETE FROM recovery_codes WHERE account_id = $1", params![account]).await?;
    let sql = "INSERT INTO recovery_codes (account_id, digest, made_at) VALUES ($1, $2, $3)";
    for code in codes {
        tx.run(sql, params![account, code, now]).await?;
    }
    Ok(())
}

/// Writes the first recovery codes of an account that is about to get its first strong factor; `false`, and those that are
/// there go on, when it has one. The caller holds the account, so that of two first factors at once one comes with codes.
pub(crate) async fn insert_first_codes(
    tx: &mut Tx<'_>,
    account: AccountId,
    codes: &[Digest],
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let sql = "SELECT account_id AS id FROM totp_factors WHERE account_id = $1 \
         UNION ALL SELECT account_id AS id FROM passkeys WHERE account_id = $1";
    if tx.one("totp_factors", sql, params![account]).await?.is_some() {
        return Ok(false);
    }
    insert_codes(tx, account, codes, now).await?;
    Ok(true)
}

/// Deletes the recovery codes of an account that has no strong factor left which they could stand for.
pub(crate) async fn drop_useless_codes(tx: &mut Tx<'_>, account: AccountId) -> Result<(), StoreError> {
    let sql = "DELETE FROM recovery_codes WHERE account_id = $1 \
         AND NOT EXISTS (SELECT 1 FROM totp_factors WHERE account_id = $1) \
         AND NOT EXISTS (SELECT 1 FROM passkeys WHERE account_id = $1)";
    tx.run(sql, params![account]).await.map(|_| ())
}

/// Deletes the strong factors that an account was given since `then`, and recovery codes of that time; `false` when there are
/// none.
pub(crate) async fn drop_factors_since(
    tx: &mut Tx<'_>,
    account: AccountId,
    then: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let mut dropped = 0;
    for sql in [
        "DELETE FROM totp_factors WHERE account_id = $1 AND since >= $2",
        "DELETE FROM passkeys WHERE account_id = $1 AND created_at >= $2",
        "DELETE FROM recovery_codes WHERE account_id = $1 AND made_at >= $2",
    ] {
        dropped += tx.run(sql, params![account, then]).await?;
    }
    drop_useless_codes(tx, account).await?;
    Ok(dropped > 0)
}

/// What every change of factors does: the other sessions end, other browsers are strangers again, what was mailed before is
/// void, the log and the mailbox are told.
pub(crate) async fn conclude(tx: &mut Tx<'_>, change: &FactorChange, now: DateTime<Utc>) -> Result<(), StoreError> {
    let others = Ending::AccountExcept(change.account_id, change.kept);
    end_in(tx, others, SessionEnd::FactorsChanged, now, &change.events).await?;
    forget_devices(tx, change.account_id, change.device).await?;
    void_mailed(tx, change.account_id, now).await?;
    insert_links(tx, &change.links).await?;
    tx.record(&change.events).await?;
    tx.queue(&change.mails).await
}
