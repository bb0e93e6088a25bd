//! Numbers for the dashboard: rows that were added up when they were written, so that a page reads some hundred rows
//! however many members there are.
//!
//! What people did is counted from the lines of the audit log, in the transaction that seals them: each line is sealed
//! once, so it is counted once. What the program did (answers, deliveries) each node counts in memory and adds by batches,
//! each under a name of its own that is taken once.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::figures::{ACTIVE, Counted, ENDING, MEMBERS, Span, WAITING, activity, counted};
use uuid::Uuid;

use crate::audit::AuditLine;
use crate::engine::{Param, Row, Tx, Verdict, params, write_rows};
use crate::{Store, StoreError};

/// A number: what, in which span, how much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The metric, one of [`idp_core::figures`].
    pub metric: String,
    /// When the span began.
    pub begins_at: DateTime<Utc>,
    /// Which kind of it.
    pub label: String,
    /// How much.
    pub count: u64,
}

/// Which labels of a metric are meant, by what stands before their `/`.
#[derive(Clone, Copy, Debug)]
pub enum Meant<'a> {
    /// Those of one.
    Only(&'a str),
    /// Those of all but these.
    AllBut(&'a [&'a str]),
}

/// The word for what is told beforehand.
const AHEAD: &str = "ahead";
/// How far temporary memberships are looked ahead for.
pub const AHEAD_DAYS: u32 = 14;

/// Key of a row: span, metric, begin, label.
type Key = (&'static str, String, i64, String);

impl Store {
    /// Adds what a node has counted up to `at`, under a name that is taken once: a batch that was written and is sent again
    /// changes nothing.
    ///
    /// # Errors
    /// [`StoreError`]; whether the batch was written is unknown then, and it can be sent again as it is.
    pub async fn add_figures(
        &self,
        batch: Uuid,
        at: DateTime<Utc>,
        counts: &[(Counted, u64)],
    ) -> Result<(), StoreError> {
        let mut rows: BTreeMap<Key, u64> = BTreeMap::new();
        for (what, count) in counts {
            for span in Span::ALL {
                *rows.entry(key(span, what.metric, at, &what.label)).or_default() += count;
            }
        }
        self.engine()
            .steps(rows, move |tx, rows| {
                Box::pin(async move {
                    let take = "INSERT INTO figure_batches (id, at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
                    if tx.run(take, params![batch, at]).await? == 1 {
                        add(tx, rows).await?;
                    }
                    Ok(Verdict::Keep(()))
                })
            })
            .await
    }

    /// Looks how many members there are, how many temporary memberships end on each of the next days, and what waits to be
    /// delivered, and writes it in the place of what was there. To be called by one leader.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_stock(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let count = async |table, sql: &str, values| {
            let row = self.engine().one(table, sql, values).await?;
            row.map_or(Ok(0), |row| row.get::<i64>("n")).map(|n| u64::try_from(n).unwrap_or(0))
        };
        let permanent = "SELECT count(*) AS n FROM accounts WHERE permanent_since IS NOT NULL AND standing <> 'erased'";
        let temporary = "SELECT count(*) AS n FROM accounts WHERE expires_at > $1 AND permanent_since IS NULL AND standing <> 'erased'";
        let mails = "SELECT count(*) AS n FROM mails WHERE done_at IS NULL";
        let notices = "SELECT count(*) AS n FROM logout_notices WHERE done_at IS NULL";
        let events = "SELECT count(*) AS n FROM client_events WHERE done_at IS NULL";
        let mut rows: BTreeMap<Key, u64> = BTreeMap::new();
        for (metric, label, count) in [
            (MEMBERS, "permanent", count("accounts", permanent, params![]).await?),
            (MEMBERS, "temporary", count("accounts", temporary, params![now]).await?),
            (WAITING, "mails", count("mails", mails, params![]).await?),
            (WAITING, "notices", count("logout_notices", notices, params![]).await?),
            (WAITING, "events", count("client_events", events, params![]).await?),
        ] {
            for span in Span::ALL {
                rows.insert(key(span, metric, now, label), count);
            }
        }
        let mut day = Span::Day.begin(now);
        for _ in 0..AHEAD_DAYS {
            let next = day + TimeDelta::days(1);
            let sql = "SELECT count(*) AS n FROM accounts WHERE expires_at >= $1 AND expires_at < $2 \
                 AND end_handled_at IS NULL AND permanent_since IS NULL AND standing <> 'erased'";
            let ending = count("accounts", sql, params![day.max(now), next]).await?;
            rows.insert((AHEAD, ENDING.to_owned(), day.timestamp_millis(), String::new()), ending);
            day = next;
        }
        self.engine()
            .steps(rows, |tx, rows| Box::pin(async move { write(tx, rows, "excluded.count").await.map(Verdict::Keep) }))
            .await
    }

    /// The numbers of some metrics in the spans that began from `from` on, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn figures(&self, span: Span, metrics: &[&str], from: DateTime<Utc>) -> Result<Vec<Figure>, StoreError> {
        self.read_figures(span.as_str(), metrics, from).await
    }

    /// What answers came to: numbers of a metric whose labels are `of/what`, added up in each span over those `of` that are
    /// meant. Each has `what` as its label: the last `letters` of the stored one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn figures_over_time(
        &self,
        span: Span,
        metric: &str,
        letters: u32,
        from: DateTime<Utc>,
        meant: Meant<'_>,
    ) -> Result<Vec<Figure>, StoreError> {
        let mut values = params![span.as_str(), metric, from];
        let mut sql = format!(
            "SELECT begins_at, metric, substr(label, length(label) - {letters} + 1) AS label, \
             CAST(sum(count) AS BIGINT) AS count FROM figures WHERE span = $1 AND metric = $2 AND begins_at >= $3"
        );
        let (how, of) = match meant {
            Meant::Only(one) => ("LIKE", vec![one]),
            Meant::AllBut(others) => ("NOT LIKE", others.to_vec()),
        };
        for one in of {
            values.push(Param::from(format!("{one}/%")));
            sql.push_str(&format!(" AND label {how} ${}", values.len()));
        }
        sql.push_str(" GROUP BY 1, 2, 3 ORDER BY 1, 3");
        self.engine().all("figures", &sql, values).await?.iter().map(figure).collect()
    }

    /// Numbers of a metric by label, each added up over the spans that began from `from` on; `begins_at` is the first of
    /// them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn figures_by_label(
        &self,
        span: Span,
        metric: &str,
        from: DateTime<Utc>,
    ) -> Result<Vec<Figure>, StoreError> {
        let sql = "SELECT min(begins_at) AS begins_at, metric, label, CAST(sum(count) AS BIGINT) AS count FROM figures \
             WHERE span = $1 AND metric = $2 AND begins_at >= $3 GROUP BY metric, label";
        let rows = self.engine().all("figures", sql, params![span.as_str(), metric, from]).await?;
        rows.iter().map(figure).collect()
    }

    /// How many temporary memberships end on each day from that of `now` on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn endings_ahead(&self, now: DateTime<Utc>) -> Result<Vec<Figure>, StoreError> {
        self.read_figures(AHEAD, &[ENDING], Span::Day.begin(now)).await
    }

    async fn read_figures(&self, span: &str, metrics: &[&str], from: DateTime<Utc>) -> Result<Vec<Figure>, StoreError> {
        let mut figures = Vec::new();
        for metric in metrics {
            let sql = "SELECT begins_at, metric, label, count FROM figures \
                 WHERE span = $1 AND metric = $2 AND begins_at >= $3 ORDER BY begins_at, label";
            for row in self.engine().all("figures", sql, params![span, *metric, from]).await? {
                figures.push(figure(&row)?);
            }
        }
        Ok(figures)
    }
}

fn figure(row: &Row) -> Result<Figure, StoreError> {
    Ok(Figure {
        metric: row.get("metric")?,
        begins_at: row.time("begins_at")?,
        label: row.get("label")?,
        count: u64::try_from(row.get::<i64>("count")?).map_err(|_| row.corrupt("count"))?,
    })
}

/// Counts lines that are being sealed, in the transaction that seals them.
pub(crate) async fn count_lines(tx: &mut Tx<'_>, lines: &[AuditLine]) -> Result<(), StoreError> {
    let mut rows: BTreeMap<Key, u64> = BTreeMap::new();
    let mut members: BTreeSet<(Uuid, &'static str, i64)> = BTreeSet::new();
    let mut services: BTreeSet<(String, &'static str, i64)> = BTreeSet::new();
    for line in lines {
        if let Some(what) = counted(&line.action, line.detail.as_deref()) {
            for span in Span::ALL {
                *rows.entry(key(span, what.metric, line.at, &what.label)).or_default() += 1;
            }
        }
        let (member, service) = activity(&line.action);
        for span in [Span::Day, Span::Month] {
            let begin = span.begin(line.at).timestamp_millis();
            if let Some(account) = line.account_id.filter(|_| member) {
                members.insert((account.0, span.as_str(), begin));
            }
            // A trial is no service that anybody uses.
            if let Some(client) = line.client_id.as_ref().filter(|client| service && !client.is_trial()) {
                services.insert((client.as_str().to_owned(), span.as_str(), begin));
            }
        }
    }
    let members = members.into_iter().map(|(id, span, begin)| (Param::from(id), span, begin)).collect();
    mark(tx, "active_members", "account_id", "members", members, &mut rows).await?;
    let services = services.into_iter().map(|(id, span, begin)| (Param::from(id), span, begin)).collect();
    mark(tx, "active_services", "client_id", "services", services, &mut rows).await?;
    add(tx, &rows).await
}

/// Marks who was seen, and counts whoever was not marked before.
async fn mark(
    tx: &mut Tx<'_>,
    table: &'static str,
    column: &str,
    label: &str,
    marks: Vec<(Param, &'static str, i64)>,
    rows: &mut BTreeMap<Key, u64>,
) -> Result<(), StoreError> {
    for marks in marks.chunks(tx.rows_at_once(3)) {
        let mut sql = format!("INSERT INTO {table} ({column}, span, begins_at) VALUES ");
        write_rows(&mut sql, marks.len(), 3, 1);
        sql.push_str(" ON CONFLICT DO NOTHING RETURNING span, begins_at");
        let values =
            marks.iter().flat_map(|(who, span, begin)| [who.clone(), (*span).into(), (*begin).into()]).collect();
        for row in tx.all(table, &sql, values).await? {
            let span: String = row.get("span")?;
            let span = if span == Span::Day.as_str() { Span::Day } else { Span::Month };
            let key = (span.as_str(), ACTIVE.to_owned(), row.get("begins_at")?, label.to_owned());
            *rows.entry(key).or_default() += 1;
        }
    }
    Ok(())
}

fn key(span: Span, metric: &str, at: DateTime<Utc>, label: &str) -> Key {
    (span.as_str(), metric.to_owned(), span.begin(at).timestamp_millis(), label.to_owned())
}

async fn add(tx: &mut Tx<'_>, rows: &BTreeMap<Key, u64>) -> Result<(), StoreError> {
    write(tx, rows, "figures.count + excluded.count").await
}

/// In one order on every node, so that two that write at once do not wait in a circle.
async fn write(tx: &mut Tx<'_>, rows: &BTreeMap<Key, u64>, count: &str) -> Result<(), StoreError> {
    let rows: Vec<_> = rows.iter().collect();
    for rows in rows.chunks(tx.rows_at_once(5)) {
        let mut sql = "INSERT INTO figures (span, metric, begins_at, label, count) VALUES ".to_owned();
        write_rows(&mut sql, rows.len(), 5, 1);
        sql.push_str(" ON CONFLICT (span, metric, begins_at, label) DO UPDATE SET count = ");
        sql.push_str(count);
        let values = rows
            .iter()
            .flat_map(|((span, metric, begin, label), count)| {
                params![*span, metric.as_str(), *begin, label.as_str(), **count]
            })
            .collect();
        tx.run(&sql, values).await?;
    }
    Ok(())
}
