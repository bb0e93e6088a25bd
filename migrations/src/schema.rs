//! One text of SQL for both engines: the few words in which they differ are replaced.

use sea_orm_migration::SchemaManager;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr};

/// Runs a step's statements.
///
/// Types are written as PostgreSQL has them (`UUID`, `BYTEA`, `BIGINT`, `BOOLEAN`, `SERIAL KEY`), tables end in `STRICT`
/// or `STRICT, WITHOUT ROWID`, which SQLite alone understands: there it makes a wrong type an error as it is elsewhere.
pub(crate) async fn apply(manager: &SchemaManager<'_>, statements: &str) -> Result<(), DbErr> {
    let text = match manager.get_database_backend() {
        DbBackend::Sqlite => statements
            // Numbers are given again only after the last row was deleted, and no row of such a table ever is. With
            // AUTOINCREMENT, which rules it out, each insert would write one page more.
            .replace("SERIAL KEY", "INTEGER PRIMARY KEY")
            .replace("UUID", "BLOB")
            .replace("BYTEA", "BLOB")
            .replace("BIGINT", "INTEGER")
            .replace("BOOLEAN", "INTEGER"),
        _ => statements
            .replace("SERIAL KEY", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY")
            .replace(") STRICT, WITHOUT ROWID", ")")
            .replace(") STRICT", ")"),
    };
    manager.get_connection().execute_unprepared(&text).await.map(|_| ())
}
