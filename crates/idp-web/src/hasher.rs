//! The password pool: so many Argon2id hashes at once and no more, a bounded queue before them, a deadline for all.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use idp_core::chance::Chance;
use idp_core::password::{HashCost, HashMemory, PasswordHash};
use tokio::sync::Semaphore;

/// Hashes and checks passwords away from the threads that answer requests.
#[derive(Clone)]
pub struct Hasher(Arc<Pool>);

struct Pool {
    cost: HashCost,
    permits: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    blocks: Mutex<Vec<HashMemory>>,
    deadline: Duration,
    chance: Arc<dyn Chance>,
    nobody: PasswordHash,
}

/// Too many passwords are being checked: try again in a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked at once")]
pub struct HasherBusy;

impl Hasher {
    /// A pool of `threads` hashes at once, with at most `queue` waiting for at most `deadline`.
    pub fn new(cost: HashCost, threads: usize, queue: usize, deadline: Duration, chance: Arc<dyn Chance>) -> Self {
        Self(Arc::new(Pool {
            cost,
            permits: Arc::new(Semaphore::new(threads)),
            waiting: Arc::new(Semaphore::new(threads + queue)),
            blocks: Mutex::new(Vec::new()),
            deadline,
            chance,
            nobody: PasswordHash::of_nobody(cost),
        }))
    }

    /// The cost at which new hashes are made.
    pub fn cost(&self) -> HashCost {
        self.0.cost
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// [`HasherBusy`] past queue or deadline.
    pub async fn hash(&self, password: String) -> Result<PasswordHash, HasherBusy> {
        self.run(move |pool, memory| PasswordHash::make(&password, pool.cost, memory, &*pool.chance)).await
    }

    /// Checks a password. With `None` it takes the same time and the answer is no: nobody has that address.
    ///
    /// # Errors
    /// [`HasherBusy`] past queue or deadline.
    pub async fn check(&self, password: String, hash: Option<PasswordHash>) -> Result<bool, HasherBusy> {
        self.run(move |pool, memory| {
            let right = hash.as_ref().unwrap_or(&pool.nobody).is_of(&password, memory);
            right && hash.is_some()
        })
        .await
    }

    async fn run<T, F>(&self, work: F) -> Result<T, HasherBusy>
    where
        T: Send + 'static,
        F: FnOnce(&Pool, &mut HashMemory) -> T + Send + 'static,
    {
        let pool = Arc::clone(&self.0);
        let place = Arc::clone(&pool.waiting).try_acquire_owned().map_err(|_| HasherBusy)?;
        let permit = tokio::time::timeout(pool.deadline, Arc::clone(&pool.permits).acquire_owned())
            .await
            .map_err(|_| HasherBusy)?
            .map_err(|_| HasherBusy)?;
        // Permit and place travel with the work: a caller who goes away must not free them while it still runs.
        tokio::task::spawn_blocking(move || {
            let _held = (place, permit);
            let mut memory =
                pool.blocks.lock().ok().and_then(|mut blocks| blocks.pop()).unwrap_or_else(|| pool.cost.memory());
            let done = work(&pool, &mut memory);
            if let Ok(mut blocks) = pool.blocks.lock() {
                blocks.push(memory);
            }
            done
        })
        .await
        .map_err(|_| HasherBusy)
    }
}
