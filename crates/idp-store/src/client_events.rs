//! Events on their way to services: queued in the transaction that writes the line they come of, for the services that the
//! member uses and that want to hear of it; kept until they were delivered, fetched or given up.

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::audit::AuditEvent;
use idp_core::client::EventKind;
use idp_core::id::{AccountId, ClientId};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::deliveries::{Queue, Taken};
use crate::engine::{Change, Row, Tx, params};
use crate::{Store, StoreError};

/// A service that has not taken an event by then is not told any more: it asks who its members are at their next sign-in.
pub const EVENT_LIFETIME: TimeDelta = TimeDelta::days(7);

const QUEUE: Queue = Queue {
    table: "client_events",
    name: "id",
    columns: COLUMNS,
    // What is fetched waits to be fetched, and is only taken here to be given up.
    which: "(expires_at <= $3 OR client_id IN (SELECT id FROM clients WHERE events_pushed = TRUE))",
};
const COLUMNS: &str = "id, client_id, account_id, kind, made_at, expires_at, attempts, done_at, last_error";

/// An event for a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientEvent {
    /// Its name, by which the client acknowledges it (`jti`).
    pub id: Uuid,
    /// Whom to tell.
    pub client_id: ClientId,
    /// About whom; `None`: about the client itself.
    pub account_id: Option<AccountId>,
    /// What happened.
    pub kind: EventKind,
    /// When.
    pub made_at: DateTime<Utc>,
    /// After this nobody is told any more.
    pub expires_at: DateTime<Utc>,
    /// How often it was taken in hand.
    pub attempts: u32,
    /// When it was given up, if it was.
    pub given_up_at: Option<DateTime<Utc>>,
    /// What was wrong last.
    pub last_error: Option<String>,
}

impl ClientEvent {
    fn taken(&self) -> Taken<'_> {
        Taken { client: &self.client_id, name: self.id, made_at: self.made_at }
    }
}

fn event(row: &Row) -> Result<ClientEvent, StoreError> {
    Ok(ClientEvent {
        id: row.get("id")?,
        client_id: row.client_id("client_id")?,
        account_id: row.get::<Option<Uuid>>("account_id")?.map(AccountId),
        kind: row.word("kind", EventKind::parse)?,
        made_at: row.time("made_at")?,
        expires_at: row.time("expires_at")?,
        attempts: row.number("attempts")?,
        given_up_at: row.time_if_any("done_at")?,
        last_error: row.get("last_error")?,
    })
}

/// Queues what these lines are to services. Called wherever lines are written in a transaction; a [`Change`], which writes
/// lines as well, refuses lines that are events.
pub(crate) async fn queue_events(tx: &mut Tx<'_>, lines: &[AuditEvent]) -> Result<(), StoreError> {
    for line in lines {
        let Some(kind) = EventKind::of(line.action) else { continue };
        let wants = format!("% {} %", kind.as_str());
        let clients = match (kind.is_for_one(), &line.client_id, line.account_id) {
            (true, Some(client), _) => {
                let sql = "SELECT id FROM clients WHERE id = $1 AND events LIKE $2";
                tx.all("clients", sql, params![client, wants]).await?
            }
            (false, _, Some(account)) => {
                let sql = "SELECT client_id AS id FROM consents WHERE account_id = $1 \
                     AND client_id IN (SELECT id FROM clients WHERE events LIKE $2) ORDER BY client_id";
                tx.all("consents", sql, params![account, wants]).await?
            }
            _ => continue,
        };
        let account = line.account_id.filter(|_| kind != EventKind::ClientChanged);
        for row in clients {
            let client = row.client_id("id")?;
            let sql = "INSERT INTO client_events \
                 (id, client_id, account_id, kind, made_at, due_at, expires_at, attempts) \
                 VALUES ($1, $2, $3, $4, $5, $5, $6, 0) ON CONFLICT DO NOTHING";
            let id = name(&client, account, kind, line.at);
            tx.run(sql, params![id, &client, account, kind.as_str(), line.at, line.at + EVENT_LIFETIME]).await?;
        }
    }
    Ok(())
}

/// The name of an event: the same for the same thing, so that steps that run again queue it once.
fn name(client: &ClientId, account: Option<AccountId>, kind: EventKind, at: DateTime<Utc>) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(client.as_str());
    hash.update([0]);
    hash.update(account.map_or(Uuid::nil(), |account| account.0).as_bytes());
    hash.update(kind.as_str());
    hash.update(at.timestamp_millis().to_be_bytes());
    let digest = hash.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

impl Store {
    /// Takes up to `limit` due events for `lease`, at most `each` for one client.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn lease_events(
        &self,
        holder: Uuid,
        now: DateTime<Utc>,
        lease: TimeDelta,
        each: u32,
        limit: u32,
    ) -> Result<Vec<ClientEvent>, StoreError> {
        QUEUE.lease(self, holder, now, lease, each, limit).await?.iter().map(event).collect()
    }

    /// The client took it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn event_delivered(&self, event: &ClientEvent, now: DateTime<Utc>) -> Result<(), StoreError> {
        QUEUE.done(self, event.taken(), true, None, now, &[]).await
    }

    /// The client did not take it, and nobody tries again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn event_given_up(
        &self,
        event: &ClientEvent,
        error: &str,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<(), StoreError> {
        QUEUE.done(self, event.taken(), false, Some(error), now, events).await
    }

    /// The client did not take it; it is tried again at `due_at`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn event_retry(&self, event: &ClientEvent, due_at: DateTime<Utc>, error: &str) -> Result<(), StoreError> {
        QUEUE.retry(self, event.taken(), due_at, error).await
    }

    /// Up to `limit` events that wait for a client, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn waiting_events(
        &self,
        client: &ClientId,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<ClientEvent>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM client_events WHERE client_id = $1 AND done_at IS NULL AND expires_at > $2 \
             ORDER BY made_at, id LIMIT $3"
        );
        self.engine().all("client_events", &sql, params![client, now, limit]).await?.iter().map(event).collect()
    }

    /// The client has these; what is not its own, or was taken before, is passed over. Tells how many there were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn events_acknowledged(
        &self,
        client: &ClientId,
        ids: &[Uuid],
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        let mut taken = 0;
        for id in ids {
            let sql = "UPDATE client_events SET done_at = $3, delivered = $4, last_error = NULL \
                 WHERE client_id = $1 AND id = $2 AND done_at IS NULL RETURNING id";
            let change = Change::new("client_events", sql, params![client, *id, now, true]);
            taken += self.engine().change(change).await?.len();
        }
        Ok(taken)
    }

    /// Up to `limit` events of a client that wait or were given up, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_events(&self, client: &ClientId, limit: u32) -> Result<Vec<ClientEvent>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM client_events WHERE client_id = $1 AND (done_at IS NULL OR delivered = FALSE) \
             ORDER BY made_at, id LIMIT $2"
        );
        self.engine().all("client_events", &sql, params![client, limit]).await?.iter().map(event).collect()
    }
}
