//! Rows read often, kept for a few seconds. A change made here drops what it touched at once, here and (through
//! [`ShortLived`](crate::ShortLived)) on the other nodes; whatever misses that is gone when its time is up.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use idp_core::client::Client;
use idp_core::grant::Grant;
use idp_core::id::{AccountId, ClientId, GrantId};
use idp_core::secret::Digest;
use idp_core::session::Session;
use tokio::sync::mpsc;

use crate::{Consent, StoredAccount};

/// A cached row that may no longer be what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stale {
    /// An account.
    Account(AccountId),
    /// A session, by the digest of its cookie.
    Session(Digest),
    /// A client.
    Client(ClientId),
    /// What an account consented to for a client.
    Consent(AccountId, ClientId),
    /// A grant.
    Grant(GrantId),
    /// Anything: announcements were missed.
    Everything,
}

/// A row that a change touched, and who must hear of it.
#[derive(Clone, Debug)]
pub(crate) struct Touched {
    stale: Stale,
    everywhere: bool,
}

impl Touched {
    /// A change that other nodes need not hear of: either nobody has cached the row yet, or they notice by themselves.
    pub(crate) fn here(stale: Stale) -> Self {
        Self { stale, everywhere: false }
    }
}

impl From<Stale> for Touched {
    fn from(stale: Stale) -> Self {
        Self { stale, everywhere: true }
    }
}

/// All that is cached.
pub(crate) struct Caches {
    pub(crate) accounts: Cached<AccountId, Arc<StoredAccount>>,
    pub(crate) sessions: Cached<Digest, Arc<Session>>,
    pub(crate) clients: Cached<ClientId, Arc<Client>>,
    /// Where the clients in use have their redirect URIs.
    pub(crate) origins: Cached<(), Arc<HashSet<String>>>,
    pub(crate) consents: Cached<(AccountId, ClientId), Option<Arc<Consent>>>,
    pub(crate) grants: Cached<GrantId, Arc<Grant>>,
    /// Grants issued here a moment ago, by their code: most services come for their tokens at once. Nothing makes one
    /// stale, since nobody relies on more than what was issued.
    pub(crate) issued: moka::sync::Cache<Digest, Arc<Grant>>,
    others: OnceLock<mpsc::Sender<Stale>>,
    missed: AtomicBool,
}

/// How many announcements may wait: more than that and the others are told to drop everything.
pub(crate) const ANNOUNCEMENTS: usize = 1024;

impl Caches {
    pub(crate) fn new(lifetime: Duration) -> Self {
        Self {
            accounts: Cached::new(4_000, lifetime),
            sessions: Cached::new(8_000, lifetime),
            clients: Cached::new(1_000, lifetime),
            origins: Cached::new(1, lifetime),
            consents: Cached::new(8_000, lifetime),
            grants: Cached::new(8_000, lifetime),
            issued: moka::sync::Cache::builder().max_capacity(4_000).time_to_live(lifetime).build(),
            others: OnceLock::new(),
            missed: AtomicBool::new(false),
        }
    }

    /// From now on, tells `others` as well. A second call changes nothing.
    pub(crate) fn announce_to(&self, others: mpsc::Sender<Stale>) {
        let _ = self.others.set(others);
    }

    /// Drops what a change made here touched, and tells the other nodes.
    pub(crate) fn drop_all(&self, touched: Vec<Touched>) {
        for Touched { stale, everywhere } in touched {
            self.drop_row(&stale);
            if everywhere
                && let Some(others) = self.others.get()
                && others.try_send(stale).is_err()
            {
                self.missed.store(true, Ordering::SeqCst);
            }
        }
    }

    /// Whether announcements were lost since this was last asked: the queue was full.
    pub(crate) fn missed_announcements(&self) -> bool {
        self.missed.swap(false, Ordering::SeqCst)
    }

    /// Drops a row, whoever changed it.
    pub(crate) fn drop_row(&self, stale: &Stale) {
        match stale {
            Stale::Account(id) => self.accounts.forget(id),
            Stale::Session(cookie) => self.sessions.forget(cookie),
            Stale::Client(id) => {
                self.clients.forget(id);
                self.origins.forget(&());
            }
            Stale::Consent(account, client) => self.consents.forget(&(*account, client.clone())),
            Stale::Grant(id) => self.grants.forget(id),
            Stale::Everything => {
                self.accounts.forget_all();
                self.sessions.forget_all();
                self.clients.forget_all();
                self.origins.forget_all();
                self.consents.forget_all();
                self.grants.forget_all();
            }
        }
    }
}

/// A cache that never keeps a row read before a change and stored after it.
pub(crate) struct Cached<K, V> {
    rows: moka::sync::Cache<K, V>,
    hasher: RandomState,
    /// How often a row of each group was dropped.
    drops: [AtomicU64; 64],
}

/// What is noted before a row is read.
pub(crate) struct Ticket {
    group: usize,
    drops: u64,
}

impl<K: Hash + Eq + Clone + Send + Sync + 'static, V: Clone + Send + Sync + 'static> Cached<K, V> {
    fn new(most: u64, lifetime: Duration) -> Self {
        Self {
            rows: moka::sync::Cache::builder().max_capacity(most).time_to_live(lifetime).build(),
            hasher: RandomState::new(),
            drops: std::array::from_fn(|_| AtomicU64::new(0)),
        }
    }

    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.rows.get(key)
    }

    /// To be taken before the row is read from the database.
    pub(crate) fn ticket(&self, key: &K) -> Ticket {
        let group = self.group(key);
        Ticket { group, drops: self.drops[group].load(Ordering::SeqCst) }
    }

    /// Keeps a row that was read after `ticket` was taken, unless it may have changed since.
    pub(crate) fn keep(&self, key: K, row: V, ticket: &Ticket) {
        self.rows.insert(key.clone(), row);
        // A drop counts first and removes then: either it removes what was just inserted, or it is seen here.
        if self.drops[ticket.group].load(Ordering::SeqCst) != ticket.drops {
            self.rows.invalidate(&key);
        }
    }

    pub(crate) fn forget(&self, key: &K) {
        self.drops[self.group(key)].fetch_add(1, Ordering::SeqCst);
        self.rows.invalidate(key);
    }

    fn forget_all(&self) {
        for drops in &self.drops {
            drops.fetch_add(1, Ordering::SeqCst);
        }
        self.rows.invalidate_all();
    }

    fn group(&self, key: &K) -> usize {
        // The remainder of a division by 64 fits.
        usize::try_from(self.hasher.hash_one(key) % 64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_read_before_a_change_is_not_kept_after_it() {
        let cache = Cached::new(10, Duration::from_secs(60));
        let before = cache.ticket(&1);
        cache.forget(&1);
        cache.keep(1, "old", &before);
        assert_eq!(cache.get(&1), None);
        let after = cache.ticket(&1);
        cache.keep(1, "new", &after);
        assert_eq!(cache.get(&1), Some("new"));
    }

    #[test]
    fn everything_can_be_dropped_at_once() {
        let cache = Cached::new(10, Duration::from_secs(60));
        let before = cache.ticket(&1);
        cache.keep(1, "old", &before);
        cache.forget_all();
        assert_eq!(cache.get(&1), None);
        cache.keep(1, "old", &before);
        assert_eq!(cache.get(&1), None);
    }
}
