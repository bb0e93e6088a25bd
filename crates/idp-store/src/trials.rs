//! Trials of clients: written with their line in the log, found while their client may be tried, and gone with everything
//! that came of them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use idp_core::audit::AuditEvent;
use idp_core::client::Client;
use idp_core::id::{AccountId, ClientId, GrantId};

use crate::accounts::json;
use crate::cache::Stale;
use crate::clients::client;
use crate::engine::{Tx, Verdict, params};
use crate::{Store, StoreError};

/// Trials cleared by one run at most.
const BATCH: u32 = 500;

impl Store {
    /// A trial, while its client is a draft or in use. Never cached: it is asked for a handful of times, and must be gone at
    /// once.
    pub(crate) async fn trial(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        let sql = "SELECT trials.client_id AS id, trials.settings FROM trials, clients WHERE trials.client_id = $1 \
             AND clients.id = trials.of_client AND clients.status IN ('draft', 'active')";
        let row = self.engine().one("trials", sql, params![id]).await?;
        row.as_ref().map(client).transpose().map(|found| found.map(Arc::new))
    }

    /// Begins a trial in the place of an earlier one of the same official. `false` when `shadow` is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_trial(&self, shadow: &Client, events: &[AuditEvent]) -> Result<bool, StoreError> {
        let Some(trial) = shadow.trial.clone().filter(|_| shadow.id.is_trial()) else { return Ok(false) };
        let order = (shadow.id.clone(), trial, json(shadow), events.to_vec());
        self.engine()
            .steps(order, |tx, (id, trial, settings, events)| {
                Box::pin(async move {
                    let before = "DELETE FROM trials WHERE account_id = $1 RETURNING client_id";
                    for row in tx.all("trials", before, params![trial.by]).await? {
                        clear(tx, &row.client_id("client_id")?, trial.by).await?;
                    }
                    let begin = "INSERT INTO trials (client_id, of_client, account_id, settings, expires_at) \
                         VALUES ($1, $2, $3, $4, $5)";
                    let values = params![&*id, &trial.of, trial.by, settings.as_str(), trial.until];
                    tx.run(begin, values).await?;
                    tx.record(events).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }

    /// Ends a trial. `false` when it is gone already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_trial(&self, id: &ClientId) -> Result<bool, StoreError> {
        self.engine()
            .steps(id.clone(), |tx, id| {
                Box::pin(async move {
                    let end = "DELETE FROM trials WHERE client_id = $1 RETURNING account_id";
                    let Some(row) = tx.one("trials", end, params![&*id]).await? else {
                        return Ok(Verdict::Undo(false));
                    };
                    clear(tx, id, AccountId(row.get("account_id")?)).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }

    /// Ends the trials whose time is over, and tells how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn clear_trials(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let sql = "SELECT client_id FROM trials WHERE expires_at < $1 LIMIT $2";
        let over = self.engine().all("trials", sql, params![now, BATCH]).await?;
        let mut ended = 0;
        for row in &over {
            ended += usize::from(self.end_trial(&row.client_id("client_id")?).await?);
        }
        Ok(ended)
    }
}

/// Takes away what came of a trial: what the official agreed to, what the shadow was given, and its name beside a sign-in.
/// The log keeps what was done, by the shadow's name.
async fn clear(tx: &mut Tx<'_>, id: &ClientId, by: AccountId) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM consents WHERE account_id = $1 AND client_id = $2",
        // Receipts of real clients are never deleted.
        "DELETE FROM consent_records WHERE account_id = $1 AND client_id = $2 AND client_id LIKE 'trial.%'",
        "UPDATE sign_ins SET client_id = NULL WHERE account_id = $1 AND client_id = $2",
    ] {
        tx.run(sql, params![by, id]).await?;
    }
    let grants = "DELETE FROM grants WHERE account_id = $1 AND client_id = $2 RETURNING id";
    for row in tx.all("grants", grants, params![by, id]).await? {
        tx.touch(Stale::Grant(GrantId(row.get("id")?)));
    }
    tx.touch(Stale::Consent(by, id.clone()));
    Ok(())
}
