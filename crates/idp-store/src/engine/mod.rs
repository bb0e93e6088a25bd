//! The two databases behind one face: reads, changes settled by one statement, and transactions of several steps.
//!
//! Reading order: [`change`], [`tx`], [`writer`] (SQLite's only writer), [`sqlite`], [`postgres`].

mod change;
mod held;
mod job;
mod param;
mod postgres;
mod row;
mod sqlite;
mod tx;
mod writer;

use std::sync::Arc;

pub(crate) use change::Change;
pub(crate) use job::AnyJob;
pub(crate) use param::{Param, params};
pub(crate) use row::Row;
pub(crate) use tx::{Tx, Verdict, Work};

use crate::cache::Caches;
use crate::{StoreError, StoreOptions};
use postgres::Postgres;
use sqlite::Sqlite;

/// A database.
pub(crate) enum Engine {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Engine {
    pub(crate) async fn open(options: &StoreOptions, caches: Arc<Caches>) -> Result<Self, StoreError> {
        let url = options.url.as_str();
        if url.starts_with("sqlite:") {
            Ok(Self::Sqlite(Sqlite::open(url, caches).await?))
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Ok(Self::Postgres(Postgres::open(url, options.max_connections, caches).await?))
        } else {
            Err(StoreError::unavailable(
                "the database's address must begin with sqlite:// or postgres:// (setting database.url)",
            ))
        }
    }

    /// The rows of a query. `sql` begins with the key of `table`, and has a place for each of `params`.
    pub(crate) async fn all(&self, table: &'static str, sql: &str, params: Vec<Param>) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.all(table, sql, params).await,
            Self::Postgres(postgres) => postgres.all(table, sql, params).await,
        }
    }

    /// The row of a query that finds one at most.
    pub(crate) async fn one(
        &self,
        table: &'static str,
        sql: &str,
        params: Vec<Param>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.all(table, sql, params).await?.into_iter().next())
    }

    /// Makes a change, and gives what its statement returned: nothing when it did not take effect. Once begun it is
    /// finished, even when the caller goes away.
    pub(crate) async fn change(&self, change: Change) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.change(change).await,
            Self::Postgres(postgres) => postgres.change(change).await,
        }
    }

    /// Makes a change, and tells whether it took effect.
    pub(crate) async fn settle(&self, change: Change) -> Result<bool, StoreError> {
        Ok(!self.change(change).await?.is_empty())
    }

    /// Runs several steps in one transaction. They may be run again when the first attempt was in another's way, so they
    /// do nothing but read and write through [`Tx`]. Once begun they are finished, even when the caller goes away.
    pub(crate) async fn steps<I, T, F>(&self, input: I, steps: F) -> Result<T, StoreError>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'t, 'c> Fn(&'t mut Tx<'c>, &'t I) -> Work<'t, Verdict<T>> + Send + Sync + 'static,
    {
        let (job, reply) = job::job(input, steps);
        match self {
            Self::Sqlite(sqlite) => sqlite.steps(job)?,
            Self::Postgres(postgres) => postgres.steps(job),
        }
        // The job is dropped without an answer only when its steps panicked.
        reply.await.map_err(|_| StoreError::unavailable("a write was abandoned"))?
    }

    /// ` FOR SHARE` on PostgreSQL: the rows read stay as they are until the statement is done. SQLite has one writer.
    pub(crate) fn for_share(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "",
            Self::Postgres(_) => " FOR SHARE",
        }
    }

    /// ` FOR UPDATE SKIP LOCKED` on PostgreSQL: rows that another node is taking are passed over.
    pub(crate) fn skip_locked(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "",
            Self::Postgres(_) => " FOR UPDATE SKIP LOCKED",
        }
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    pub(crate) async fn migrate(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.migrate().await,
            Self::Postgres(postgres) => postgres.migrate().await,
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.close().await,
            Self::Postgres(postgres) => postgres.close().await,
        }
    }
}
