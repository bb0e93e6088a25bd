//! Requests to remove second factors that were lost. Each step is settled by its write, which looks at the step before.

use chrono::{DateTime, Utc};
use idp_core::account::{LOST_FACTOR_PROOF_LIFETIME, LOST_FACTOR_REMOVAL_LIFETIME, LostFactorStage};
use idp_core::audit::AuditEvent;
use idp_core::id::AccountId;
use idp_core::mail::OutgoingMail;
use idp_core::secret::Digest;
use idp_core::session::SessionEnd;

use crate::engine::{Tx, Verdict, params};
use crate::factors::drop_useless_codes;
use crate::links::{insert_links, void_mailed};
use crate::sessions::{end_in, forget_devices};
use crate::{Ending, OneTimeLink, Store, StoreError};

/// The kind of the letter that waits in the outbox until the waiting time is over.
pub const LOST_FACTOR_OVER: &str = "lost_factor_over";

/// A step of a request, and what is written beside it.
#[derive(Clone, Debug)]
pub struct LostFactorOrder {
    /// Whose factors.
    pub account_id: AccountId,
    /// The links by which the owner objects.
    pub links: Vec<OneTimeLink>,
    /// The lines in the log.
    pub events: Vec<AuditEvent>,
    /// The letters.
    pub mails: Vec<OutgoingMail>,
}

impl Store {
    /// How far the last request of an account has come.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn lost_factor(&self, account: AccountId) -> Result<Option<LostFactorStage>, StoreError> {
        let sql = "SELECT stage, changed_at, wait_until FROM lost_factors WHERE account_id = $1";
        let Some(row) = self.engine().one("lost_factors", sql, params![account]).await? else { return Ok(None) };
        Ok(Some(match row.get::<String>("stage")?.as_str() {
            "mail_proven" => LostFactorStage::MailProven { at: row.time("changed_at")? },
            "waiting" => LostFactorStage::Waiting { until: row.time("wait_until")? },
            "done" => LostFactorStage::Done,
            "cancelled" => LostFactorStage::Cancelled,
            _ => return Err(row.corrupt("stage")),
        }))
    }

    /// Spends the code that was mailed for `purpose`, and with it the mailbox is proven. `false` when the code was spent, or
    /// a request waits already: asking again changes nothing about its time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prove_mailbox_of_lost_factor(
        &self,
        account: AccountId,
        purpose: &'static str,
        code: &Digest,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let code = *code;
        self.engine()
            .steps((), move |tx, ()| {
                Box::pin(async move {
                    if !spend_code(tx, account, purpose, &code, now).await? {
                        return Ok(Verdict::Undo(false));
                    }
                    let sql = "INSERT INTO lost_factors (account_id, stage, changed_at) VALUES ($1, 'mail_proven', $2) \
                         ON CONFLICT (account_id) DO UPDATE SET stage = excluded.stage, \
                         changed_at = excluded.changed_at, wait_until = NULL \
                         WHERE lost_factors.stage <> 'waiting' OR lost_factors.wait_until <= $3";
                    let values = params![account, now, now - LOST_FACTOR_REMOVAL_LIFETIME];
                    Ok(match tx.run(sql, values).await? {
                        0 => Verdict::Undo(false),
                        _ => Verdict::Keep(true),
                    })
                })
            })
            .await
    }

    /// Begins the waiting time of a request whose mailbox was proven just now. `false` when it was not, or somebody else
    /// began it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_lost_factor_wait(
        &self,
        order: LostFactorOrder,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.engine()
            .steps(order, move |tx, order| {
                Box::pin(async move {
                    let sql = "UPDATE lost_factors SET stage = 'waiting', changed_at = $2, wait_until = $3 \
                         WHERE account_id = $1 AND stage = 'mail_proven' AND changed_at > $4 \
                         AND EXISTS (SELECT 1 FROM accounts WHERE id = $1 \
                         AND standing IN ('active', 'restricted', 'deleting'))";
                    let values = params![order.account_id, now, until, now - LOST_FACTOR_PROOF_LIFETIME];
                    if tx.run(sql, values).await? == 0 {
                        return Ok(Verdict::Undo(false));
                    }
                    conclude(tx, order).await
                })
            })
            .await
    }

    /// Removes the factors of a request whose waiting time is over: once, for whoever proves the mailbox again by the
    /// `code` that was mailed for `purpose`, since days have gone by and the password alone is what a thief has. Every
    /// session ends. `false` when the code was spent, no request waits, its time has not come, or the account was stopped.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_lost_factors(
        &self,
        order: LostFactorOrder,
        purpose: &'static str,
        code: &Digest,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.engine()
            .steps((order, *code), move |tx, (order, code)| {
                Box::pin(async move {
                    let account = order.account_id;
                    if !spend_code(tx, account, purpose, code, now).await? {
                        return Ok(Verdict::Undo(false));
                    }
                    let sql = "UPDATE lost_factors SET stage = 'done', changed_at = $2 \
                         WHERE account_id = $1 AND stage = 'waiting' AND wait_until <= $2 AND wait_until > $3 \
                         AND EXISTS (SELECT 1 FROM accounts WHERE id = $1 \
                         AND standing IN ('active', 'restricted', 'deleting'))";
                    if tx.run(sql, params![account, now, now - LOST_FACTOR_REMOVAL_LIFETIME]).await? == 0 {
                        return Ok(Verdict::Undo(false));
                    }
                    tx.run("DELETE FROM totp_factors WHERE account_id = $1", params![account]).await?;
                    // The telephone that is lost held those too.
                    tx.run("DELETE FROM passkeys WHERE account_id = $1", params![account]).await?;
                    drop_useless_codes(tx, account).await?;
                    end_in(tx, Ending::Account(account), SessionEnd::FactorsChanged, now, &order.events).await?;
                    forget_devices(tx, account, None).await?;
                    void_mailed(tx, account, now).await?;
                    conclude(tx, order).await
                })
            })
            .await
    }

    /// Calls a request off. `false`, and nothing is written, when none is under way.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn cancel_lost_factor(
        &self,
        account: AccountId,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        // Nearly everybody has none: a look costs no turn at the pen.
        let open = "SELECT account_id FROM lost_factors WHERE account_id = $1 AND stage IN ('mail_proven', 'waiting')";
        if self.engine().one("lost_factors", open, params![account]).await?.is_none() {
            return Ok(false);
        }
        self.engine()
            .steps(events.to_vec(), move |tx, events| {
                Box::pin(async move {
                    if !cancel_in(tx, account, now).await? {
                        return Ok(Verdict::Undo(false));
                    }
                    tx.record(events).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }
}

async fn spend_code(
    tx: &mut Tx<'_>,
    account: AccountId,
    purpose: &str,
    code: &Digest,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let spend = "UPDATE mailed_codes SET confirmed_at = $4 \
         WHERE account_id = $1 AND purpose = $2 AND code_digest = $3 AND confirmed_at IS NULL";
    Ok(tx.run(spend, params![account, purpose, code, now]).await? > 0)
}

/// Calls a request off in a transaction about more than it; the letter about the end of its time is not sent.
pub(crate) async fn cancel_in(tx: &mut Tx<'_>, account: AccountId, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let sql = "UPDATE lost_factors SET stage = 'cancelled', changed_at = $2, wait_until = NULL \
         WHERE account_id = $1 AND stage IN ('mail_proven', 'waiting')";
    if tx.run(sql, params![account, now]).await? == 0 {
        return Ok(false);
    }
    let letter = "DELETE FROM mails WHERE account_id = $1 AND kind = $2 AND done_at IS NULL";
    tx.run(letter, params![account, LOST_FACTOR_OVER]).await?;
    Ok(true)
}

async fn conclude(tx: &mut Tx<'_>, order: &LostFactorOrder) -> Result<Verdict<bool>, StoreError> {
    insert_links(tx, &order.links).await?;
    tx.record(&order.events).await?;
    tx.queue(&order.mails).await?;
    Ok(Verdict::Keep(true))
}
