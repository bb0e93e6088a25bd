//! The outbox: mails are written with the change they tell of, and sent by whoever holds them for a while.

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::audit::AuditEvent;
use idp_core::id::{AccountId, MailId};
use idp_core::mail::OutgoingMail;
use uuid::Uuid;

use crate::engine::{Change, Param, Row, Tx, Verdict, params};
use crate::{Store, StoreError};

pub(crate) const MAIL_COLUMNS: [&str; 8] =
    ["id", "account_id", "kind", "once", "sealed", "due_at", "expires_at", "attempts"];

pub(crate) fn mail_params(mail: &OutgoingMail) -> [Param; 8] {
    [
        mail.id.into(),
        mail.account_id.into(),
        mail.kind.as_str().into(),
        mail.once.as_deref().into(),
        mail.sealed.as_slice().into(),
        mail.due_at.into(),
        mail.expires_at.into(),
        0_i64.into(),
    ]
}

/// A mail is done with once; its letter is forgotten.
const FINISH: &str = "UPDATE mails SET done_at = $2, last_error = $3, sealed = $4, leased_by = NULL, leased_until = NULL \
     WHERE id = $1 AND done_at IS NULL RETURNING id";

/// What waited in the outbox is done with, in the transaction of what came of it. `false` when it was done with before.
pub(crate) async fn finish_in(tx: &mut Tx<'_>, id: MailId, now: DateTime<Utc>) -> Result<bool, StoreError> {
    Ok(tx.run(FINISH, params![id, now, None::<&str>, Vec::new()]).await? == 1)
}

/// A mail taken from the outbox to be sent.
#[derive(Clone, Debug)]
pub struct QueuedMail {
    /// Its identifier; also its Message-ID.
    pub id: MailId,
    /// The account it is about, if any.
    pub account_id: Option<AccountId>,
    /// The kind.
    pub kind: String,
    /// Address, language and letter, sealed.
    pub sealed: Vec<u8>,
    /// How often it was taken, this time included.
    pub attempts: u32,
    /// After this it is pointless.
    pub expires_at: DateTime<Utc>,
}

fn mail(row: &Row) -> Result<QueuedMail, StoreError> {
    Ok(QueuedMail {
        id: MailId(row.get("id")?),
        account_id: row.get::<Option<Uuid>>("account_id")?.map(AccountId),
        kind: row.get("kind")?,
        sealed: row.get("sealed")?,
        attempts: row.number("attempts")?,
        expires_at: row.time("expires_at")?,
    })
}

/// That a letter of a kind was sent to a member, or waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailTrace {
    /// The kind.
    pub kind: String,
    /// When it was due, or is due next.
    pub due_at: DateTime<Utc>,
    /// How often it was tried.
    pub attempts: u32,
    /// Where it stands.
    pub fate: MailFate,
}

/// Where a letter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailFate {
    /// It waits to be sent.
    Waiting,
    /// It was sent.
    Sent(DateTime<Utc>),
    /// It will not be sent: it was refused, or became pointless.
    Dropped(DateTime<Utc>),
}

fn trace(row: &Row) -> Result<MailTrace, StoreError> {
    let failed = row.get::<Option<String>>("last_error")?.is_some();
    Ok(MailTrace {
        kind: row.get("kind")?,
        due_at: row.time("due_at")?,
        attempts: row.number("attempts")?,
        fate: match row.time_if_any("done_at")? {
            None => MailFate::Waiting,
            Some(at) if failed => MailFate::Dropped(at),
            Some(at) => MailFate::Sent(at),
        },
    })
}

impl Store {
    /// Queues mails that belong to no change. One that may exist once and does is left as it is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn queue_mails(&self, mails: &[OutgoingMail]) -> Result<(), StoreError> {
        self.engine()
            .steps(mails.to_vec(), |tx, mails| {
                Box::pin(async move {
                    tx.queue(mails).await?;
                    Ok(Verdict::Keep(()))
                })
            })
            .await
    }

    /// Queues mails that somebody asked for, with the lines that say so.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn queue_letters(
        &self,
        account: AccountId,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<bool, StoreError> {
        let sql = format!("SELECT id FROM accounts WHERE id = $1 AND standing = 'active'{}", self.engine().for_share());
        self.engine()
            .steps((sql, events.to_vec(), mails.to_vec()), move |tx, (sql, events, mails)| {
                Box::pin(async move {
                    if tx.one("accounts", sql, params![account]).await?.is_none() {
                        return Ok(Verdict::Undo(false));
                    }
                    tx.record(events).await?;
                    tx.queue(mails).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }

    /// What was sent to a member lately, or waits: the letters themselves are not told. The latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mails_of(&self, account: AccountId, limit: u64) -> Result<Vec<MailTrace>, StoreError> {
        let sql = "SELECT id, kind, due_at, attempts, done_at, last_error FROM mails WHERE account_id = $1 \
             ORDER BY due_at DESC LIMIT $2";
        let rows = self.engine().all("mails", sql, params![account, limit]).await?;
        rows.iter().map(trace).collect()
    }

    /// Takes up to `limit` due mails for `lease`; nobody else gets them meanwhile. Too old ones come as well, to be
    /// dropped.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn lease_mails(
        &self,
        holder: Uuid,
        now: DateTime<Utc>,
        lease: TimeDelta,
        limit: u64,
    ) -> Result<Vec<QueuedMail>, StoreError> {
        // Materialized: PostgreSQL may look into a plain sub-query again and again, and would each time lock other rows.
        let free = "done_at IS NULL AND due_at <= $3 AND (leased_until IS NULL OR leased_until <= $3)";
        let sql = format!(
            "WITH due AS MATERIALIZED (SELECT id FROM mails WHERE {free} ORDER BY due_at LIMIT $4{}) \
             UPDATE mails SET leased_by = $1, leased_until = $2, attempts = attempts + 1 \
             WHERE {free} AND id IN (SELECT id FROM due) \
             RETURNING id, account_id, kind, sealed, attempts, expires_at",
            self.engine().skip_locked()
        );
        let rows = self.engine().change(Change::new("mails", sql, params![holder, now + lease, now, limit])).await?;
        rows.iter().map(mail).collect()
    }

    /// The mail went out; its letter is forgotten.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mail_sent(&self, id: MailId, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.finish_mail(id, None, now).await
    }

    /// The mail will not go out, for the reason `why`; its letter is forgotten.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mail_dropped(&self, id: MailId, why: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.finish_mail(id, Some(why), now).await
    }

    async fn finish_mail(&self, id: MailId, why: Option<&str>, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.engine().change(Change::new("mails", FINISH, params![id, now, why, Vec::new()])).await.map(|_| ())
    }

    /// The mail did not go out; it is tried again at `due_at`. `error` must not name an address.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mail_retry(&self, id: MailId, due_at: DateTime<Utc>, error: &str) -> Result<(), StoreError> {
        let sql = "UPDATE mails SET due_at = $2, last_error = $3, leased_by = NULL, leased_until = NULL \
             WHERE id = $1 AND done_at IS NULL RETURNING id";
        self.engine().change(Change::new("mails", sql, params![id, due_at, error])).await.map(|_| ())
    }

    /// How many mails wait.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn outbox_depth(&self) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) AS waiting FROM mails WHERE done_at IS NULL";
        let row = self.engine().one("mails", sql, params![]).await?;
        Ok(row.map_or(Ok(0), |row| row.number("waiting"))?.into())
    }
}
