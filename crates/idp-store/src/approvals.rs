//! Requests for a second person. That another one decides, in time and once, is settled by the write.

use chrono::{DateTime, Utc};
use idp_core::admin::{Approval, ApprovalKind, ApprovalState, Decision};
use idp_core::audit::AuditEvent;
use idp_core::client::Client;
use idp_core::id::{AccountId, ClientId};
use uuid::Uuid;

use crate::cache::Stale;
use crate::clients::{REPLACE, client_params};
use crate::engine::{Param, Row, Tx, Verdict, params};
use crate::{Store, StoreError};

/// What came of deciding.
#[derive(Clone, Debug, PartialEq)]
pub enum Decided {
    /// It is decided; the request as it was asked.
    Done(Box<Approval>),
    /// Not by this person, not any more, or there is none.
    Refused,
}

const COLUMNS: &str =
    "id, kind, subject, asked_by, asked_at, reason, payload, expires_at, decision, decided_by, decided_at";

fn approval(row: &Row) -> Result<Approval, StoreError> {
    let decided_by = row.get::<Option<Uuid>>("decided_by")?.map(AccountId);
    let state = match (row.get::<Option<String>>("decision")?, decided_by, row.time_if_any("decided_at")?) {
        (None, None, None) => ApprovalState::Open,
        (Some(word), Some(by), Some(at)) => {
            let decision = Decision::parse(&word).ok_or_else(|| row.corrupt("decision"))?;
            ApprovalState::Decided { decision, by, at }
        }
        _ => return Err(row.corrupt("decided_at")),
    };
    let payload = row.get::<Option<String>>("payload")?;
    Ok(Approval {
        id: row.get("id")?,
        kind: row.word("kind", ApprovalKind::parse)?,
        subject: row.get("subject")?,
        asked_by: AccountId(row.get("asked_by")?),
        asked_at: row.time("asked_at")?,
        reason: row.get("reason")?,
        payload: payload.map(|text| serde_json::from_str(&text).map_err(|_| row.corrupt("payload"))).transpose()?,
        expires_at: row.time("expires_at")?,
        state,
    })
}

/// What came of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It waits for a second person.
    Open,
    /// The same thing waits already.
    Waiting,
}

/// That an account counts as a person where it takes two (`core/admin/approval.rs::counts_as_person`): one number, one
/// badge, one account. Programs and operators have no row here.
fn person(column: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM accounts AS person WHERE person.id = {column} AND person.permanent_since IS NOT NULL \
         AND person.standing = 'active')"
    )
}

/// Decides a request within a transaction; `None` when it may not be decided by `by`, or not any more. What it allows is to
/// be done in the same transaction.
pub(crate) async fn decide_in(
    tx: &mut Tx<'_>,
    id: Uuid,
    by: AccountId,
    decision: Decision,
    now: DateTime<Utc>,
) -> Result<Option<Approval>, StoreError> {
    let sql = format!(
        "UPDATE approvals SET decision = $2, decided_by = $3, decided_at = $4 \
         WHERE id = $1 AND decided_at IS NULL AND expires_at > $4 AND asked_by <> $3 AND {decider}{asker} \
         RETURNING {COLUMNS}",
        decider = person("$3"),
        asker = match decision {
            Decision::Approved => format!(" AND {}", person("approvals.asked_by")),
            // What is declined changes nothing, whoever asked.
            Decision::Declined => String::new(),
        },
    );
    let row = tx.one("approvals", &sql, params![id, decision.as_str(), by, now]).await?;
    row.as_ref().map(approval).transpose()
}

/// Asks for a second person within a transaction; `false` when the same thing waits already. What expired makes room.
async fn ask_in(tx: &mut Tx<'_>, new: &Approval) -> Result<bool, StoreError> {
    let expired = "DELETE FROM approvals WHERE kind = $1 AND subject = $2 AND decided_at IS NULL AND expires_at <= $3";
    tx.run(expired, params![new.kind.as_str(), new.subject.as_str(), new.asked_at]).await?;
    let sql = "INSERT INTO approvals (id, kind, subject, asked_by, asked_at, reason, payload, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (kind, subject) WHERE decided_at IS NULL DO NOTHING RETURNING id";
    let values = params![
        new.id,
        new.kind.as_str(),
        new.subject.as_str(),
        new.asked_by,
        new.asked_at,
        new.reason.as_str(),
        new.payload.as_ref().map(ToString::to_string),
        new.expires_at,
    ];
    Ok(tx.one("approvals", sql, values).await?.is_some())
}

impl Store {
    /// Asks for a second person. What expired makes room for the same thing asked anew.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ask_approval(&self, new: &Approval, events: &[AuditEvent]) -> Result<Asked, StoreError> {
        let work = (new.clone(), events.to_vec());
        self.engine()
            .steps(work, |tx, (new, events)| {
                Box::pin(async move {
                    if !ask_in(tx, new).await? {
                        return Ok(Verdict::Undo(Asked::Waiting));
                    }
                    tx.record(events).await?;
                    Ok(Verdict::Keep(Asked::Open))
                })
            })
            .await
    }

    /// A request.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn approval(&self, id: Uuid) -> Result<Option<Approval>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM approvals WHERE id = $1");
        self.engine().one("approvals", &sql, params![id]).await?.as_ref().map(approval).transpose()
    }

    /// Requests, the newest first, below `before` (time and id of the last one seen), `limit` at most.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn approvals(
        &self,
        before: Option<(DateTime<Utc>, Uuid)>,
        limit: u32,
    ) -> Result<Vec<Approval>, StoreError> {
        let rows = match before {
            None => {
                let sql = format!("SELECT {COLUMNS} FROM approvals ORDER BY asked_at DESC, id DESC LIMIT $1");
                self.engine().all("approvals", &sql, params![limit]).await?
            }
            Some((at, id)) => {
                let sql = format!(
                    "SELECT {COLUMNS} FROM approvals WHERE (asked_at, id) < ($2, $3) \
                     ORDER BY asked_at DESC, id DESC LIMIT $1"
                );
                self.engine().all("approvals", &sql, params![limit, at, id]).await?
            }
        };
        rows.iter().map(approval).collect()
    }

    /// The same, about these clients alone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn approvals_about(
        &self,
        clients: &[ClientId],
        before: Option<(DateTime<Utc>, Uuid)>,
        limit: u32,
    ) -> Result<Vec<Approval>, StoreError> {
        if clients.is_empty() {
            return Ok(Vec::new());
        }
        let (at, id) = before.unwrap_or((DateTime::<Utc>::MAX_UTC, Uuid::max()));
        let mut values = params![limit, at.timestamp_millis(), id, ApprovalKind::BadgeWithdrawal.as_str()];
        let first = values.len() + 1;
        let names: Vec<String> = (first..first + clients.len()).map(|place| format!("${place}")).collect();
        values.extend(clients.iter().map(Param::from));
        let sql = format!(
            "SELECT {COLUMNS} FROM approvals WHERE (asked_at, id) < ($2, $3) AND kind <> $4 AND subject IN ({}) \
             ORDER BY asked_at DESC, id DESC LIMIT $1",
            names.join(", ")
        );
        self.engine().all("approvals", &sql, values).await?.iter().map(approval).collect()
    }

    /// The requests about `subject` that nobody has decided, as far as they can still be.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_approvals(&self, subject: &str, now: DateTime<Utc>) -> Result<Vec<Approval>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM approvals WHERE subject = $1 AND decided_at IS NULL AND expires_at > $2 \
             ORDER BY asked_at, id"
        );
        self.engine().all("approvals", &sql, params![subject, now]).await?.iter().map(approval).collect()
    }

    /// Decides a request that needs nothing else of the store: a declined one, or one whose deed is done elsewhere.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn decide_approval(
        &self,
        id: Uuid,
        by: AccountId,
        decision: Decision,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<Decided, StoreError> {
        let work = (id, by, decision, now, events.to_vec());
        self.engine()
            .steps(work, |tx, (id, by, decision, now, events)| {
                Box::pin(async move {
                    let Some(decided) = decide_in(tx, *id, *by, *decision, *now).await? else {
                        return Ok(Verdict::Undo(Decided::Refused));
                    };
                    tx.record(events).await?;
                    Ok(Verdict::Keep(Decided::Done(Box::new(decided))))
                })
            })
            .await
    }

    /// Approves a request about a client and puts `next` in the client's place, as it was at `expected_updated_at`: both or
    /// neither.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn approve_client(
        &self,
        id: Uuid,
        by: AccountId,
        next: &Client,
        expected_updated_at: DateTime<Utc>,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<Decided, StoreError> {
        let work = (id, by, next.clone(), expected_updated_at, now, events.to_vec());
        self.engine()
            .steps(work, |tx, (id, by, next, expected_updated_at, now, events)| {
                Box::pin(async move {
                    let Some(decided) = decide_in(tx, *id, *by, Decision::Approved, *now).await? else {
                        return Ok(Verdict::Undo(Decided::Refused));
                    };
                    let mut values = client_params(next);
                    values.push((*expected_updated_at).into());
                    if tx.one("clients", REPLACE, values).await?.is_none() {
                        return Ok(Verdict::Undo(Decided::Refused));
                    }
                    tx.touch(Stale::Client(next.id.clone()));
                    tx.record(events).await?;
                    Ok(Verdict::Keep(Decided::Done(Box::new(decided))))
                })
            })
            .await
    }
}
