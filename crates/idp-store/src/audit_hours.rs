//! Between which numbers the audit log's lines of an hour lie, so that a filter by time is a range of numbers like every
//! other. Written in the transaction that seals the lines; a row of its own says up to which number it is known.
//!
//! Numbers rise with time but for requests that took long and clocks that differ: a range may hold lines of other hours,
//! which the filter leaves out by their time, and never misses one.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::audit::AuditLine;
use crate::engine::{Tx, params, write_rows};
use crate::{Store, StoreError};

const HOUR: i64 = 3_600_000;
/// The row that says up to which number hours are known.
const KNOWN: i64 = -1;
/// Hours in one statement.
const CHUNK: usize = 200;

const WIDEN: &str = " ON CONFLICT (hour) DO UPDATE SET \
     first_seq = CASE WHEN excluded.first_seq < audit_hours.first_seq THEN excluded.first_seq ELSE audit_hours.first_seq END, \
     last_seq = CASE WHEN excluded.last_seq > audit_hours.last_seq THEN excluded.last_seq ELSE audit_hours.last_seq END";

/// Notes the hours of `lines`, which are being sealed as those from `begin` to `to` and some late ones before.
pub(crate) async fn note_hours(tx: &mut Tx<'_>, lines: &[AuditLine], begin: i64, to: i64) -> Result<(), StoreError> {
    let known = "SELECT last_seq FROM audit_hours WHERE hour = $1";
    let known = tx.one("audit_hours", known, params![KNOWN]).await?.map_or(Ok(0), |row| row.get("last_seq"))?;
    // Sealed by a program that knew nothing of hours.
    if known < begin - 1 {
        let sql = format!(
            "INSERT INTO audit_hours (hour, first_seq, last_seq) SELECT at / {HOUR}, min(seq), max(seq) FROM audit_log \
             WHERE seq > $1 AND seq < $2 GROUP BY at / {HOUR}{WIDEN}"
        );
        tx.run(&sql, params![known, begin]).await?;
    }
    let mut hours: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for line in lines {
        let range = hours.entry(line.at.timestamp_millis() / HOUR).or_insert((line.seq, line.seq));
        *range = (range.0.min(line.seq), range.1.max(line.seq));
    }
    hours.insert(KNOWN, (0, to.max(known)));
    let hours: Vec<_> = hours.into_iter().collect();
    for hours in hours.chunks(CHUNK) {
        let mut sql = "INSERT INTO audit_hours (hour, first_seq, last_seq) VALUES ".to_owned();
        write_rows(&mut sql, hours.len(), 3, 1);
        sql.push_str(WIDEN);
        tx.run(&sql, hours.iter().flat_map(|(hour, (first, last))| params![*hour, *first, *last]).collect()).await?;
    }
    Ok(())
}

impl Store {
    /// Numbers, both included, between which every line lies that is not before `from` and is before `until`.
    pub(crate) async fn numbers_between(
        &self,
        from: Option<DateTime<Utc>>,
        until: Option<DateTime<Utc>>,
    ) -> Result<(i64, i64), StoreError> {
        if from.is_none() && until.is_none() {
            return Ok((0, i64::MAX));
        }
        let hour = |at: DateTime<Utc>| at.timestamp_millis() / HOUR;
        let (first, last) = (from.map_or(0, hour), until.map_or(i64::MAX, hour));
        let sql = "SELECT min(first_seq) AS low, max(last_seq) AS high, \
             (SELECT last_seq FROM audit_hours WHERE hour = $3) AS known \
             FROM audit_hours WHERE hour >= $1 AND hour <= $2 AND hour >= 0";
        let Some(row) = self.engine().one("audit_hours", sql, params![first, last, KNOWN]).await? else {
            return Ok((0, i64::MAX));
        };
        let (low, high): (Option<i64>, Option<i64>) = (row.get("low")?, row.get("high")?);
        let known = row.get::<Option<i64>>("known")?.unwrap_or(0);
        // What is not sealed yet belongs to no hour.
        let sql = "SELECT min(seq) AS low, max(seq) AS high FROM audit_log WHERE seq > $1 AND at >= $2 AND at < $3";
        let from = from.map_or(0, |at| at.timestamp_millis());
        let until = until.map_or(i64::MAX, |at| at.timestamp_millis());
        let young = self.engine().one("audit_log", sql, params![known, from, until]).await?;
        let (young_low, young_high): (Option<i64>, Option<i64>) = match young {
            Some(row) => (row.get("low")?, row.get("high")?),
            None => (None, None),
        };
        let low = low.into_iter().chain(young_low).min();
        let high = high.into_iter().chain(young_high).max();
        // No line at all: a range that holds none.
        Ok((low.unwrap_or(1), high.unwrap_or(0)))
    }
}
