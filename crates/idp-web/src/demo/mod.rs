//! The surroundings of `idp demo`: what a member of the public sees beside the provider, all on one machine.
//!
//! In reading order: the words printed at the start, the mail that arrives and the page that shows it,
//! the ministry services that are signed in to; `page` is what their pages share.

pub mod story;

pub mod smtp;

pub mod mailbox;

pub mod service;

mod page;

use std::sync::Arc;

use chrono::{DateTime, Utc};

/// What the demo's parts are given from outside: the clock and the source of chance.
#[derive(Clone)]
pub struct Surroundings {
    /// The time.
    pub now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    /// Fills a buffer with random bytes fit for secrets.
    pub chance: Arc<dyn Fn(&mut [u8]) + Send + Sync>,
}

impl Surroundings {
    /// The time now.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        (self.now)()
    }

    /// A fresh name nobody can guess: 256 random bits, base64url.
    pub(crate) fn secret(&self) -> String {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        let mut bytes = [0; 32];
        (self.chance)(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

#[cfg(test)]
impl Surroundings {
    /// A clock that stands still, and chance that counts.
    pub(crate) fn still() -> Surroundings {
        use std::sync::atomic::{AtomicU64, Ordering};
        let counter = AtomicU64::new(0);
        Surroundings {
            now: Arc::new(|| DateTime::UNIX_EPOCH + chrono::Duration::days(20_000)),
            chance: Arc::new(move |bytes| {
                let count = counter.fetch_add(1, Ordering::Relaxed).to_be_bytes();
                for (index, byte) in bytes.iter_mut().enumerate() {
                    *byte = count[(index + 4) % 8];
                }
            }),
        }
    }
}
