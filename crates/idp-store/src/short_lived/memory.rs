//! The short-lived store of a single node: bounded, and refusing rather than forgetting.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Space;
use crate::StoreError;

type Key = (Space, Arc<str>);

pub(super) struct Memory {
    max_entries: usize,
    max_bytes: usize,
    clock: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    entries: HashMap<Key, Entry>,
    /// Every entry by its end, so that those that are over are found without looking at the others.
    ends: BTreeSet<(i64, Space, Arc<str>)>,
    bytes: usize,
}

struct Entry {
    value: Value,
    end: i64,
}

enum Value {
    Bytes(Box<[u8]>),
    Count(u64),
}

/// One in so many entries is kept for counts.
const RESERVED: usize = 8;
/// What an entry costs besides its key and value: two places in two collections.
const OVERHEAD: usize = 160;

impl PartialOrd for Space {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Space {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Memory {
    pub(super) fn new(
        max_entries: usize,
        max_bytes: usize,
        clock: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    ) -> Self {
        Self { max_entries, max_bytes, clock, held: Mutex::default() }
    }

    pub(super) fn put(&self, space: Space, key: &str, value: &[u8], ttl: Duration) -> Result<(), StoreError> {
        let (mut held, now) = self.open();
        held.remove(&(space, key.into()));
        self.insert(&mut held, space, key, Value::Bytes(value.into()), now, ttl)
    }

    pub(super) fn put_new(&self, space: Space, key: &str, value: &[u8], ttl: Duration) -> Result<bool, StoreError> {
        let (mut held, now) = self.open();
        if held.entries.contains_key(&(space, key.into())) {
            return Ok(false);
        }
        self.insert(&mut held, space, key, Value::Bytes(value.into()), now, ttl)?;
        Ok(true)
    }

    pub(super) fn get(&self, space: Space, key: &str) -> Option<Vec<u8>> {
        let (held, _) = self.open();
        held.entries.get(&(space, key.into())).map(|entry| entry.value.bytes())
    }

    pub(super) fn take(&self, space: Space, key: &str) -> Option<Vec<u8>> {
        let (mut held, _) = self.open();
        held.remove(&(space, key.into())).map(|entry| entry.value.bytes())
    }

    pub(super) fn count(&self, space: Space, key: &str, ttl: Duration) -> Result<u64, StoreError> {
        let (mut held, now) = self.open();
        if let Some(Entry { value: Value::Count(count), .. }) = held.entries.get_mut(&(space, key.into())) {
            *count = count.saturating_add(1);
            return Ok(*count);
        }
        held.remove(&(space, key.into()));
        self.insert(&mut held, space, key, Value::Count(1), now, ttl)?;
        Ok(1)
    }

    /// The entries without those that are over.
    fn open(&self) -> (MutexGuard<'_, Held>, i64) {
        let now = (self.clock)().timestamp_millis();
        // Nothing below panics between two changes that belong together.
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((end, space, key)) = held.ends.first()
            && *end <= now
        {
            let key = (*space, Arc::clone(key));
            held.remove(&key);
        }
        (held, now)
    }

    fn insert(
        &self,
        held: &mut Held,
        space: Space,
        key: &str,
        value: Value,
        now: i64,
        ttl: Duration,
    ) -> Result<(), StoreError> {
        let bytes = cost(key, &value);
        // The last part is for counts alone: whoever fills the rest with requests that wait must not keep everybody else
        // from signing in, where every attempt is counted first.
        let free = |most: usize| if space == Space::Rate { most } else { most - most / RESERVED };
        if held.entries.len() >= free(self.max_entries) || held.bytes + bytes > free(self.max_bytes) {
            return Err(StoreError::Full);
        }
        let end = now.saturating_add(i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX));
        let key: Arc<str> = key.into();
        held.bytes += bytes;
        held.ends.insert((end, space, Arc::clone(&key)));
        held.entries.insert((space, key), Entry { value, end });
        Ok(())
    }
}

impl Held {
    fn remove(&mut self, key: &Key) -> Option<Entry> {
        let entry = self.entries.remove(key)?;
        self.bytes -= cost(&key.1, &entry.value);
        self.ends.remove(&(entry.end, key.0, Arc::clone(&key.1)));
        Some(entry)
    }
}

impl Value {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes.to_vec(),
            Self::Count(count) => count.to_string().into_bytes(),
        }
    }
}

fn cost(key: &str, value: &Value) -> usize {
    let value = match value {
        Value::Bytes(bytes) => bytes.len(),
        Value::Count(_) => 0,
    };
    OVERHEAD + key.len() + value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counting_goes_on_when_requests_have_filled_the_store() {
        let memory = Memory::new(16, 1 << 20, Arc::new(|| DateTime::UNIX_EPOCH));
        let minute = Duration::from_secs(60);
        let put = |n: usize| memory.put(Space::Request, &n.to_string(), b"x", minute);
        assert!((0..14).all(|n| put(n).is_ok()));
        assert!(matches!(put(14), Err(StoreError::Full)));
        assert_eq!(memory.count(Space::Rate, "somebody", minute).ok(), Some(1));
        assert_eq!(memory.count(Space::Rate, "somebody else", minute).ok(), Some(1));
        assert!(memory.count(Space::Rate, "a third", minute).is_err());
    }
}
