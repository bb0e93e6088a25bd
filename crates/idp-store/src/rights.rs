//! What members do with the data held about them: correct it, have it rest, accept the documents it is held under.

use chrono::{DateTime, Utc};
use idp_core::account::Profile;
use idp_core::audit::{Action, AuditEvent};
use idp_core::id::{AccountId, ClientId};
use idp_core::mail::OutgoingMail;
use idp_core::session::SessionEnd;

use crate::accounts::json;
use crate::audit::AuditLine;
use crate::cache::Stale;
use crate::engine::{Change, Verdict, params};
use crate::{Store, StoreError};

impl Store {
    /// Puts a corrected profile in the place of the one that was read with the account as it stood at `seen`
    /// (`updated_at`). `false` when anything was changed since: a name that was verified meanwhile is not overwritten.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn correct_profile(
        &self,
        id: AccountId,
        profile: &Profile,
        seen: DateTime<Utc>,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE accounts SET profile = $2, updated_at = $3 \
             WHERE id = $1 AND standing = 'active' AND updated_at = $4 RETURNING id";
        let change = Change::new("accounts", sql, params![id, json(profile), now, seen]);
        self.engine().settle(change.touches([Stale::Account(id).into()]).events(events)).await
    }

    /// Notes that a member accepted a version of terms and privacy notice. `false` when it was noted before, or the account
    /// is no more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn accept_documents(
        &self,
        id: AccountId,
        version: &str,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        self.engine()
            .steps((version.to_owned(), events.to_vec()), move |tx, (version, events)| {
                Box::pin(async move {
                    let note = "UPDATE accounts SET documents = $2 WHERE id = $1 AND standing <> 'erased' \
                         AND (documents IS NULL OR documents <> $2)";
                    if tx.run(note, params![id, version.as_str()]).await? == 0 {
                        return Ok(Verdict::Undo(false));
                    }
                    let keep = "INSERT INTO terms_acceptances (account_id, version, accepted_at) VALUES ($1, $2, $3) \
                         ON CONFLICT DO NOTHING";
                    tx.run(keep, params![id, version.as_str(), now]).await?;
                    tx.record(events).await?;
                    tx.touch(Stale::Account(id));
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }

    /// Has an account rest at its owner's word: sessions and grants end, the data stays. `false` when it was not in use.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn restrict(
        &self,
        id: AccountId,
        now: DateTime<Utc>,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE accounts SET standing = 'restricted', standing_since = $2 \
             WHERE id = $1 AND standing = 'active'";
        self.stop(id, sql, params![id, now], SessionEnd::Restricted, now, events, mails).await
    }

    /// Takes an account that rests into use again. A temporary membership goes on where it stood: the days of rest, the
    /// begun one counted whole, are none of its sixty. `false` when the account did not rest.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn lift_restriction(
        &self,
        id: AccountId,
        now: DateTime<Utc>,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE accounts SET standing = 'active', standing_since = $2, \
             expires_at = expires_at + (($2 - standing_since + 86399999) / 86400000) * 86400000 \
             WHERE id = $1 AND standing = 'restricted' RETURNING id";
        let change = Change::new("accounts", sql, params![id, now]).touches([Stale::Account(id).into()]);
        self.engine().settle(change.events(events).mails(mails)).await
    }

    /// The newest `limit` lines of the audit log about an account that tell of one of `actions`, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn events_of(
        &self,
        account: AccountId,
        actions: &[Action],
        limit: u64,
    ) -> Result<Vec<AuditLine>, StoreError> {
        let sql = format!(
            "{} WHERE account_id = $1 AND action IN ({}) ORDER BY seq DESC LIMIT $2",
            crate::audit::LINE,
            words(actions)
        );
        self.engine().all("audit_log", &sql, params![account, limit]).await?.iter().map(crate::audit::line).collect()
    }

    /// The newest `limit` lines of the audit log that tell of an action, about whomever, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn latest_events(&self, action: Action, limit: u64) -> Result<Vec<AuditLine>, StoreError> {
        let sql = format!("{} WHERE action = $1 ORDER BY seq DESC LIMIT $2", crate::audit::LINE);
        let rows = self.engine().all("audit_log", &sql, params![action.as_str(), limit]).await?;
        rows.iter().map(crate::audit::line).collect()
    }

    /// When each service last received something about an account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn last_releases(&self, account: AccountId) -> Result<Vec<(ClientId, DateTime<Utc>)>, StoreError> {
        let actions = [Action::TokensIssued, Action::TokensRefreshed, Action::NumberReleased];
        let sql = format!(
            "SELECT client_id, max(at) AS at FROM audit_log \
             WHERE account_id = $1 AND client_id IS NOT NULL AND action IN ({}) GROUP BY client_id",
            words(&actions)
        );
        let rows = self.engine().all("audit_log", &sql, params![account]).await?;
        rows.iter().map(|row| Ok((row.client_id("client_id")?, row.time("at")?))).collect()
    }
}

/// A list of SQL.
fn words(actions: &[Action]) -> String {
    actions.iter().map(|action| format!("'{}'", action.as_str())).collect::<Vec<_>>().join(", ")
}
