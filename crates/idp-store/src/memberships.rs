//! Temporary memberships coming to their end, and the mails about it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use idp_core::account::Account;
use idp_core::audit::AuditEvent;
use idp_core::id::AccountId;
use idp_core::mail::OutgoingMail;
use idp_core::session::SessionEnd;

use crate::accounts::{ACCOUNT, account};
use crate::cache::Stale;
use crate::engine::{Change, Verdict, params};
use crate::sessions::revoke_grants;
use crate::{Store, StoreError, StoredAccount};

/// The verdict of an ending, and the line in the log and the mail that go with it.
type MakeEnding<'a> = &'a (dyn Fn(&Account) -> (AuditEvent, OutgoingMail) + Send + Sync);

impl Store {
    /// Since when a membership is the temporary one that it is: since the registration, or since a badge was withdrawn.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn temporary_since(&self, id: AccountId) -> Result<Option<DateTime<Utc>>, StoreError> {
        let sql = "SELECT COALESCE(temporary_since, registered_at) AS since FROM accounts \
             WHERE id = $1 AND expires_at IS NOT NULL";
        self.engine().one("accounts", sql, params![id]).await?.map(|row| row.time("since")).transpose()
    }

    /// Gives a temporary membership more time. `false` when it is permanent, the account is not in use, or it ends no earlier
    /// already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn extend_temporary(
        &self,
        id: AccountId,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE accounts SET expires_at = $2, end_handled_at = NULL, updated_at = $3 \
             WHERE id = $1 AND expires_at < $2 AND standing = 'active' RETURNING id";
        let change = Change::new("accounts", sql, params![id, until, now]).touches([Stale::Account(id).into()]);
        self.engine().settle(change.events(events).mails(mails)).await
    }

    /// Accounts in use whose temporary membership ends after `after` and not after `before`, by id, beginning after
    /// `after_id`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ending_between(
        &self,
        after: DateTime<Utc>,
        before: DateTime<Utc>,
        limit: u64,
        after_id: Option<AccountId>,
    ) -> Result<Vec<Arc<StoredAccount>>, StoreError> {
        let sql = format!(
            "{ACCOUNT} WHERE expires_at > $1 AND expires_at <= $2 AND end_handled_at IS NULL AND standing = 'active' \
             AND ($4 IS NULL OR id > $4) \
             ORDER BY id LIMIT $3"
        );
        let rows = self.engine().all("accounts", &sql, params![after, before, limit, after_id]).await?;
        rows.iter().filter_map(|row| account(row).transpose()).map(|found| Ok(Arc::new(found?))).collect()
    }

    /// Deals with up to `limit` temporary memberships that are over: revokes what services hold. Sessions stay, since the
    /// member may still verify or delete. `make` makes the line in the log and the mail that go with each, written once.
    ///
    /// # Errors
    /// [`StoreError`]. What was dealt with before it stays so.
    pub async fn end_memberships(
        &self,
        now: DateTime<Utc>,
        limit: u64,
        make: MakeEnding<'_>,
    ) -> Result<Vec<AccountId>, StoreError> {
        let over = "expires_at < $1 AND end_handled_at IS NULL AND standing NOT IN ('restricted', 'erased')";
        let sql = format!("{ACCOUNT} WHERE {over} ORDER BY expires_at LIMIT $2");
        let mut ended = Vec::new();
        for row in self.engine().all("accounts", &sql, params![now, limit]).await? {
            let stored = match account(&row) {
                Ok(Some(stored)) => stored,
                Ok(None) => continue,
                // It must not stand in the way of everybody whose membership ends after it.
                Err(error) => {
                    tracing::error!("a membership cannot be ended: {error}");
                    continue;
                }
            };
            let id = stored.id;
            let done = self
                .engine()
                .steps(make(&stored), move |tx, (event, mail)| {
                    Box::pin(async move {
                        let sql = format!("UPDATE accounts SET end_handled_at = $1 WHERE {over} AND id = $2");
                        if tx.run(&sql, params![now, id]).await? == 0 {
                            return Ok(Verdict::Undo(false));
                        }
                        tx.touch(Stale::Account(id));
                        let why = SessionEnd::MembershipEnded.as_str();
                        revoke_grants(tx, "account_id = $2", params![now, id], why, now).await?;
                        tx.record(std::slice::from_ref(event)).await?;
                        tx.queue(std::slice::from_ref(mail)).await?;
                        Ok(Verdict::Keep(true))
                    })
                })
                .await?;
            ended.extend(done.then_some(id));
        }
        Ok(ended)
    }
}
