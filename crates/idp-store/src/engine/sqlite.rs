//! SQLite, embedded: one writer, a few readers, write-ahead log.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use idp_core::chance::Chance;
use idp_migrations::Migrator;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{self, SqlitePool};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait as _,
};
use sea_orm_migration::MigratorTrait as _;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::oneshot;

use super::held::Held;
use super::tx::sqlite_rows;
use super::writer::{self, Request, Requests};
use super::{AnyJob, Change, Param, Row};
use crate::StoreError;
use crate::cache::Caches;

/// Connections that read.
const READERS: u32 = 4;
/// Each reader's own page cache; what many read is in the shared memory map.
const READER_CACHE: &str = "-1024";
const WRITER_CACHE: &str = "-4096";
/// 64 MB of the file are read through memory instead of being copied.
const MEMORY_MAP: &str = "67108864";
/// How long opening waits for another program that holds the file.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it waits between two tries.
const PAUSE: Duration = Duration::from_millis(20);
/// Pages in the log before it is copied into the file: 16 MB, so that a page changed often is copied once.
const LOG_PAGES: &str = "4000";

/// A database file.
pub(crate) struct Sqlite {
    url: String,
    readers: Held<sqlx::Sqlite>,
    writer_pool: SqlitePool,
    requests: Requests,
    chance: Arc<dyn Chance>,
}

impl Sqlite {
    pub(super) async fn open(url: &str, caches: Arc<Caches>, chance: Arc<dyn Chance>) -> Result<Self, StoreError> {
        let file = file(url)?;
        prepare(&file)?;
        let writing = connect(url, 1, WRITER_CACHE, false).await.map_err(|error| explain(&file, error))?;
        // Reading the schema is cheap, and tells a damaged file or a foreign one from ours at once.
        writing
            .execute_unprepared("SELECT count(*) FROM sqlite_schema")
            .await
            .map_err(|error| explain(&file, error.into()))?;
        let reading = connect(url, READERS, READER_CACHE, true).await.map_err(|error| explain(&file, error))?;
        let readers = Held::new(reading.get_sqlite_connection_pool().clone(), READERS);
        let pool = writing.get_sqlite_connection_pool().clone();
        let requests = writer::start(pool.clone(), caches, Arc::clone(&chance));
        Ok(Self { url: url.to_owned(), readers, writer_pool: pool, requests, chance })
    }

    pub(super) async fn all(&self, table: &'static str, sql: &str, params: Vec<Param>) -> Result<Vec<Row>, StoreError> {
        let mut lent = self.readers.take().await?;
        let rows = sqlite_rows(lent.get(), table, sql.to_owned(), params).await?;
        lent.done();
        Ok(rows)
    }

    pub(super) async fn change(&self, mut change: Change) -> Result<Vec<Row>, StoreError> {
        change.mark_origins(&*self.chance);
        let (reply, rows) = oneshot::channel();
        self.ask(Request::Change(change, reply))?;
        rows.await.map_err(|_| StoreError::unavailable("the store is closed"))?
    }

    pub(super) fn steps(&self, job: AnyJob) -> Result<(), StoreError> {
        self.ask(Request::Steps(job))
    }

    fn ask(&self, request: Request) -> Result<(), StoreError> {
        self.requests.try_send(request).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Closed(_) => StoreError::unavailable("the store is closed"),
        })
    }

    /// Applies what is missing, in one transaction: two programs starting at once do it one after the other.
    pub(super) async fn migrate(&self) -> Result<(), StoreError> {
        let connection = connect(&self.url, 1, WRITER_CACHE, false).await?;
        // The other program may be making all tables, on a slow disk.
        connection.execute_unprepared("PRAGMA busy_timeout = 60000").await?;
        let immediate = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = connection.begin_with_options(immediate).await?;
        Migrator::up(&transaction, None).await?;
        transaction.commit().await?;
        connection.close().await?;
        Ok(())
    }

    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.requests.send(Request::Close(done)).await.is_ok() {
            let _ = closed.await;
        }
        self.readers.close().await;
        self.writer_pool.close().await;
    }
}

/// Opens connections, and waits for another program that is making, converting or leaving the same file: SQLite refuses
/// at once where waiting for a lock could mean waiting for each other, whatever the busy timeout.
async fn connect(url: &str, max: u32, cache: &'static str, read_only: bool) -> Result<DatabaseConnection, StoreError> {
    let begun = tokio::time::Instant::now();
    loop {
        match try_connect(url, max, cache, read_only).await.map_err(StoreError::from) {
            Err(StoreError::Busy) if begun.elapsed() < PATIENCE => tokio::time::sleep(PAUSE).await,
            result => return result,
        }
    }
}

async fn try_connect(url: &str, max: u32, cache: &'static str, read_only: bool) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(max)
        .sqlx_logging(false)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .map_sqlx_sqlite_opts(move |options| pragmas(options, cache, read_only));
    Database::connect(options).await
}

fn pragmas(options: SqliteConnectOptions, cache: &'static str, read_only: bool) -> SqliteConnectOptions {
    options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // A commit that was answered survives a power cut.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .statement_cache_capacity(160)
        .pragma("temp_store", "memory")
        .pragma("cache_size", cache)
        .pragma("mmap_size", MEMORY_MAP)
        .pragma("wal_autocheckpoint", LOG_PAGES)
        .pragma("journal_size_limit", MEMORY_MAP)
        .pragma("query_only", if read_only { "ON" } else { "OFF" })
        .thread_name(move |number| format!("sqlite-{}-{number}", if read_only { "read" } else { "write" }))
}

/// The file an address names.
fn file(url: &str) -> Result<PathBuf, StoreError> {
    let options: SqliteConnectOptions = url.parse().map_err(|_| {
        StoreError::unavailable(format!("{url} is not the address of a database file, write sqlite://data/idp.db"))
    })?;
    let file = options.get_filename();
    if url.contains(":memory:") || url.contains("mode=memory") || file.as_os_str().is_empty() {
        return Err(StoreError::unavailable("a database in memory would forget every member, name a file"));
    }
    Ok(file.to_owned())
}

/// Makes the folder and an empty file that only this user may read: SQLite gives its other files the same rights.
fn prepare(file: &Path) -> Result<(), StoreError> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |what: &str, path: &Path, error: std::io::Error| {
        StoreError::unavailable(format!("{what} {} cannot be made or written: {error}", path.display()))
    };
    std::fs::create_dir_all(folder).map_err(|error| failed("the database's folder", folder, error))?;
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(|_| ()).map_err(|error| failed("the database file", file, error))
}

/// Says in one line what keeps the file from being opened.
fn explain(file: &Path, error: StoreError) -> StoreError {
    let StoreError::Unavailable(text) = &error else { return error };
    let file = file.display();
    for (code, meaning) in [
        ("(code 26)", "is not a database or is damaged: restore a backup, or move it away to begin anew"),
        ("(code 11)", "is damaged: restore a backup"),
        ("(code 14)", "cannot be opened: check that its folder exists and that this user may write there"),
        ("(code 8)", "may not be written: check its owner and rights"),
        ("(code 13)", "cannot grow: the disk is full"),
    ] {
        if text.contains(code) {
            return StoreError::unavailable(format!("the database file {file} {meaning}"));
        }
    }
    StoreError::unavailable(format!("the database file {file} cannot be opened: {text}"))
}
