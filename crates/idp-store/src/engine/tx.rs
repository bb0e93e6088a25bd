//! A transaction of several steps.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use idp_core::audit::AuditEvent;
use idp_core::chance::Chance;
use idp_core::mail::OutgoingMail;
use sea_orm::sqlx::{self, AssertSqlSafe, Executor as _, PgConnection, SqliteConnection};

use super::change::write_rows;
use super::param::{for_postgres, for_sqlite};
use super::{Param, Row};
use crate::StoreError;
use crate::audit::{AUDIT_COLUMNS, event_params, mark_origin};
use crate::cache::Touched;
use crate::client_events::queue_events;
use crate::mails::{MAIL_COLUMNS, mail_params};

/// Rows inserted by one statement of PostgreSQL at most: a statement is a way there and back.
const ROWS: usize = 500;
/// Values in one statement of SQLite at most: it finds each `$1` by going through those named before it, so that twice as
/// many cost four times as much, and there is no way to go.
const VALUES: usize = 160;

/// What the steps of a transaction came to.
pub(crate) enum Verdict<T> {
    /// What was written stays.
    Keep(T),
    /// What was written is undone; the answer stands all the same.
    Undo(T),
}

/// A future that can be sent to another thread.
pub(crate) type Work<'t, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 't>>;

/// The inside of a transaction.
pub(crate) struct Tx<'c> {
    connection: Connection<'c>,
    chance: Arc<dyn Chance>,
    pub(super) touched: Vec<Touched>,
    /// What the last failure of the database was.
    pub(super) trouble: Trouble,
}

/// Failures after which something else can be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    None,
    /// Another transaction was in the way: trying again helps.
    InTheWay,
    /// The connection is gone: others made at the same time probably are as well.
    Lost,
}

impl Trouble {
    pub(super) fn note(&mut self, error: &sqlx::Error) {
        *self = match error {
            // Serialisation failure, deadlock; and a row that somebody else wrote under a unique key in this very moment:
            // the second try finds it, and decides by what it finds.
            sqlx::Error::Database(error) if matches!(error.code().as_deref(), Some("40001" | "40P01" | "23505")) => {
                Self::InTheWay
            }
            // Administrator's shutdown, crash, not yet started.
            sqlx::Error::Database(error) if matches!(error.code().as_deref(), Some("57P01" | "57P02" | "57P03")) => {
                Self::Lost
            }
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => Self::Lost,
            _ => Self::None,
        };
    }
}

pub(super) enum Connection<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl<'c> Tx<'c> {
    pub(super) fn new(connection: Connection<'c>, chance: &Arc<dyn Chance>) -> Self {
        Self { connection, chance: Arc::clone(chance), touched: Vec::new(), trouble: Trouble::None }
    }

    /// Runs a statement and tells how many rows it changed.
    pub(crate) async fn run(&mut self, sql: &str, params: Vec<Param>) -> Result<u64, StoreError> {
        let changed = match &mut self.connection {
            Connection::Sqlite(connection) => {
                let query = sqlx::query_with(AssertSqlSafe(sql), for_sqlite(params)?);
                query.execute(&mut **connection).await.map(|done| done.rows_affected())
            }
            Connection::Postgres(connection) => {
                let query = sqlx::query_with(AssertSqlSafe(sql), for_postgres(params)?);
                query.execute(&mut **connection).await.map(|done| done.rows_affected())
            }
        };
        Ok(changed.inspect_err(|error| self.trouble.note(error))?)
    }

    /// Runs a statement and gives the rows it returns.
    pub(crate) async fn all(
        &mut self,
        table: &'static str,
        sql: &str,
        params: Vec<Param>,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = match &mut self.connection {
            Connection::Sqlite(connection) => sqlite_rows(connection, table, sql.to_owned(), params).await,
            Connection::Postgres(connection) => postgres_rows(connection, table, sql.to_owned(), params).await,
        };
        Ok(rows.inspect_err(|error| self.trouble.note(error))?)
    }

    /// Runs a statement that returns a row or none.
    pub(crate) async fn one(
        &mut self,
        table: &'static str,
        sql: &str,
        params: Vec<Param>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.all(table, sql, params).await?.into_iter().next())
    }

    /// How many rows of `columns` values are best inserted by one statement.
    pub(crate) fn rows_at_once(&self, columns: usize) -> usize {
        match self.connection {
            Connection::Sqlite(_) => (VALUES / columns).max(1),
            Connection::Postgres(_) => ROWS,
        }
    }

    /// Writes audit events, and queues those that services are told of.
    pub(crate) async fn record(&mut self, events: &[AuditEvent]) -> Result<(), StoreError> {
        for events in events.chunks(self.rows_at_once(AUDIT_COLUMNS.len())) {
            let mut sql = format!("INSERT INTO audit_log ({}) VALUES ", AUDIT_COLUMNS.join(", "));
            write_rows(&mut sql, events.len(), AUDIT_COLUMNS.len(), 1);
            let mut values: Vec<Param> = events.iter().flat_map(event_params).collect();
            values.chunks_mut(AUDIT_COLUMNS.len()).for_each(|line| mark_origin(line, &*self.chance));
            self.run(&sql, values).await?;
        }
        queue_events(self, events).await
    }

    /// Queues mails; one that may exist once and does is left as it is.
    pub(crate) async fn queue(&mut self, mails: &[OutgoingMail]) -> Result<(), StoreError> {
        for mails in mails.chunks(self.rows_at_once(MAIL_COLUMNS.len())) {
            let mut sql = format!("INSERT INTO mails ({}) VALUES ", MAIL_COLUMNS.join(", "));
            write_rows(&mut sql, mails.len(), MAIL_COLUMNS.len(), 1);
            sql.push_str(" ON CONFLICT DO NOTHING");
            self.run(&sql, mails.iter().flat_map(mail_params).collect()).await?;
        }
        Ok(())
    }

    /// Names a cached row that is stale once the transaction is committed.
    pub(crate) fn touch(&mut self, touched: impl Into<Touched>) {
        self.touched.push(touched.into());
    }

    /// Waits until no other transaction holds any of `keys`, and holds them to the end of this one. SQLite has one
    /// writer: there is nobody to wait for. `keys` are locked in ascending order, so that nobody waits in a circle.
    pub(crate) async fn lock(&mut self, mut keys: Vec<i64>) -> Result<(), StoreError> {
        if let Connection::Sqlite(_) = self.connection {
            return Ok(());
        }
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            self.all("locks", "SELECT pg_advisory_xact_lock($1)", vec![key.into()]).await?;
        }
        Ok(())
    }

    /// Runs text without parameters, as it is.
    pub(super) async fn command(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        match &mut self.connection {
            Connection::Sqlite(connection) => connection.execute(sql).await.map(|_| ()),
            Connection::Postgres(connection) => connection.execute(sql).await.map(|_| ()),
        }
    }
}

pub(super) async fn sqlite_rows(
    connection: &mut SqliteConnection,
    table: &'static str,
    sql: String,
    params: Vec<Param>,
) -> Result<Vec<Row>, sqlx::Error> {
    let query = sqlx::query_with(AssertSqlSafe(sql), for_sqlite(params)?);
    Ok(query.fetch_all(connection).await?.into_iter().map(|row| Row::new(table, row)).collect())
}

pub(super) async fn postgres_rows(
    connection: &mut PgConnection,
    table: &'static str,
    sql: String,
    params: Vec<Param>,
) -> Result<Vec<Row>, sqlx::Error> {
    let query = sqlx::query_with(AssertSqlSafe(sql), for_postgres(params)?);
    Ok(query.fetch_all(connection).await?.into_iter().map(|row| Row::new(table, row)).collect())
}
