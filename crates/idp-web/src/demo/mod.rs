//! The surroundings of `idp demo`: what a member of the public sees beside the provider, all on one machine.
//!
//! In reading order: the words printed at the start, the mail that arrives and the page that shows it,
//! the ministry services that are signed in to, the ThaID that they and we are signed in through; `page` is what their pages share.

pub mod story;

pub mod smtp;

pub mod mailbox;

pub mod service;

pub mod thaid;

pub mod run;

mod page;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use idp_core::chance::Chance;

/// What the demo's parts are given from outside: the clock and the source of chance.
#[derive(Clone)]
pub struct Surroundings {
    /// The time.
    pub now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    /// Random bytes fit for secrets.
    pub chance: Arc<dyn Chance>,
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
        self.chance.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

#[cfg(test)]
impl Surroundings {
    /// A clock that stands still, and chance that counts.
    pub(crate) fn still() -> Surroundings {
        Surroundings {
            now: Arc::new(|| DateTime::UNIX_EPOCH + chrono::Duration::days(20_000)),
            chance: Arc::new(Counting::default()),
        }
    }
}

#[cfg(test)]
#[derive(Default)]
struct Counting(std::sync::atomic::AtomicU32);

#[cfg(test)]
impl Chance for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let count = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed).to_be_bytes();
        bytes.iter_mut().zip(count.iter().cycle()).for_each(|(byte, count)| *byte = *count);
    }
}
