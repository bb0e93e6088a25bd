//! The one clock and the one source of chance. Everything else is handed what it needs.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use idp_core::chance::Chance;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// This moment.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock, cut to milliseconds as SQL keeps them.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the injected clock")]
    fn now(&self) -> DateTime<Utc> {
        let now = Utc::now();
        DateTime::from_timestamp_millis(now.timestamp_millis()).unwrap_or(now)
    }
}

/// The operating system's randomness.
pub struct SystemChance;

impl Chance for SystemChance {
    #[expect(clippy::disallowed_methods, reason = "this is the injected source of chance")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("an operating system without randomness cannot run an identity provider");
    }
}

/// Time since the start of the process, for pauses that the calendar must not disturb.
pub fn monotonic() -> Arc<dyn Fn() -> Duration + Send + Sync> {
    let start = std::time::Instant::now();
    Arc::new(move || start.elapsed())
}
