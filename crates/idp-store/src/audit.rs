//! The audit log: rows are appended freely with the changes they tell of, and sealed in batches by one leader.
//!
//! **The chain.** A seal covers the rows of a range of numbers; its hash is over the hash of the seal before it, its own
//! bounds and every row. A row changed, removed or slipped in afterwards breaks the seal that covers it, and a seal
//! changed or removed breaks the next. Each seal's hash also goes to the program's log, outside the database.
//!
//! **Addresses.** A row's seal covers a mark of the network address in it, and not the address: it can be taken away when
//! its time is over or its member is erased, and the chain holds ([`idp_core::audit::KeptOrigin`]).
//!
//! **Late rows.** PostgreSQL gives out a row's number when it is inserted, and shows the row when its transaction
//! commits: a lower number may appear after a higher one. So only rows older than a margin are sealed, and a seal
//! remembers the numbers in its range for which there was no row. If a row turns up there after all, the next seal takes
//! it in by name. Nothing is lost, the chain never waits for anybody, and a row in the place of such a gap that no seal
//! names is a forgery once the margin has passed.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::audit::{Actor, AuditEvent, KeptOrigin, SALT_LENGTH, origin_mark};
use idp_core::chance::Chance;
use idp_core::id::{AccountId, ClientId, SessionId};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::audit_hours::note_hours;
use crate::engine::{Change, Param, Row, Verdict, params, write_rows};
use crate::figures::count_lines;
use crate::{Store, StoreError};

pub(crate) const AUDIT_COLUMNS: [&str; 11] = [
    "at",
    "actor",
    "actor_id",
    "action",
    "account_id",
    "client_id",
    "session_id",
    "origin",
    "detail",
    "address",
    "address_salt",
];
const ORIGIN: usize = 7;
const ADDRESS: usize = 9;
const SALT: usize = 10;

/// The values of a line, whose address has to be marked before they are written ([`mark_origin`]).
pub(crate) fn event_params(event: &AuditEvent) -> [Param; 11] {
    let (actor, actor_id) = match event.actor {
        Actor::Member(id) => ("member", Some(id.0)),
        Actor::Staff(id) => ("staff", Some(id.0)),
        Actor::Program(id) => ("program", Some(id.0)),
        Actor::Client => ("client", None),
        Actor::Anonymous => ("anonymous", None),
        Actor::Operator => ("operator", None),
        Actor::System => ("system", None),
    };
    [
        event.at.into(),
        actor.into(),
        actor_id.into(),
        event.action.as_str().into(),
        event.account_id.into(),
        event.client_id.as_ref().into(),
        event.session_id.into(),
        Param::Text(None),
        event.detail.as_ref().map(ToString::to_string).into(),
        event.origin.as_deref().into(),
        Param::Bytes(None),
    ]
}

/// Puts the mark of its address into a line: see [`idp_core::audit::KeptOrigin`].
pub(crate) fn mark_origin(values: &mut [Param], chance: &dyn Chance) {
    if let Param::Text(Some(address)) = &values[ADDRESS] {
        let mut salt = [0; SALT_LENGTH];
        chance.fill(&mut salt);
        values[ORIGIN] = origin_mark(&salt, address).into();
        values[SALT] = salt.as_slice().into();
    }
}

/// A line of the audit log as it is kept.
#[derive(Clone, Debug)]
pub struct AuditLine {
    /// Its number.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// What kind of actor: `member`, `staff`, `program`, `client`, `anonymous`, `operator` or `system`.
    pub actor: String,
    /// Which member or member of staff, when it was one.
    pub actor_id: Option<AccountId>,
    /// What, in the word of [`idp_core::audit::Action::as_str`].
    pub action: String,
    /// About whom.
    pub account_id: Option<AccountId>,
    /// Through which client.
    pub client_id: Option<ClientId>,
    /// In which session.
    pub session_id: Option<SessionId>,
    /// From which network address, while it is kept.
    pub origin: Option<String>,
    /// More, as JSON text.
    pub detail: Option<String>,
}

/// What [`Store::verify_audit`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditReport {
    /// Seals checked.
    pub seals: u64,
    /// Rows under them.
    pub sealed_rows: u64,
    /// Rows not sealed yet.
    pub unsealed_rows: u64,
    /// The first thing that is not as it was sealed.
    pub fault: Option<AuditFault>,
    /// The hash of the last seal, in hexadecimal: to be compared with what was written to the log.
    pub last_hash: Option<String>,
}

/// What is not as it was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditFault {
    /// A seal is missing before this one, or was changed.
    Seal {
        /// Its number.
        number: i64,
    },
    /// Rows under this seal were changed, removed or added.
    Rows {
        /// The seal's number.
        number: i64,
    },
    /// A row stands where a seal found none, and no seal took it in.
    Added {
        /// The row's number.
        seq: i64,
    },
}

/// Events written by one statement at most; more are written in steps.
const FEW: usize = 16;
/// Rows under one seal at most.
const BATCH: u64 = 2_000;
/// Seals made in one go at most, when many rows have gathered.
const BATCHES: usize = 50;
/// In how many of the last seals' gaps late rows are looked for.
pub(crate) const RECENT_SEALS: i64 = 64;

pub(crate) const LINE: &str = "SELECT seq, at, actor, actor_id, action, account_id, client_id, session_id, origin, detail, address, address_salt \
     FROM audit_log";
pub(crate) const SEAL: &str =
    "SELECT number, from_seq, to_seq, row_count, gaps, late, previous, hash, at FROM audit_seals";

impl Store {
    /// Writes events that belong to no change.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record(&self, events: &[AuditEvent]) -> Result<(), StoreError> {
        let Some((first, rest)) = events.split_first() else { return Ok(()) };
        if rest.len() >= FEW {
            let all = events.to_vec();
            return self
                .engine()
                .steps(all, |tx, all| Box::pin(async move { tx.record(all).await.map(Verdict::Keep) }))
                .await;
        }
        let mut sql = format!("INSERT INTO audit_log ({}) VALUES ", AUDIT_COLUMNS.join(", "));
        write_rows(&mut sql, 1, AUDIT_COLUMNS.len(), 1);
        sql.push_str(" RETURNING seq");
        let mut values = event_params(first);
        mark_origin(&mut values, self.chance());
        let change = Change::new("audit_log", sql, values.to_vec()).events(rest);
        self.engine().change(change).await.map(|_| ())
    }

    /// The newest `limit` lines about an account, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn events_about(&self, account: AccountId, limit: u64) -> Result<Vec<AuditLine>, StoreError> {
        let sql = format!("{LINE} WHERE account_id = $1 ORDER BY seq DESC LIMIT $2");
        self.engine().all("audit_log", &sql, params![account, limit]).await?.iter().map(line).collect()
    }

    /// Seals rows older than `now - lag` and tells how many. To be called by one leader every few seconds; two leaders at
    /// once do no harm, one of them seals nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn seal_audit(&self, now: DateTime<Utc>, lag: TimeDelta) -> Result<usize, StoreError> {
        let mut sealed = 0;
        for _ in 0..BATCHES {
            let batch = self.seal_batch(now, lag).await?;
            sealed += batch;
            if (batch as u64) < BATCH {
                break;
            }
        }
        Ok(sealed)
    }

    async fn seal_batch(&self, now: DateTime<Utc>, lag: TimeDelta) -> Result<usize, StoreError> {
        let margin = now - lag;
        let recent = format!("{SEAL} ORDER BY number DESC LIMIT $1");
        let recent = self.engine().all("audit_seals", &recent, params![RECENT_SEALS]).await?;
        let recent: Vec<Seal> = recent.iter().map(seal).collect::<Result<_, _>>()?;
        let late = self.late_rows(&recent, margin).await?;
        let (number, begin, previous) =
            recent.first().map_or((1, 1, vec![0; 32]), |last| (last.number + 1, last.to_seq + 1, last.hash.clone()));
        let sql = format!("{LINE} WHERE seq >= $1 ORDER BY seq LIMIT $2");
        let rows = self.engine().all("audit_log", &sql, params![begin, BATCH]).await?;
        let mut fresh = rows.iter().map(sealed_line).collect::<Result<Vec<_>, _>>()?;
        // Everything before the first row that is too young: what is above it may still be joined from below.
        fresh.truncate(fresh.iter().position(|sealed| sealed.line.at > margin).unwrap_or(fresh.len()));
        let count = fresh.len() + late.len();
        if count == 0 {
            return Ok(0);
        }
        let mut sealing = Seal {
            number,
            from_seq: begin,
            to_seq: fresh.last().map_or(begin - 1, |sealed| sealed.line.seq),
            row_count: i64::try_from(count).unwrap_or(i64::MAX),
            gaps: gaps(begin, &fresh),
            late: late.iter().map(|sealed| sealed.line.seq).collect(),
            previous,
            hash: Vec::new(),
            at: now.timestamp_millis(),
        };
        sealing.hash = sealing.hash_with(fresh.iter().chain(&late));
        let insert = "INSERT INTO audit_seals (number, from_seq, to_seq, row_count, gaps, late, previous, hash, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (number) DO NOTHING RETURNING number";
        let hash = hex(&sealing.hash);
        let to = sealing.to_seq;
        let lines: Vec<AuditLine> = fresh.into_iter().chain(late).map(|sealed| sealed.line).collect();
        // Counted where they are sealed: a line is sealed once.
        let written = self
            .engine()
            .steps((sealing.params(), lines), move |tx, (params, lines)| {
                Box::pin(async move {
                    if tx.all("audit_seals", insert, params.clone()).await?.is_empty() {
                        return Ok(Verdict::Undo(false));
                    }
                    count_lines(tx, lines).await?;
                    note_hours(tx, lines, begin, to).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await?;
        if !written {
            return Ok(0);
        }
        tracing::info!(audit.seal = number, audit.rows = count, audit.hash = %hash, "sealed the audit log");
        Ok(count)
    }

    /// Rows in the gaps of recent seals that no seal has taken in.
    async fn late_rows(&self, recent: &[Seal], margin: DateTime<Utc>) -> Result<Vec<SealedLine>, StoreError> {
        let taken: BTreeSet<i64> = recent.iter().flat_map(|seal| seal.late.iter().copied()).collect();
        let mut late = Vec::new();
        for (from, to) in recent.iter().rev().flat_map(|seal| &seal.gaps) {
            let sql = format!("{LINE} WHERE seq BETWEEN $1 AND $2 ORDER BY seq");
            for row in self.engine().all("audit_log", &sql, params![*from, *to]).await? {
                let sealed = sealed_line(&row)?;
                if !taken.contains(&sealed.line.seq) && sealed.line.at <= margin {
                    late.push(sealed);
                }
            }
        }
        Ok(late)
    }

    /// Checks the whole chain against the rows.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer; what is not as it was sealed is in the report.
    pub async fn verify_audit(&self) -> Result<AuditReport, StoreError> {
        let mut report = AuditReport { seals: 0, sealed_rows: 0, unsealed_rows: 0, fault: None, last_hash: None };
        let mut previous = vec![0; 32];
        let mut begin = 1;
        // Gaps that no row may fill but those that a later seal names.
        let mut open: Vec<(i64, i64)> = Vec::new();
        let mut taken: BTreeSet<i64> = BTreeSet::new();
        loop {
            let sql = format!("{SEAL} WHERE number > $1 ORDER BY number LIMIT 100");
            let number = i64::try_from(report.seals).unwrap_or(i64::MAX);
            let seals = self.engine().all("audit_seals", &sql, params![number]).await?;
            for row in &seals {
                let Ok(seal) = seal(row) else {
                    return Ok(AuditReport { fault: Some(AuditFault::Seal { number: number + 1 }), ..report });
                };
                let expected = i64::try_from(report.seals).unwrap_or(i64::MAX) + 1;
                if seal.number != expected || seal.previous != previous || seal.from_seq != begin {
                    return Ok(AuditReport { fault: Some(AuditFault::Seal { number: expected }), ..report });
                }
                let rows = self.rows_under(&seal).await?;
                let hash = rows.as_ref().map(|rows| seal.hash_with(rows.iter()));
                if hash.as_ref() != Some(&seal.hash) {
                    return Ok(AuditReport { fault: Some(AuditFault::Rows { number: seal.number }), ..report });
                }
                report.seals += 1;
                report.sealed_rows += u64::try_from(seal.row_count).unwrap_or(0);
                begin = seal.to_seq + 1;
                open.extend(&seal.gaps);
                taken.extend(&seal.late);
                report.last_hash = Some(hex(&seal.hash));
                previous = seal.hash;
            }
            if seals.len() < 100 {
                break;
            }
        }
        for (from, to) in open {
            let sql = "SELECT seq FROM audit_log WHERE seq BETWEEN $1 AND $2 ORDER BY seq";
            for row in self.engine().all("audit_log", sql, params![from, to]).await? {
                let seq = row.get("seq")?;
                if !taken.contains(&seq) {
                    return Ok(AuditReport { fault: Some(AuditFault::Added { seq }), ..report });
                }
            }
        }
        let sql = "SELECT count(*) AS rows FROM audit_log WHERE seq >= $1";
        let unsealed = self.engine().one("audit_log", sql, params![begin]).await?;
        report.unsealed_rows = unsealed.map_or(Ok(0), |row| row.get::<i64>("rows"))?.try_into().unwrap_or(0);
        Ok(report)
    }

    /// The rows a seal covers, as they are now; `None` when one of them cannot even be read, or the address in it is not
    /// the one that was marked.
    pub(crate) async fn rows_under(&self, seal: &Seal) -> Result<Option<Vec<SealedLine>>, StoreError> {
        let sql = format!("{LINE} WHERE seq BETWEEN $1 AND $2 ORDER BY seq");
        let mut rows = self.engine().all("audit_log", &sql, params![seal.from_seq, seal.to_seq]).await?;
        for seq in &seal.late {
            rows.extend(self.engine().all("audit_log", &format!("{LINE} WHERE seq = $1"), params![*seq]).await?);
        }
        let lines: Result<Vec<_>, _> = rows.iter().map(sealed_line).collect();
        let Ok(mut lines) = lines else { return Ok(None) };
        lines.retain(|sealed| !seal.is_gap(sealed.line.seq));
        Ok(lines.iter().all(|sealed| sealed.origin.is_sound()).then_some(lines))
    }
}

/// A line, and where it came from as its seal covers it.
pub(crate) struct SealedLine {
    pub(crate) line: AuditLine,
    origin: KeptOrigin,
}

/// A seal as it is kept.
pub(crate) struct Seal {
    pub(crate) number: i64,
    from_seq: i64,
    to_seq: i64,
    pub(crate) row_count: i64,
    gaps: Vec<(i64, i64)>,
    late: Vec<i64>,
    pub(crate) previous: Vec<u8>,
    pub(crate) hash: Vec<u8>,
    at: i64,
}

impl Seal {
    /// Whether a number lies in its range.
    pub(crate) fn covers(&self, seq: i64) -> bool {
        (self.from_seq..=self.to_seq).contains(&seq)
    }

    /// Whether there was no row of this number when it was made.
    pub(crate) fn is_gap(&self, seq: i64) -> bool {
        self.gaps.iter().any(|(from, to)| (*from..=*to).contains(&seq))
    }

    /// Whether it takes in the row of this number, which came late.
    pub(crate) fn names(&self, seq: i64) -> bool {
        self.late.contains(&seq)
    }

    pub(crate) fn hash_with<'a>(&self, rows: impl Iterator<Item = &'a SealedLine>) -> Vec<u8> {
        let mut hash = Sha256::new();
        hash.update(&self.previous);
        for number in [self.number, self.from_seq, self.to_seq, self.row_count, self.at] {
            hash.update(number.to_be_bytes());
        }
        field(&mut hash, Some(json(&self.gaps).as_bytes()));
        field(&mut hash, Some(json(&self.late).as_bytes()));
        for SealedLine { line: row, origin } in rows {
            hash.update(row.seq.to_be_bytes());
            hash.update(row.at.timestamp_millis().to_be_bytes());
            field(&mut hash, Some(row.actor.as_bytes()));
            field(&mut hash, row.actor_id.as_ref().map(|id| &id.0.as_bytes()[..]));
            field(&mut hash, Some(row.action.as_bytes()));
            field(&mut hash, row.account_id.as_ref().map(|id| &id.0.as_bytes()[..]));
            field(&mut hash, row.client_id.as_ref().map(|id| id.as_str().as_bytes()));
            field(&mut hash, row.session_id.as_ref().map(|id| &id.0.as_bytes()[..]));
            field(&mut hash, origin.sealed.as_ref().map(String::as_bytes));
            field(&mut hash, row.detail.as_ref().map(String::as_bytes));
        }
        hash.finalize().to_vec()
    }

    fn params(&self) -> Vec<Param> {
        params![
            self.number,
            self.from_seq,
            self.to_seq,
            self.row_count,
            json(&self.gaps),
            json(&self.late),
            self.previous.clone(),
            self.hash.clone(),
            self.at,
        ]
    }
}

/// Each field is preceded by its length, an absent one by a length that none has, so that no two rows look the same.
fn field(hash: &mut Sha256, value: Option<&[u8]>) {
    let length = value.map_or(u64::MAX, |bytes| bytes.len() as u64);
    hash.update(length.to_be_bytes());
    hash.update(value.unwrap_or_default());
}

/// The numbers from `begin` to the last row that have no row, as ranges.
fn gaps(begin: i64, rows: &[SealedLine]) -> Vec<(i64, i64)> {
    let mut next = begin;
    let mut gaps = Vec::new();
    for row in rows {
        let seq = row.line.seq;
        if seq > next {
            gaps.push((next, seq - 1));
        }
        next = seq + 1;
    }
    gaps
}

pub(crate) fn line(row: &Row) -> Result<AuditLine, StoreError> {
    sealed_line(row).map(|sealed| sealed.line)
}

fn sealed_line(row: &Row) -> Result<SealedLine, StoreError> {
    let origin =
        KeptOrigin { sealed: row.get("origin")?, address: row.get("address")?, salt: row.get("address_salt")? };
    let client_id = row.get::<Option<String>>("client_id")?;
    let line = AuditLine {
        seq: row.get("seq")?,
        at: row.time("at")?,
        actor: row.get("actor")?,
        actor_id: row.get::<Option<Uuid>>("actor_id")?.map(AccountId),
        action: row.get("action")?,
        account_id: row.get::<Option<Uuid>>("account_id")?.map(AccountId),
        client_id: client_id.map(|id| ClientId::parse(&id).ok_or_else(|| row.corrupt("client_id"))).transpose()?,
        session_id: row.get::<Option<Uuid>>("session_id")?.map(SessionId),
        origin: origin.shown().map(str::to_owned),
        detail: row.get("detail")?,
    };
    Ok(SealedLine { line, origin })
}

pub(crate) fn seal(row: &Row) -> Result<Seal, StoreError> {
    Ok(Seal {
        number: row.get("number")?,
        from_seq: row.get("from_seq")?,
        to_seq: row.get("to_seq")?,
        row_count: row.get("row_count")?,
        gaps: row.json("gaps")?,
        late: row.json("late")?,
        previous: row.get("previous")?,
        hash: row.get("hash")?,
        at: row.get("at")?,
    })
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("numbers are always JSON")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = std::fmt::Write::write_fmt(&mut text, format_args!("{byte:02x}"));
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(seq: i64) -> SealedLine {
        let line = AuditLine {
            seq,
            at: DateTime::UNIX_EPOCH,
            actor: "system".into(),
            actor_id: None,
            action: "x".into(),
            account_id: None,
            client_id: None,
            session_id: None,
            origin: None,
            detail: None,
        };
        SealedLine { line, origin: KeptOrigin::default() }
    }

    #[test]
    fn gaps_are_the_numbers_without_a_row() {
        let rows = [row(3), row(4), row(7), row(9)];
        assert_eq!(gaps(3, &rows), [(5, 6), (8, 8)]);
        assert_eq!(gaps(1, &rows), [(1, 2), (5, 6), (8, 8)]);
        assert_eq!(gaps(1, &[]), []);
    }
}
