//! SQLite's only writer: what arrives while a transaction is being committed goes into the next one together.
//!
//! Waiting for the disk is what a commit costs, so under load many changes share one. Each stands or falls alone: steps
//! run inside a savepoint, and when anything else fails the whole transaction is undone and each change is made again
//! in a transaction of its own.

use std::sync::Arc;

use idp_core::chance::Chance;
use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{self, Sqlite, SqlitePool};
use tokio::sync::{mpsc, oneshot};

use super::tx::{Connection, sqlite_rows};
use super::{AnyJob, Change, Row, Tx};
use crate::StoreError;
use crate::cache::{Caches, Touched};

/// How many changes share a transaction at most.
const TOGETHER: usize = 64;
/// How many may wait before the store says that it is busy: about a tenth of a second's worth.
const WAITING: usize = 1024;

/// What is asked of the writer.
pub(super) enum Request {
    Change(Change, oneshot::Sender<Result<Vec<Row>, StoreError>>),
    Steps(AnyJob),
    /// Stop once everything before this is done.
    Close(oneshot::Sender<()>),
}

/// The way to the writer.
pub(super) type Requests = mpsc::Sender<Request>;

/// Starts the writer, which keeps the one connection of `pool`.
pub(super) fn start(pool: SqlitePool, caches: Arc<Caches>, chance: Arc<dyn Chance>) -> Requests {
    let (requests, waiting) = mpsc::channel(WAITING);
    tokio::spawn(Writer { pool, connection: None, caches, chance }.run(waiting));
    requests
}

struct Writer {
    pool: SqlitePool,
    connection: Option<PoolConnection<Sqlite>>,
    caches: Arc<Caches>,
    chance: Arc<dyn Chance>,
}

/// A request that has been worked on, and what came of it.
enum Done {
    Rows(Vec<Row>),
    Steps(Result<Vec<Touched>, StoreError>),
}

impl Writer {
    async fn run(mut self, mut waiting: mpsc::Receiver<Request>) {
        let mut batch = Vec::with_capacity(TOGETHER);
        while waiting.recv_many(&mut batch, TOGETHER).await > 0 {
            let close = batch.iter().position(|request| matches!(request, Request::Close(_)));
            let closing = close.map(|at| batch.split_off(at));
            match batch.len() {
                0 => {}
                1 => self.alone(batch.remove(0)).await,
                _ => self.share(std::mem::take(&mut batch)).await,
            }
            if let Some(closing) = closing {
                self.connection = None;
                for request in closing {
                    // Changes that came later are dropped: their callers hear that the store is closed.
                    if let Request::Close(done) = request {
                        let _ = done.send(());
                    }
                }
                return;
            }
        }
    }

    /// Makes changes in one transaction; one by one when that fails.
    async fn share(&mut self, mut batch: Vec<Request>) {
        match self.together(&mut batch).await {
            Ok(done) => {
                for (request, done) in batch.into_iter().zip(done) {
                    self.answer(request, done);
                }
            }
            Err(error) => {
                tracing::debug!(%error, changes = batch.len(), "making changes one by one");
                self.roll_back().await;
                for request in batch {
                    self.alone(request).await;
                }
            }
        }
    }

    async fn together(&mut self, batch: &mut [Request]) -> Result<Vec<Done>, StoreError> {
        let chance = Arc::clone(&self.chance);
        let connection = self.connection().await?;
        Tx::new(Connection::Sqlite(connection), &chance).command("BEGIN IMMEDIATE").await?;
        let mut done = Vec::with_capacity(batch.len());
        for request in &mut *batch {
            done.push(match request {
                Request::Change(change, _) => {
                    let rows = sqlite_rows(connection, change.table, change.sqlite_text(false), change.params.clone());
                    Done::Rows(rows.await?)
                }
                Request::Steps(job) => {
                    let mut tx = Tx::new(Connection::Sqlite(connection), &chance);
                    tx.command("SAVEPOINT steps").await?;
                    let outcome = job.run(&mut tx).await;
                    if !matches!(outcome, Ok(true)) {
                        tx.command("ROLLBACK TO steps").await?;
                        tx.touched.clear();
                    }
                    tx.command("RELEASE steps").await?;
                    Done::Steps(outcome.map(|_| tx.touched))
                }
                Request::Close(_) => return Err(StoreError::unavailable("closing is not a change")),
            });
        }
        Tx::new(Connection::Sqlite(connection), &chance).command("COMMIT").await?;
        Ok(done)
    }

    /// Makes one change in a transaction of its own.
    async fn alone(&mut self, mut request: Request) {
        let outcome = self.by_itself(&mut request).await;
        match (outcome, request) {
            (Ok(done), request) => self.answer(request, done),
            (Err(error), request) => {
                self.roll_back().await;
                match request {
                    Request::Change(_, reply) => drop(reply.send(Err(error))),
                    Request::Steps(job) => job.answer(Err(error)),
                    Request::Close(_) => {}
                }
            }
        }
    }

    async fn by_itself(&mut self, request: &mut Request) -> Result<Done, StoreError> {
        let chance = Arc::clone(&self.chance);
        let connection = self.connection().await?;
        match request {
            Request::Change(change, _) => {
                let rows = sqlite_rows(connection, change.table, change.sqlite_text(true), change.params.clone());
                Ok(Done::Rows(rows.await?))
            }
            Request::Steps(job) => {
                let mut tx = Tx::new(Connection::Sqlite(connection), &chance);
                tx.command("BEGIN IMMEDIATE").await?;
                let outcome = job.run(&mut tx).await;
                if matches!(outcome, Ok(true)) {
                    tx.command("COMMIT").await?;
                } else {
                    tx.command("ROLLBACK").await?;
                    tx.touched.clear();
                }
                Ok(Done::Steps(outcome.map(|_| tx.touched)))
            }
            Request::Close(_) => Err(StoreError::unavailable("closing is not a change")),
        }
    }

    /// After the commit: cached rows are dropped first, so that the caller cannot read what it has just changed.
    fn answer(&self, request: Request, done: Done) {
        match (request, done) {
            (Request::Change(change, reply), Done::Rows(rows)) => {
                if !rows.is_empty() {
                    self.caches.drop_all(change.touched);
                }
                let _ = reply.send(Ok(rows));
            }
            (Request::Steps(job), Done::Steps(Ok(touched))) => {
                self.caches.drop_all(touched);
                job.answer(Ok(()));
            }
            (Request::Steps(job), Done::Steps(Err(error))) => job.answer(Err(error)),
            (Request::Change(..) | Request::Steps(_) | Request::Close(_), _) => {}
        }
    }

    /// Ends whatever transaction is open; a connection that cannot even do that is replaced.
    async fn roll_back(&mut self) {
        let Some(connection) = self.connection.as_mut() else { return };
        let outcome = Tx::new(Connection::Sqlite(connection), &self.chance).command("ROLLBACK").await;
        // "cannot rollback - no transaction is active" is SQLITE_ERROR (1): SQLite has rolled back by itself.
        let alive = match outcome {
            Ok(()) => true,
            Err(sqlx::Error::Database(error)) => error.code().as_deref() == Some("1"),
            Err(_) => false,
        };
        if !alive && let Some(broken) = self.connection.take() {
            let _ = broken.close().await;
        }
    }

    async fn connection(&mut self) -> Result<&mut PoolConnection<Sqlite>, StoreError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.pool.acquire().await?,
        };
        Ok(self.connection.insert(connection))
    }
}
