//! Connections held between uses. The pool below pings a connection each time it comes back, which costs as much as a
//! short query; here it goes back to the pool only when something went wrong, or to be looked after now and then.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{Database, Pool};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::StoreError;

/// How long a caller waits for a connection before the store says that it is busy.
const PATIENCE: Duration = Duration::from_secs(5);

/// The connections of one database.
pub(super) struct Held<DB: Database> {
    pool: Pool<DB>,
    idle: Idle<DB>,
    permits: Arc<Semaphore>,
}

type Idle<DB> = Arc<Mutex<Vec<PoolConnection<DB>>>>;

impl<DB: Database> Held<DB> {
    /// At most `most` connections of `pool`, made when they are needed.
    pub(super) fn new(pool: Pool<DB>, most: u32) -> Self {
        let permits = usize::try_from(most).unwrap_or(1).max(1);
        Self { pool, idle: Idle::default(), permits: Arc::new(Semaphore::new(permits)) }
    }

    pub(super) async fn take(&self) -> Result<Lent<DB>, StoreError> {
        let permit = tokio::time::timeout(PATIENCE, Arc::clone(&self.permits).acquire_owned()).await;
        let permit =
            permit.map_err(|_| StoreError::Busy)?.map_err(|_| StoreError::unavailable("the store is closed"))?;
        let held = lock(&self.idle).pop();
        let connection = match held {
            Some(connection) => connection,
            None => self.pool.acquire().await?,
        };
        Ok(Lent { connection: Some(connection), idle: Arc::clone(&self.idle), sound: true, _permit: permit })
    }

    /// Gives every idle connection back to the pool, which looks after its age and health.
    pub(super) fn hand_back(&self) {
        let idle = std::mem::take(&mut *lock(&self.idle));
        drop(idle);
    }

    pub(super) async fn close(&self) {
        self.permits.close();
        self.hand_back();
        self.pool.close().await;
    }
}

/// A connection in use. Without [`Lent::done`] it goes back to the pool to be checked, or is closed when it may be in
/// the middle of a transaction.
pub(super) struct Lent<DB: Database> {
    connection: Option<PoolConnection<DB>>,
    idle: Idle<DB>,
    sound: bool,
    _permit: OwnedSemaphorePermit,
}

impl<DB: Database> Lent<DB> {
    pub(super) fn get(&mut self) -> &mut DB::Connection {
        self.connection.as_mut().expect("it is taken out only by done() and drop(), which end the loan")
    }

    /// Until [`Lent::done`], the connection is in a transaction: should the loan end before, it is closed.
    pub(super) fn in_transaction(&mut self) {
        self.sound = false;
    }

    /// The connection is as it was: it is kept for the next one.
    pub(super) fn done(mut self) {
        if let Some(connection) = self.connection.take() {
            lock(&self.idle).push(connection);
        }
    }
}

impl<DB: Database> Drop for Lent<DB> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.as_mut()
            && !self.sound
        {
            connection.close_on_drop();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A list of idle connections is never left half-changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
