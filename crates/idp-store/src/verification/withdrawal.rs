//! The way back from permanent: the badge goes, and the number is free.

use chrono::{DateTime, Utc};
use idp_core::admin::{Approval, ApprovalKind, Decision};
use idp_core::audit::AuditEvent;
use idp_core::id::AccountId;
use idp_core::mail::OutgoingMail;
use idp_core::session::SessionEnd;
use uuid::Uuid;

use crate::approvals::decide_in;
use crate::cache::Stale;
use crate::engine::{Verdict, params};
use crate::sessions::revoke_grants;
use crate::{Store, StoreError};

const FREE_NUMBER: &str = "DELETE FROM identity_numbers WHERE account_id = $1";

impl Store {
    /// Takes the badge back: the membership is temporary until `expires_at`, the number is free, and what services hold is
    /// revoked. `false` when there was no badge.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn withdraw_badge(
        &self,
        account: AccountId,
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<bool, StoreError> {
        self.withdraw(None, account, expires_at, now, events, mails).await
    }

    /// The same, as the second person's decision of a request: with it, or not at all. `false` also when `approval.1` may not
    /// decide it, or not any more, or it is about another account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn withdraw_badge_approved(
        &self,
        approval: (Uuid, AccountId),
        account: AccountId,
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<bool, StoreError> {
        self.withdraw(Some(approval), account, expires_at, now, events, mails).await
    }

    async fn withdraw(
        &self,
        approval: Option<(Uuid, AccountId)>,
        account: AccountId,
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<bool, StoreError> {
        self.engine()
            .steps((events.to_vec(), mails.to_vec()), move |tx, (events, mails)| {
                Box::pin(async move {
                    if let Some((id, by)) = approval {
                        let decided = decide_in(tx, id, by, Decision::Approved, now).await?;
                        let about = |asked: &Approval| {
                            asked.kind == ApprovalKind::BadgeWithdrawal && asked.subject == account.to_string()
                        };
                        if !decided.as_ref().is_some_and(about) || by == account {
                            return Ok(Verdict::Undo(false));
                        }
                    }
                    let sql = "UPDATE accounts SET expires_at = $2, permanent_since = NULL, badge = NULL, \
                         temporary_since = $3, end_handled_at = NULL, updated_at = $3 \
                         WHERE id = $1 AND permanent_since IS NOT NULL AND standing <> 'erased'";
                    if tx.run(sql, params![account, expires_at, now]).await? == 0 {
                        return Ok(Verdict::Undo(false));
                    }
                    tx.touch(Stale::Account(account));
                    tx.run("DELETE FROM identities WHERE account_id = $1", params![account]).await?;
                    tx.run(FREE_NUMBER, params![account]).await?;
                    let why = SessionEnd::BadgeWithdrawn.as_str();
                    revoke_grants(tx, "account_id = $2", params![now, account], why, now).await?;
                    tx.record(events).await?;
                    tx.queue(mails).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }
}
