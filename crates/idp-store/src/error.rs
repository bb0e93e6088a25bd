//! What can go wrong with the store, without the values it holds.

use sea_orm::{DbErr, RuntimeErr, sqlx};

use idp_core::seal::SealError;

/// Why the store could not do what it was asked. Never holds a value from a row.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row makes no sense: nothing here writes such a row.
    #[error("the database holds a broken row: table {table}, column {column}, row {id}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's key.
        id: String,
    },
    /// The database or Redis does not answer, or refuses.
    #[error("{0}")]
    Unavailable(String),
    /// Too many writes are waiting; trying again later helps.
    #[error("the database is busy: too many writes are waiting")]
    Busy,
    /// The short-lived store holds as much as it may, and drops nothing that is alive.
    #[error("the short-lived store is full")]
    Full,
    /// A sealed value cannot be opened.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl StoreError {
    pub(crate) fn unavailable(text: impl Into<String>) -> Self {
        Self::Unavailable(text.into())
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error;
        match error {
            Error::Database(database) => {
                let code = database.code().unwrap_or_default().into_owned();
                // SQLite: locked by another program. PostgreSQL: too many connections, too slow, a lock held too long.
                if ["5", "261", "517", "53300", "57014", "55P03"].contains(&code.as_str()) {
                    return Self::Busy;
                }
                // PostgreSQL's class 22 (data exception) repeats the offending value in its message.
                let text = if code.starts_with("22") { "data exception" } else { database.message() };
                Self::Unavailable(format!("the database refused: {text} (code {code})"))
            }
            Error::PoolTimedOut => Self::Busy,
            Error::Io(error) => Self::Unavailable(format!("the database cannot be reached: {error}")),
            Error::Tls(_) => Self::unavailable("the database cannot be reached over TLS"),
            Error::PoolClosed | Error::WorkerCrashed => Self::unavailable("the database has been closed"),
            Error::Configuration(error) => Self::Unavailable(format!("the database's address is wrong: {error}")),
            // The others name columns and types, never values; what they carry is not needed to act.
            Error::ColumnDecode { index, .. } => Self::Unavailable(format!("column {index} has an unexpected type")),
            Error::ColumnNotFound(column) => Self::Unavailable(format!("column {column} is missing")),
            Error::Protocol(text) => Self::Unavailable(format!("the database answered out of turn: {text}")),
            _ => Self::unavailable("the database failed"),
        }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::Conn(RuntimeErr::SqlxError(error))
            | DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error)) => match std::sync::Arc::try_unwrap(error) {
                Ok(error) => error.into(),
                Err(shared) => Self::Unavailable(format!("the database failed: {}", kind(&shared))),
            },
            DbErr::ConnectionAcquire(_) => Self::Busy,
            DbErr::Migration(text) | DbErr::Custom(text) => Self::Unavailable(text),
            _ => Self::unavailable("the database failed"),
        }
    }
}

fn kind(error: &sqlx::Error) -> String {
    error.as_database_error().and_then(|e| e.code()).map_or_else(|| "no code".to_owned(), |code| format!("code {code}"))
}

impl From<redis::RedisError> for StoreError {
    fn from(error: redis::RedisError) -> Self {
        // "OOM command not allowed when used memory > 'maxmemory'": Redis may not forget, so it refuses.
        if error.code() == Some("OOM") {
            return Self::Full;
        }
        Self::Unavailable(format!("Redis cannot be used: {}", error.category()))
    }
}
