//! What costs a person one repeated step when it is lost: pages in progress, pushed requests, challenges, rates, windows
//! against replay; and the word to other nodes that a cached row is stale.
//!
//! Nothing here decides anything that matters: SQL is the truth. But nothing alive is dropped early either; when there
//! is no room, the store refuses.

mod memory;
mod redis;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use idp_core::id::{AccountId, ClientId, GrantId};
use idp_core::secret::{Digest, base64url, from_base64url};
use tokio::sync::mpsc;

use crate::{Stale, StoreError};
use memory::Memory;
use redis::Redis;

/// What a key is for: the same key in two spaces is two keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Space {
    /// Authorization requests waiting for a page.
    Request,
    /// Pushed authorization requests (RFC 9126).
    Pushed,
    /// Sign-ins that wait for a second factor, and factors that wait for their first code.
    HalfDone,
    /// Challenges of passkeys and the like.
    Challenge,
    /// Sign-ins that were begun at ThaID and have not come back.
    Upstream,
    /// What officials have under way in the console.
    Console,
    /// Proofs of possession already seen (RFC 9449).
    Dpop,
    /// Counts of requests.
    Rate,
    /// Anything that can be made again.
    Cache,
}

impl Space {
    fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Pushed => "pushed",
            Self::HalfDone => "half-done",
            Self::Challenge => "challenge",
            Self::Upstream => "upstream",
            Self::Console => "console",
            Self::Dpop => "dpop",
            Self::Rate => "rate",
            Self::Cache => "cache",
        }
    }
}

/// The short-lived store. Cheap to clone.
#[derive(Clone)]
pub struct ShortLived(Kind);

#[derive(Clone)]
enum Kind {
    Memory(Arc<Memory>),
    Redis(Arc<Redis>),
}

impl std::fmt::Debug for ShortLived {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Kind::Memory(_) => "ShortLived(memory)",
            Kind::Redis(_) => "ShortLived(Redis)",
        })
    }
}

impl ShortLived {
    /// In memory, for one node: at most `max_entries` entries and about `max_bytes` bytes, aged by `clock`.
    pub fn memory(max_entries: usize, max_bytes: usize, clock: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>) -> Self {
        Self(Kind::Memory(Arc::new(Memory::new(max_entries, max_bytes, clock))))
    }

    /// In Redis or Valkey, at least version 6.2: `redis://host:6379/0`, `rediss://` for TLS.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it does not answer, or is too old.
    pub async fn redis(url: &str) -> Result<Self, StoreError> {
        Ok(Self(Kind::Redis(Arc::new(Redis::open(url).await?))))
    }

    /// Puts a value under a key, in place of an earlier one.
    ///
    /// # Errors
    /// [`StoreError::Full`], and [`StoreError::Unavailable`] when Redis does not answer.
    pub async fn put(&self, space: Space, key: &str, value: &[u8], ttl: Duration) -> Result<(), StoreError> {
        match &self.0 {
            Kind::Memory(memory) => memory.put(space, key, value, ttl),
            Kind::Redis(redis) => redis.put(space, key, value, ttl).await,
        }
    }

    /// Puts a value under a key that has none. `false` when it has one, which stays.
    ///
    /// # Errors
    /// As [`ShortLived::put`].
    pub async fn put_new(&self, space: Space, key: &str, value: &[u8], ttl: Duration) -> Result<bool, StoreError> {
        match &self.0 {
            Kind::Memory(memory) => memory.put_new(space, key, value, ttl),
            Kind::Redis(redis) => redis.put_new(space, key, value, ttl).await,
        }
    }

    /// The value under a key.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when Redis does not answer.
    pub async fn get(&self, space: Space, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match &self.0 {
            Kind::Memory(memory) => Ok(memory.get(space, key)),
            Kind::Redis(redis) => redis.get(space, key).await,
        }
    }

    /// Takes the value under a key away; of several who try at once, one gets it. An answer that Redis failed to give
    /// counts as taken.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when Redis does not answer.
    pub async fn take(&self, space: Space, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match &self.0 {
            Kind::Memory(memory) => Ok(memory.take(space, key)),
            Kind::Redis(redis) => redis.take(space, key).await,
        }
    }

    /// Forgets the value under a key.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when Redis does not answer.
    pub async fn remove(&self, space: Space, key: &str) -> Result<(), StoreError> {
        match &self.0 {
            Kind::Memory(memory) => {
                memory.take(space, key);
                Ok(())
            }
            Kind::Redis(redis) => redis.remove(space, key).await,
        }
    }

    /// Counts up and tells the count, this time included. The first count opens a window of `ttl`; later ones do not
    /// prolong it.
    ///
    /// # Errors
    /// As [`ShortLived::put`].
    pub async fn count(&self, space: Space, key: &str, ttl: Duration) -> Result<u64, StoreError> {
        match &self.0 {
            Kind::Memory(memory) => memory.count(space, key, ttl),
            Kind::Redis(redis) => redis.count(space, key, ttl).await,
        }
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when Redis does not answer.
    pub async fn ping(&self) -> Result<(), StoreError> {
        match &self.0 {
            Kind::Memory(_) => Ok(()),
            Kind::Redis(redis) => redis.ping().await,
        }
    }

    /// Tells the other nodes that cached rows are stale. In memory there are no others.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when Redis does not answer.
    pub async fn announce(&self, stale: &[Stale]) -> Result<(), StoreError> {
        match &self.0 {
            Kind::Memory(_) => Ok(()),
            Kind::Redis(redis) => redis.announce(&write(stale)).await,
        }
    }

    /// What other nodes announce, and this one as well; [`Stale::Everything`] when some of it may have been missed. `None`
    /// in memory, where there are no others.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when Redis does not answer.
    pub async fn subscribe(&self) -> Result<Option<mpsc::UnboundedReceiver<Stale>>, StoreError> {
        match &self.0 {
            Kind::Memory(_) => Ok(None),
            Kind::Redis(redis) => redis.subscribe().await.map(Some),
        }
    }
}

/// One line for each row.
fn write(stale: &[Stale]) -> String {
    let mut text = String::new();
    for stale in stale {
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = match stale {
            Stale::Account(id) => std::fmt::Write::write_fmt(&mut text, format_args!("account {id}")),
            Stale::Session(cookie) => {
                std::fmt::Write::write_fmt(&mut text, format_args!("session {}", base64url(cookie.as_bytes())))
            }
            Stale::Client(id) => std::fmt::Write::write_fmt(&mut text, format_args!("client {id}")),
            Stale::Consent(account, client) => {
                std::fmt::Write::write_fmt(&mut text, format_args!("consent {account} {client}"))
            }
            Stale::Grant(id) => std::fmt::Write::write_fmt(&mut text, format_args!("grant {id}")),
            Stale::Everything => std::fmt::Write::write_str(&mut text, "everything"),
        };
    }
    text
}

/// Reads what [`write()`] wrote. A line of a newer program that is not understood means everything.
fn read(text: &str) -> Vec<Stale> {
    let line = |line: &str| {
        let mut words = line.split(' ');
        let stale = match (words.next()?, words.next(), words.next()) {
            ("account", Some(id), None) => Stale::Account(AccountId::parse(id)?),
            ("session", Some(cookie), None) => Stale::Session(Digest::from_bytes(&from_base64url(cookie)?)?),
            ("client", Some(id), None) => Stale::Client(ClientId::parse(id)?),
            ("consent", Some(account), Some(client)) => {
                Stale::Consent(AccountId::parse(account)?, ClientId::parse(client)?)
            }
            ("grant", Some(id), None) => Stale::Grant(GrantId::parse(id)?),
            _ => return None,
        };
        Some(stale)
    };
    text.lines().map(|text| line(text).unwrap_or(Stale::Everything)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_announcement_is_read_as_it_was_written() {
        let id = AccountId::parse("6f1d7a3e-5d3c-4f7e-9b1a-2c3d4e5f6a7b").unwrap();
        let client = ClientId::parse("ditp-academy").unwrap();
        let all = vec![
            Stale::Account(id),
            Stale::Session(Digest([7; 32])),
            Stale::Client(client.clone()),
            Stale::Consent(id, client),
            Stale::Grant(GrantId(id.0)),
            Stale::Everything,
        ];
        assert_eq!(read(&write(&all)), all);
        assert_eq!(read("mystery 7"), [Stale::Everything]);
    }
}
