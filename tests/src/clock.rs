//! A clock that stands until a test moves it.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use idp_web::time::Clock;

/// The time of a test, in milliseconds as SQL keeps it.
#[derive(Debug)]
pub struct ManualClock {
    millis: AtomicI64,
    broken: AtomicU32,
}

impl ManualClock {
    /// A clock that stands at `start`.
    pub fn at(start: DateTime<Utc>) -> Self {
        Self { millis: AtomicI64::new(start.timestamp_millis()), broken: AtomicU32::new(0) }
    }

    /// Moves on.
    pub fn advance(&self, by: TimeDelta) {
        self.millis.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }

    /// Sets the time.
    pub fn set(&self, to: DateTime<Utc>) {
        self.millis.store(to.timestamp_millis(), Ordering::SeqCst);
    }

    /// Whoever looks next panics, so many times: everybody looks at the clock, so a programming error can be put anywhere.
    pub fn panic_when_read(&self, times: u32) {
        self.broken.store(times, Ordering::SeqCst);
    }

    /// How many of those panics are still to come.
    pub fn panics_left(&self) -> u32 {
        self.broken.load(Ordering::SeqCst)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        let broken = self.broken.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        assert!(broken.is_err(), "the test's clock was told to fail");
        DateTime::from_timestamp_millis(self.millis.load(Ordering::SeqCst)).expect("a test's time is near our own")
    }
}
