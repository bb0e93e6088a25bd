//! PostgreSQL: a change is one statement, steps are one short transaction.

use std::sync::{Arc, Weak};
use std::time::Duration;

use idp_core::chance::Chance;
use idp_migrations::Migrator;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::{self, Connection as _, Executor as _, PgConnection};
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, TransactionTrait as _};
use sea_orm_migration::MigratorTrait as _;

use super::held::Held;
use super::tx::{Connection, Trouble, postgres_rows};
use super::{AnyJob, Change, Param, Row, Tx};
use crate::StoreError;
use crate::cache::{Caches, Touched};

/// A change that was in another's way (a deadlock, mostly) is made again so many times.
const ATTEMPTS: u32 = 6;
/// Two nodes that start at once migrate one after the other. The number is nobody else's.
const MIGRATION_LOCK: i64 = 0x4d4f_4341;
/// How often idle connections are looked after.
const CARE: Duration = Duration::from_secs(60);

/// A database server.
pub(crate) struct Postgres {
    connection: DatabaseConnection,
    held: Arc<Held<sqlx::Postgres>>,
    caches: Arc<Caches>,
    chance: Arc<dyn Chance>,
}

impl Postgres {
    pub(super) async fn open(
        url: &str,
        max_connections: u32,
        caches: Arc<Caches>,
        chance: Arc<dyn Chance>,
    ) -> Result<Self, StoreError> {
        let mut options = ConnectOptions::new(url);
        options
            // One more for migrations, which may run while the others are held.
            .max_connections(max_connections.max(1) + 1)
            .connect_timeout(Duration::from_secs(5))
            .acquire_timeout(Duration::from_secs(5))
            .idle_timeout(Duration::from_secs(600))
            .sqlx_logging(false)
            // Connections are held, and checked each time they come back to the pool.
            .test_before_acquire(false)
            .map_sqlx_postgres_opts(|options| options.statement_cache_capacity(160).application_name("moc-account"))
            .map_sqlx_postgres_pool_opts(|pool| {
                pool.after_connect(|connection, _| {
                    Box::pin(async move {
                        // What the store's statements rest on, whatever the server's own settings are; and nothing
                        // here takes seconds, so that a row held by a node that died is soon free again.
                        let settings = "SET default_transaction_isolation = 'read committed'; \
                             SET statement_timeout = '10s'; SET lock_timeout = '5s'; \
                             SET idle_in_transaction_session_timeout = '10s'; SET synchronous_commit = 'on'";
                        connection.execute(settings).await.map(|_| ())
                    })
                })
            });
        let connection = match Database::connect(options).await {
            Ok(connection) => connection,
            // The pool tries for a while and then says only that it gave up.
            Err(error) => return Err(reason(url).await.unwrap_or_else(|| error.into())),
        };
        let held = Arc::new(Held::new(connection.get_postgres_connection_pool().clone(), max_connections.max(1)));
        tokio::spawn(look_after(Arc::downgrade(&held)));
        Ok(Self { connection, held, caches, chance })
    }

    pub(super) async fn all(&self, table: &'static str, sql: &str, params: Vec<Param>) -> Result<Vec<Row>, StoreError> {
        let mut trouble = Trouble::None;
        let outcome = statement(&self.held, table, sql, params.clone(), &mut trouble).await;
        if trouble != Trouble::Lost {
            return outcome;
        }
        // The server was restarted, or the connection cut: a query does no harm when it is asked again.
        self.held.hand_back();
        statement(&self.held, table, sql, params, &mut trouble).await
    }

    pub(super) async fn change(&self, mut change: Change) -> Result<Vec<Row>, StoreError> {
        change.mark_origins(&*self.chance);
        let (held, caches) = (Arc::clone(&self.held), Arc::clone(&self.caches));
        let work = tokio::spawn(async move {
            let text = change.postgres_text();
            let mut attempt = 1;
            let rows = loop {
                let mut trouble = Trouble::None;
                let outcome = statement(&held, change.table, &text, change.params.clone(), &mut trouble).await;
                match trouble {
                    Trouble::InTheWay if attempt < ATTEMPTS => attempt += 1,
                    Trouble::Lost => {
                        held.hand_back();
                        break outcome?;
                    }
                    Trouble::InTheWay | Trouble::None => break outcome?,
                }
            };
            if !rows.is_empty() {
                caches.drop_all(change.touched);
            }
            Ok(rows)
        });
        work.await.map_err(|_| StoreError::unavailable("a write was abandoned"))?
    }

    pub(super) fn steps(&self, mut job: AnyJob) {
        let (held, caches, chance) = (Arc::clone(&self.held), Arc::clone(&self.caches), Arc::clone(&self.chance));
        tokio::spawn(async move {
            let mut attempt = 1;
            let outcome = loop {
                let mut trouble = Trouble::None;
                let outcome = transaction(&held, &mut job, &chance, &mut trouble).await;
                match trouble {
                    Trouble::InTheWay if attempt < ATTEMPTS => attempt += 1,
                    Trouble::Lost => {
                        held.hand_back();
                        break outcome;
                    }
                    Trouble::InTheWay | Trouble::None => break outcome,
                }
            };
            // Cached rows are dropped first, so that the caller cannot read what it has just changed.
            job.answer(outcome.map(|touched| caches.drop_all(touched)));
        });
    }

    /// Applies what is missing, in one transaction under a lock of its own.
    pub(super) async fn migrate(&self) -> Result<(), StoreError> {
        let transaction = self.connection.begin().await?;
        let patience = "SET LOCAL lock_timeout = '5min'; SET LOCAL statement_timeout = '5min'; \
             SET LOCAL idle_in_transaction_session_timeout = '5min'";
        transaction.execute_unprepared(patience).await?;
        transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
        Migrator::up(&transaction, None).await?;
        transaction.commit().await?;
        Ok(())
    }

    pub(super) async fn close(&self) {
        self.held.close().await;
    }
}

/// Why the server cannot be used; `None` when it can after all.
async fn reason(url: &str) -> Option<StoreError> {
    let wrong = |_| StoreError::unavailable("the database's address must look like postgres://user@host/database");
    let options: PgConnectOptions = match url.parse().map_err(wrong) {
        Ok(options) => options,
        Err(wrong) => return Some(wrong),
    };
    let place = format!("PostgreSQL at {}:{}", options.get_host(), options.get_port());
    let error = PgConnection::connect_with(&options).await.err()?;
    Some(StoreError::unavailable(format!("{place}: {}", StoreError::from(error))))
}

/// Runs one statement, which is a transaction of its own.
async fn statement(
    held: &Held<sqlx::Postgres>,
    table: &'static str,
    sql: &str,
    params: Vec<Param>,
    trouble: &mut Trouble,
) -> Result<Vec<Row>, StoreError> {
    let mut lent = held.take().await?;
    let rows = postgres_rows(lent.get(), table, sql.to_owned(), params).await.inspect_err(|e| trouble.note(e))?;
    lent.done();
    Ok(rows)
}

async fn transaction(
    held: &Held<sqlx::Postgres>,
    job: &mut AnyJob,
    chance: &Arc<dyn Chance>,
    trouble: &mut Trouble,
) -> Result<Vec<Touched>, StoreError> {
    let mut lent = held.take().await?;
    lent.in_transaction();
    let mut tx = Tx::new(Connection::Postgres(lent.get()), chance);
    tx.command("BEGIN").await.inspect_err(|e| trouble.note(e))?;
    let outcome = job.run(&mut tx).await;
    *trouble = tx.trouble;
    if matches!(outcome, Ok(true)) {
        tx.command("COMMIT").await.inspect_err(|e| trouble.note(e))?;
    } else {
        tx.command("ROLLBACK").await.inspect_err(|e| trouble.note(e))?;
        tx.touched.clear();
    }
    let touched = tx.touched;
    lent.done();
    outcome.map(|_| touched)
}

/// Gives idle connections back to the pool now and then, where they are pinged, aged and closed.
async fn look_after(held: Weak<Held<sqlx::Postgres>>) {
    let mut every = tokio::time::interval(CARE);
    loop {
        every.tick().await;
        match held.upgrade() {
            Some(held) => held.hand_back(),
            None => return,
        }
    }
}
