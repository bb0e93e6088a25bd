//! Notices of sign-out on their way to services (OpenID Connect Back-Channel Logout 1.0): written in the transaction that
//! ends the session, kept until they were delivered or given up.

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::audit::AuditEvent;
use idp_core::id::{AccountId, ClientId, SessionId};
use uuid::Uuid;

use crate::deliveries::{Queue, Taken};
use crate::engine::{Param, Row, Tx, params};
use crate::{Store, StoreError};

/// A service that could not be told by then is given up: nothing that it holds of the session is good any more.
pub const NOTICE_LIFETIME: TimeDelta = TimeDelta::hours(24);

/// A notice taken to be delivered.
#[derive(Clone, Debug)]
pub struct LogoutNotice {
    /// Whom to tell.
    pub client_id: ClientId,
    /// The session as the client knows it.
    pub sid: SessionId,
    /// Whose session it was.
    pub account_id: AccountId,
    /// When the session ended, or what the client had of it.
    pub made_at: DateTime<Utc>,
    /// After this nobody needs to be told any more.
    pub expires_at: DateTime<Utc>,
    /// How often it was taken, this time included.
    pub attempts: u32,
}

/// A notice that was not delivered: it waits, or was given up.
#[derive(Clone, Debug)]
pub struct OpenNotice {
    /// Whom to tell.
    pub client_id: ClientId,
    /// The session as the client knows it.
    pub sid: SessionId,
    /// Why it is over: [`SessionEnd`](idp_core::session::SessionEnd), or `consent_withdrawn`.
    pub why: String,
    /// When.
    pub made_at: DateTime<Utc>,
    /// The next attempt.
    pub due_at: DateTime<Utc>,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was given up, if it was.
    pub given_up_at: Option<DateTime<Utc>>,
    /// What was wrong last.
    pub last_error: Option<String>,
}

const QUEUE: Queue = Queue {
    table: "logout_notices",
    name: "sid",
    columns: "client_id, sid, account_id, made_at, expires_at, attempts",
    which: "TRUE",
};

impl LogoutNotice {
    fn taken(&self) -> Taken<'_> {
        Taken { client: &self.client_id, name: self.sid.0, made_at: self.made_at }
    }
}

fn notice(row: &Row) -> Result<LogoutNotice, StoreError> {
    Ok(LogoutNotice {
        client_id: row.client_id("client_id")?,
        sid: SessionId(row.get("sid")?),
        account_id: AccountId(row.get("account_id")?),
        made_at: row.time("made_at")?,
        expires_at: row.time("expires_at")?,
        attempts: row.number("attempts")?,
    })
}

fn open_notice(row: &Row) -> Result<OpenNotice, StoreError> {
    Ok(OpenNotice {
        client_id: row.client_id("client_id")?,
        sid: SessionId(row.get("sid")?),
        why: row.get("why")?,
        made_at: row.time("made_at")?,
        due_at: row.time("due_at")?,
        attempts: row.number("attempts")?,
        given_up_at: row.time_if_any("done_at")?,
        last_error: row.get("last_error")?,
    })
}

/// Writes a notice for each client that got tokens in what `which` names and wants to be told: of grants revoked at this
/// moment, and of sessions that ended at this moment, whatever became of their grants before. In `which`, `$1` is now and
/// `$2` the account. One notice for a client and a session; the latest ending counts.
pub(crate) async fn queue_notices(
    tx: &mut Tx<'_>,
    which: &str,
    mut values: Vec<Param>,
    why: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let next = values.len() + 1;
    values.extend(params![why, now + NOTICE_LIFETIME]);
    let sql = format!(
        "INSERT INTO logout_notices (client_id, sid, account_id, why, made_at, due_at, expires_at, attempts) \
         SELECT DISTINCT client_id, sid, account_id, ${why}, $1, $1, ${expires}, 0 FROM grants \
         WHERE {which} AND redeemed_at IS NOT NULL \
         AND (revoked_at = $1 OR session_id IN (SELECT id FROM sessions WHERE account_id = $2 AND ended_at = $1)) \
         AND client_id IN (SELECT id FROM clients WHERE told_back = TRUE) \
         ON CONFLICT (client_id, sid) DO UPDATE SET why = excluded.why, made_at = excluded.made_at, \
         due_at = excluded.due_at, expires_at = excluded.expires_at, attempts = 0, leased_by = NULL, \
         leased_until = NULL, done_at = NULL, delivered = NULL, last_error = NULL",
        why = next,
        expires = next + 1,
    );
    tx.run(&sql, values).await.map(|_| ())
}

impl Store {
    /// Takes up to `limit` due notices for `lease`, at most `each` for one client, so that a client that is slow keeps
    /// nobody else's waiting; nobody else gets them meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn lease_notices(
        &self,
        holder: Uuid,
        now: DateTime<Utc>,
        lease: TimeDelta,
        each: u32,
        limit: u32,
    ) -> Result<Vec<LogoutNotice>, StoreError> {
        QUEUE.lease(self, holder, now, lease, each, limit).await?.iter().map(notice).collect()
    }

    /// The client was told. Nothing happens when the session has ended once more meanwhile: then it is told again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn notice_delivered(&self, notice: &LogoutNotice, now: DateTime<Utc>) -> Result<(), StoreError> {
        QUEUE.done(self, notice.taken(), true, None, now, &[]).await
    }

    /// The client was not told, and nobody tries again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn notice_given_up(
        &self,
        notice: &LogoutNotice,
        error: &str,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<(), StoreError> {
        QUEUE.done(self, notice.taken(), false, Some(error), now, events).await
    }

    /// The client was not told; it is tried again at `due_at`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn notice_retry(
        &self,
        notice: &LogoutNotice,
        due_at: DateTime<Utc>,
        error: &str,
    ) -> Result<(), StoreError> {
        QUEUE.retry(self, notice.taken(), due_at, error).await
    }

    /// Up to `limit` notices that wait or were given up, of one client or of all, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_notices(&self, client: Option<&ClientId>, limit: u32) -> Result<Vec<OpenNotice>, StoreError> {
        let (of_one, id) = match client {
            Some(client) => ("client_id = $2", params![client]),
            None => ("TRUE", Vec::new()),
        };
        let sql = format!(
            "SELECT client_id, sid, why, made_at, due_at, attempts, done_at, last_error FROM logout_notices \
             WHERE {of_one} AND (done_at IS NULL OR delivered = FALSE) ORDER BY made_at, client_id, sid LIMIT $1"
        );
        let values = params![limit].into_iter().chain(id).collect();
        self.engine().all("logout_notices", &sql, values).await?.iter().map(open_notice).collect()
    }

    /// How many notices a client took, as long as they are kept: a week.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delivered_notices(&self, client: &ClientId) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) AS n FROM logout_notices WHERE client_id = $1 AND delivered = TRUE";
        let row = self.engine().one("logout_notices", sql, params![client]).await?;
        let count = row.map_or(Ok(0), |row| row.get::<i64>("n"))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// The clients that got tokens in a session and want to be told through the member's browser (OpenID Connect
    /// Front-Channel Logout 1.0), each with the session as it knows it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn front_channel_clients(
        &self,
        account: AccountId,
        session: SessionId,
    ) -> Result<Vec<(ClientId, SessionId)>, StoreError> {
        let sql = "SELECT DISTINCT client_id, sid FROM grants WHERE account_id = $1 AND session_id = $2 \
             AND redeemed_at IS NOT NULL AND client_id IN (SELECT id FROM clients WHERE told_front = TRUE) \
             ORDER BY client_id, sid";
        let rows = self.engine().all("grants", sql, params![account, session]).await?;
        rows.iter().map(|row| Ok((row.client_id("client_id")?, SessionId(row.get("sid")?)))).collect()
    }
}
