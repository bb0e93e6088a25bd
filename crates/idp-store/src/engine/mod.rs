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

pub(crate) use change::{Change, write_rows};
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
        let (url, chance) = (options.url.as_str(), Arc::clone(&options.chance));
        if url.starts_with("sqlite:") {
            Ok(Self::Sqlite(Sqlite::open(url, caches, chance).await?))
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Ok(Self::Postgres(Postgres::open(url, options.max_connections, caches, chance).await?))
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
        if change.told.is_some() {
            return self.told(change).await;
        }
        match self {
            Self::Sqlite(sqlite) => sqlite.change(change).await,
            Self::Postgres(postgres) => postgres.change(change).await,
        }
    }

    /// Makes a change that services are told of: in steps, because whom to tell is looked up.
    async fn told(&self, change: Change) -> Result<Vec<Row>, StoreError> {
        self.steps(change, |tx, change| {
            Box::pin(async move {
                let (decision, values) = change.decision();
                let rows = tx.all(change.table, decision, values).await?;
                if let Some(told) = change.told.as_ref().filter(|_| !rows.is_empty()) {
                    tx.record(&told.events).await?;
                    tx.queue(&told.mails).await?;
                    change.touched.iter().cloned().for_each(|touched| tx.touch(touched));
                }
                Ok(Verdict::Keep(rows))
            })
        })
        .await
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use idp_core::chance::Chance;
    use idp_core::seal::{MasterSecret, Vault};

    use super::*;
    use crate::Store;
    use crate::cache::Stale;

    struct NoChance;
    impl Chance for NoChance {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    async fn store() -> (Store, tempfile::TempDir) {
        let folder = tempfile::TempDir::new().unwrap();
        let secret = MasterSecret { id: "k1".into(), bytes: [1; 32].into() };
        let options = StoreOptions {
            url: format!("sqlite://{}", folder.path().join("idp.db").display()),
            max_connections: 1,
            vault: Arc::new(Vault::new(vec![secret]).unwrap()),
            chance: Arc::new(NoChance),
            cache_ttl: Duration::from_secs(60),
        };
        let store = Store::open(options).await.unwrap();
        store.migrate().await.unwrap();
        (store, folder)
    }

    const TAKE: &str = "INSERT INTO throttles (key, failures, last_at, forget_at) VALUES ($1, $2, 0, 0)";

    async fn failures(store: &Store, key: &str) -> Option<i64> {
        let row = store.engine().one("throttles", "SELECT key, failures FROM throttles WHERE key = $1", params![key]);
        row.await.unwrap().map(|row| row.get("failures").unwrap())
    }

    /// Twenty writes at once, of which each third ends as `how`; the others must arrive whole.
    async fn among_others(how: fn(i64) -> Result<Verdict<()>, StoreError>) {
        let (store, _folder) = store().await;
        let mut writes = Vec::new();
        for n in 0..30_i64 {
            let store = store.clone();
            writes.push(tokio::spawn(async move {
                let steps = store.engine().steps(n, move |tx, n| {
                    Box::pin(async move {
                        tx.run(TAKE, params![format!("a{n}"), *n]).await?;
                        tx.run(TAKE, params![format!("b{n}"), *n]).await?;
                        if n % 3 == 0 { how(*n) } else { Ok(Verdict::Keep(())) }
                    })
                });
                steps.await
            }));
        }
        for write in writes {
            let _ = write.await.unwrap();
        }
        for n in 0..30_i64 {
            for half in ["a", "b"] {
                let expected = (n % 3 != 0).then_some(n);
                assert_eq!(failures(&store, &format!("{half}{n}")).await, expected, "{half}{n}");
            }
        }
        // And the writer goes on.
        assert!(
            store
                .take_lease("x", uuid::Uuid::nil(), chrono::DateTime::UNIX_EPOCH, chrono::DateTime::UNIX_EPOCH)
                .await
                .unwrap()
        );
        store.close().await;
    }

    #[tokio::test]
    async fn steps_that_are_undone_take_no_others_with_them() {
        among_others(|_| Ok(Verdict::Undo(()))).await;
    }

    #[tokio::test]
    async fn steps_that_fail_take_no_others_with_them() {
        among_others(|_| Err(StoreError::Full)).await;
    }

    #[tokio::test]
    async fn steps_that_panic_take_no_others_with_them() {
        among_others(|n| panic!("a programming error in {n}")).await;
    }

    #[tokio::test]
    async fn a_statement_that_is_wrong_is_an_error_and_leaves_nothing_open() {
        let (store, _folder) = store().await;
        let wrong = Change::new("throttles", "INSERT INTO nowhere VALUES ($1) RETURNING key", params![1_i64]);
        assert!(matches!(store.engine().settle(wrong).await, Err(StoreError::Unavailable(_))));
        // The second part fails: the first must not stay.
        let mut half = Change::new("throttles", format!("{TAKE} RETURNING key"), params!["half", 1_i64]);
        let event = idp_core::audit::AuditEvent::new(
            chrono::DateTime::UNIX_EPOCH,
            idp_core::audit::Actor::System,
            idp_core::audit::Action::SignedIn,
        );
        half = half.events(&[event]);
        half.params[3] = Param::Text(None);
        assert!(store.engine().settle(half).await.is_err());
        assert_eq!(failures(&store, "half").await, None);
        assert!(
            store
                .engine()
                .settle(Change::new("throttles", format!("{TAKE} RETURNING key"), params!["x", 1_i64]))
                .await
                .unwrap()
        );
        store.close().await;
    }

    #[tokio::test]
    async fn nobody_reads_through_the_write_ahead_of_the_commit() {
        let (store, _folder) = store().await;
        let seen = store
            .engine()
            .steps(store.clone(), |tx, store| {
                Box::pin(async move {
                    tx.run(TAKE, params!["inside", 1_i64]).await?;
                    tx.touch(Stale::Everything);
                    Ok(Verdict::Keep(failures(store, "inside").await))
                })
            })
            .await
            .unwrap();
        assert_eq!(seen, None);
        assert_eq!(failures(&store, "inside").await, Some(1));
    }

    #[tokio::test]
    async fn s131_a_commit_waits_for_the_disk() {
        let (store, _folder) = store().await;
        let sql = "SELECT 'x' AS key, j.journal_mode AS journal, s.synchronous AS synchronous \
             FROM pragma_journal_mode j, pragma_synchronous s";
        let steps = store.engine().steps((), move |tx, ()| {
            Box::pin(async move { Ok(Verdict::Keep(tx.one("settings", sql, params![]).await?)) })
        });
        let row = steps.await.unwrap().unwrap();
        assert_eq!(row.get::<String>("journal").unwrap(), "wal");
        // 2 is FULL: the log is synced before a commit is answered.
        assert_eq!(row.get::<i64>("synchronous").unwrap(), 2);
        store.close().await;
    }

    #[tokio::test]
    async fn readers_cannot_write() {
        let (store, _folder) = store().await;
        let written = store.engine().all("throttles", TAKE, params!["x", 1_i64]).await;
        assert!(matches!(written, Err(StoreError::Unavailable(_))));
        store.close().await;
    }
}
