//! Browser sessions, and the one way they end: with their grants, and with a line in the audit log.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::SignIn;
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::id::{AccountId, GrantId, SessionId};
use idp_core::mail::OutgoingMail;
use idp_core::password::PasswordHash;
use idp_core::secret::Digest;
use idp_core::session::{AuthenticationMethod, Session, SessionEnd, SessionLimits};

use crate::cache::{Stale, Touched};
use crate::engine::{Change, Param, Row, Tx, Verdict, params};
use crate::links::insert_links;
use crate::logout_notices::queue_notices;
use crate::sign_ins::{complete, insert_sign_in};
use crate::{OneTimeLink, Store, StoreError};

/// Which sessions end.
#[derive(Clone, Copy, Debug)]
pub enum Ending {
    /// One.
    Session(SessionId),
    /// All of an account, and every grant of it.
    Account(AccountId),
    /// All of an account but this one, and every grant of it that does not live with this one.
    AccountExcept(AccountId, SessionId),
}

/// A sign-in, and what is written beside it.
#[derive(Clone, Debug)]
pub struct SignInOrder {
    /// The session that begins.
    pub session: Session,
    /// The password that was right, where one was: with another in its place by now, nobody is signed in by it.
    pub password: Option<PasswordHash>,
    /// The browser's earlier session, and whose it was.
    pub replaces: Option<(SessionId, AccountId)>,
    /// The browser, to be known from now on.
    pub device: Option<Digest>,
    /// The line in the member's history.
    pub line: Option<SignIn>,
    /// The browser, when a sign-in that went half-way in it is completed.
    pub completes: Option<Digest>,
    /// The links of `notices`.
    pub links: Vec<OneTimeLink>,
    /// What is mailed when the account did not know the browser; the write decides.
    pub notices: Vec<OutgoingMail>,
    /// The lines in the log.
    pub events: Vec<AuditEvent>,
}

/// The last request seen is written at most this often.
const SEEN_EVERY: TimeDelta = TimeDelta::minutes(1);

const SESSION: &str =
    "SELECT id, cookie_digest, account_id, authenticated_at, methods, last_seen_at, device, ended_at FROM sessions";

fn session(row: &Row) -> Result<Session, StoreError> {
    Ok(Session {
        id: SessionId(row.get("id")?),
        cookie: row.digest("cookie_digest")?,
        account_id: AccountId(row.get("account_id")?),
        authenticated_at: row.time("authenticated_at")?,
        methods: methods(row)?,
        last_seen_at: row.time("last_seen_at")?,
        device: row.get("device")?,
        ended_at: row.time_if_any("ended_at")?,
    })
}

/// `amr` values as they are kept, separated by spaces.
pub(crate) fn methods(row: &Row) -> Result<Vec<AuthenticationMethod>, StoreError> {
    row.get::<String>("methods")?
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(AuthenticationMethod::parse)
        .collect::<Option<_>>()
        .ok_or_else(|| row.corrupt("methods"))
}

pub(crate) fn methods_text(methods: &[AuthenticationMethod]) -> String {
    methods.iter().map(|method| method.as_str()).collect::<Vec<_>>().join(" ")
}

pub(crate) async fn insert_session(tx: &mut Tx<'_>, session: &Session) -> Result<(), StoreError> {
    let sql = "INSERT INTO sessions (id, cookie_digest, account_id, authenticated_at, methods, last_seen_at, device, \
         cleared) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let row = params![
        session.id,
        &session.cookie,
        session.account_id,
        session.authenticated_at,
        methods_text(&session.methods),
        session.last_seen_at,
        session.device.as_str(),
        false,
    ];
    tx.run(sql, row).await.map(|_| ())
}

/// Remembers a browser of an account; `true` when it was not known before.
pub(crate) async fn know_device(
    tx: &mut Tx<'_>,
    account: AccountId,
    device: &Digest,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let used = "UPDATE known_devices SET last_seen_at = $3 WHERE account_id = $1 AND digest = $2";
    if tx.run(used, params![account, device, now]).await? > 0 {
        return Ok(false);
    }
    let sql = "INSERT INTO known_devices (account_id, digest, first_seen_at, last_seen_at) VALUES ($1, $2, $3, $3) \
         ON CONFLICT DO NOTHING";
    Ok(tx.run(sql, params![account, device, now]).await? > 0)
}

/// Forgets the browsers of an account, but for the one in which the change was made: whoever signed in with what was
/// changed is a stranger to it from now on.
pub(crate) async fn forget_devices(tx: &mut Tx<'_>, account: AccountId, but: Option<Digest>) -> Result<(), StoreError> {
    match but {
        Some(device) => {
            let sql = "DELETE FROM known_devices WHERE account_id = $1 AND digest <> $2";
            tx.run(sql, params![account, device]).await.map(|_| ())
        }
        None => tx.run("DELETE FROM known_devices WHERE account_id = $1", params![account]).await.map(|_| ()),
    }
}

/// A session that has just ended.
pub(crate) struct Ended {
    id: SessionId,
    account_id: AccountId,
}

/// The one way sessions end. First the sessions, then their grants: a grant being issued meanwhile holds its session's
/// row, so it is either seen here, or finds its session ended. One event for each session, by the actor of `cause`.
pub(crate) async fn end_in(
    tx: &mut Tx<'_>,
    ending: Ending,
    why: SessionEnd,
    now: DateTime<Utc>,
    cause: &[AuditEvent],
) -> Result<Vec<Ended>, StoreError> {
    let returning = "RETURNING id, account_id, cookie_digest";
    let end = "UPDATE sessions SET ended_at = $1, end_reason = $2 WHERE ended_at IS NULL AND";
    if let Ending::Account(id) | Ending::AccountExcept(id, _) = ending {
        hold_account(tx, id).await?;
    }
    let (sql, values) = match ending {
        Ending::Session(id) => (format!("{end} id = $3 {returning}"), params![now, why.as_str(), id]),
        Ending::Account(id) => (format!("{end} account_id = $3 {returning}"), params![now, why.as_str(), id]),
        Ending::AccountExcept(id, kept) => {
            let sql = format!("{end} account_id = $3 AND id <> $4 {returning}");
            (sql, params![now, why.as_str(), id, kept])
        }
    };
    let rows = tx.all("sessions", &sql, values).await?;
    let ended = ended(tx, &rows)?;
    match ending {
        Ending::Session(id) => {
            for session in &ended {
                let which = "account_id = $2 AND session_id = $3";
                revoke_grants(tx, which, params![now, session.account_id, id], why.as_str(), now).await?;
            }
        }
        Ending::Account(id) => revoke_grants(tx, "account_id = $2", params![now, id], why.as_str(), now).await?,
        Ending::AccountExcept(id, kept) => {
            let which = "account_id = $2 AND session_id <> $3";
            revoke_grants(tx, which, params![now, id, kept], why.as_str(), now).await?;
        }
    }
    record_ends(tx, &ended, why, now, cause).await?;
    Ok(ended)
}

fn ended(tx: &mut Tx<'_>, rows: &[Row]) -> Result<Vec<Ended>, StoreError> {
    rows.iter()
        .map(|row| {
            tx.touch(Stale::Session(row.digest("cookie_digest")?));
            Ok(Ended { id: SessionId(row.get("id")?), account_id: AccountId(row.get("account_id")?) })
        })
        .collect()
}

/// Revokes the grants that `which` names, and queues the notices for the clients that had them; `$1` is now and `$2` the
/// account.
pub(crate) async fn revoke_grants(
    tx: &mut Tx<'_>,
    which: &str,
    values: Vec<Param>,
    why: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let sql = format!("UPDATE grants SET revoked_at = $1 WHERE {which} AND revoked_at IS NULL RETURNING id");
    for row in tx.all("grants", &sql, values.clone()).await? {
        tx.touch(Stale::Grant(GrantId(row.get("id")?)));
    }
    queue_notices(tx, which, values, why, now).await
}

async fn record_ends(
    tx: &mut Tx<'_>,
    ended: &[Ended],
    why: SessionEnd,
    now: DateTime<Utc>,
    cause: &[AuditEvent],
) -> Result<(), StoreError> {
    let (actor, origin) = cause.first().map_or((Actor::System, None), |event| (event.actor, event.origin.clone()));
    let events: Vec<AuditEvent> = ended
        .iter()
        .map(|session| AuditEvent {
            origin: origin.clone(),
            ..AuditEvent::new(now, actor, Action::SessionEnded)
                .account(session.account_id)
                .session(session.id)
                .detail(serde_json::json!({ "why": why.as_str() }))
        })
        .collect();
    tx.record(&events).await
}

impl Store {
    /// The session of a cookie; an ended one may be returned, with its end.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn session_by_cookie(&self, cookie: &Digest) -> Result<Option<Arc<Session>>, StoreError> {
        if let Some(cached) = self.caches().sessions.get(cookie) {
            return Ok(Some(cached));
        }
        let ticket = self.caches().sessions.ticket(cookie);
        let sql = format!("{SESSION} WHERE cookie_digest = $1");
        let Some(row) = self.engine().one("sessions", &sql, params![cookie]).await? else { return Ok(None) };
        let found = Arc::new(session(&row)?);
        self.caches().sessions.keep(*cookie, Arc::clone(&found), &ticket);
        Ok(Some(found))
    }

    /// A session by its id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let row = self.engine().one("sessions", &format!("{SESSION} WHERE id = $1"), params![id]).await?;
        row.as_ref().map(session).transpose()
    }

    /// Starts a session. The browser's earlier session ends: its grants move over when it was the same account's, and end
    /// with it otherwise. `false` when the account was stopped.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn start_session(
        &self,
        session: &Session,
        replaces: Option<&Session>,
        device: Option<Digest>,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let order = SignInOrder {
            session: session.clone(),
            password: None,
            replaces: replaces.map(|old| (old.id, old.account_id)),
            device,
            line: None,
            completes: None,
            links: Vec::new(),
            notices: Vec::new(),
            events: events.to_vec(),
        };
        self.sign_in(order, now).await
    }

    /// The same, with a line in the member's history, and with a notice when the browser was not known before. `false`, and
    /// nothing is written, when the password is another one by now, or the account was stopped: whoever did that meant every
    /// sign-in under way, too.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sign_in(&self, order: SignInOrder, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.engine()
            .steps(order, move |tx, order| {
                Box::pin(async move {
                    Ok(match begin_session(tx, order, now).await? {
                        true => Verdict::Keep(true),
                        false => Verdict::Undo(false),
                    })
                })
            })
            .await
    }

    /// Starts a session in the place of `old`, of the same account, that proved less. `false` when `old` has ended by now:
    /// whoever ended it meant what would follow it, too.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn step_session_up(
        &self,
        session: &Session,
        old: SessionId,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let order = (session.clone(), events.to_vec());
        self.engine()
            .steps(order, move |tx, (session, events)| {
                Box::pin(async move {
                    hold_account(tx, session.account_id).await?;
                    insert_session(tx, session).await?;
                    if !replace(tx, old, session, now, events).await? {
                        return Ok(Verdict::Undo(false));
                    }
                    tx.record(events).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }

    /// Notes that the session was seen, at most once a minute.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn touch_session(&self, id: SessionId, now: DateTime<Utc>) -> Result<(), StoreError> {
        // Of many requests at once one notes it, and none waits for a code that is being issued in the session.
        let sql = format!(
            "UPDATE sessions SET last_seen_at = $2 WHERE id IN (SELECT id FROM sessions WHERE id = $1 \
             AND ended_at IS NULL AND last_seen_at <= $3{}) RETURNING id, cookie_digest",
            self.engine().skip_locked()
        );
        let rows = self.engine().change(Change::new("sessions", sql, params![id, now, now - SEEN_EVERY])).await?;
        if let Some(row) = rows.first() {
            // Dropped here only: to the others an earlier sight makes no difference.
            let cookie = row.digest("cookie_digest")?;
            self.caches().drop_all(vec![Touched::here(Stale::Session(cookie))]);
        }
        Ok(())
    }

    /// The live sessions of an account, the one seen last first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sessions_of(
        &self,
        account: AccountId,
        now: DateTime<Utc>,
        limits: SessionLimits,
    ) -> Result<Vec<Session>, StoreError> {
        let sql = format!("{SESSION} WHERE account_id = $1 AND ended_at IS NULL ORDER BY last_seen_at DESC, id");
        let rows = self.engine().all("sessions", &sql, params![account]).await?;
        let sessions = rows.iter().map(session).collect::<Result<Vec<_>, _>>()?;
        Ok(sessions.into_iter().filter(|session| session.is_alive(now, limits)).collect())
    }

    /// Ends sessions and their grants, with one [`Action::SessionEnded`] for each besides `events`; `events` and `mails`
    /// are written even when nothing was alive.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_sessions(
        &self,
        ending: Ending,
        why: SessionEnd,
        now: DateTime<Utc>,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<Vec<SessionId>, StoreError> {
        let order = (events.to_vec(), mails.to_vec());
        self.engine()
            .steps(order, move |tx, (events, mails)| {
                Box::pin(async move {
                    let ended = end_in(tx, ending, why, now, events).await?;
                    tx.record(events).await?;
                    tx.queue(mails).await?;
                    Ok(Verdict::Keep(ended.into_iter().map(|session| session.id).collect()))
                })
            })
            .await
    }

    /// Ends up to `limit` sessions that are too old or idle, and tells how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn expire_sessions(
        &self,
        now: DateTime<Utc>,
        limits: SessionLimits,
        limit: u64,
    ) -> Result<usize, StoreError> {
        self.engine()
            .steps((), move |tx, ()| {
                Box::pin(async move {
                    let (why, mut room, mut expired) = (SessionEnd::Expired, limit, Vec::new());
                    // One after the other, so that each finds its rows by its index.
                    for (since, last) in
                        [("authenticated_at", now - limits.absolute), ("last_seen_at", now - limits.idle)]
                    {
                        let over = format!("ended_at IS NULL AND {since} <= $3");
                        let sql = format!(
                            "WITH old AS MATERIALIZED (SELECT id FROM sessions WHERE {over} LIMIT $4) \
                             UPDATE sessions SET ended_at = $1, end_reason = $2 \
                             WHERE {over} AND id IN (SELECT id FROM old) RETURNING id, account_id, cookie_digest"
                        );
                        let rows = tx.all("sessions", &sql, params![now, why.as_str(), last, room]).await?;
                        room = room.saturating_sub(rows.len() as u64);
                        expired.extend(ended(tx, &rows)?);
                    }
                    for session in &expired {
                        let which = "account_id = $2 AND session_id = $3";
                        let values = params![now, session.account_id, session.id];
                        revoke_grants(tx, which, values, why.as_str(), now).await?;
                    }
                    record_ends(tx, &expired, why, now, &[]).await?;
                    Ok(Verdict::Keep(expired.len()))
                })
            })
            .await
    }

    /// Whether the account has signed in with this device before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn is_known_device(&self, account: AccountId, device: &Digest) -> Result<bool, StoreError> {
        let sql = "SELECT account_id FROM known_devices WHERE account_id = $1 AND digest = $2";
        Ok(self.engine().one("known_devices", sql, params![account, device]).await?.is_some())
    }
}

/// Holds an account to the end of the transaction. Sessions that begin and whatever ends all of an account's take turns
/// by it: else one that is being written would not be seen by whoever ends them.
pub(crate) async fn hold_account(tx: &mut Tx<'_>, account: AccountId) -> Result<(), StoreError> {
    tx.run("UPDATE accounts SET updated_at = updated_at WHERE id = $1", params![account]).await.map(|_| ())
}

/// Holds an account and a session of it that does something with consequences. `false` when the session has ended.
pub(crate) async fn hold_session(tx: &mut Tx<'_>, account: AccountId, session: SessionId) -> Result<bool, StoreError> {
    hold_account(tx, account).await?;
    let sql = "UPDATE sessions SET last_seen_at = last_seen_at WHERE id = $1 AND account_id = $2 AND ended_at IS NULL";
    Ok(tx.run(sql, params![session, account]).await? > 0)
}

/// Writes a sign-in; the browser's earlier session ends. See [`Store::sign_in`].
pub(crate) async fn begin_session(
    tx: &mut Tx<'_>,
    order: &SignInOrder,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let session = &order.session;
    let still = "UPDATE accounts SET updated_at = updated_at WHERE id = $1 \
         AND standing IN ('active', 'restricted', 'deleting') AND (password = $2 OR $3)";
    let password = order.password.as_ref().map(PasswordHash::as_str);
    if tx.run(still, params![session.account_id, password.unwrap_or_default(), password.is_none()]).await? == 0 {
        return Ok(false);
    }
    insert_session(tx, session).await?;
    match &order.replaces {
        Some((old, account)) if *account == session.account_id => {
            let _ = replace(tx, *old, session, now, &order.events).await?;
        }
        Some((old, _)) => {
            end_in(tx, Ending::Session(*old), SessionEnd::Replaced, now, &order.events).await?;
        }
        None => {}
    }
    if let Some(device) = &order.device
        && know_device(tx, session.account_id, device, now).await?
    {
        insert_links(tx, &order.links).await?;
        tx.queue(&order.notices).await?;
    }
    if let Some(browser) = &order.completes {
        complete(tx, session.account_id, browser, now).await?;
    }
    if let Some(line) = &order.line {
        insert_sign_in(tx, line).await?;
    }
    tx.record(&order.events).await?;
    Ok(true)
}

/// The same member signed in anew: what services hold goes on under the new session. `false` when the old one had ended.
async fn replace(
    tx: &mut Tx<'_>,
    old: SessionId,
    new: &Session,
    now: DateTime<Utc>,
    cause: &[AuditEvent],
) -> Result<bool, StoreError> {
    let why = SessionEnd::Replaced;
    let end = "UPDATE sessions SET ended_at = $1, end_reason = $2 WHERE id = $3 AND account_id = $4 \
         AND ended_at IS NULL RETURNING id, account_id, cookie_digest";
    let rows = tx.all("sessions", end, params![now, why.as_str(), old, new.account_id]).await?;
    let ended = ended(tx, &rows)?;
    // An earlier session that had ended has taken its grants with it.
    if ended.is_empty() {
        return Ok(false);
    }
    let carry = "UPDATE grants SET session_id = $1 WHERE account_id = $2 AND session_id = $3 AND revoked_at IS NULL \
         RETURNING id";
    for row in tx.all("grants", carry, params![new.id, new.account_id, old]).await? {
        tx.touch(Stale::Grant(GrantId(row.get("id")?)));
    }
    record_ends(tx, &ended, why, now, cause).await?;
    Ok(true)
}
