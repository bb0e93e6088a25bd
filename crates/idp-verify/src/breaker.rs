//! A circuit breaker: after five outages in a row nobody waits for the next one, and one caller tries again later.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing::{info, warn};

use crate::Unavailable;
use crate::outgoing::{BREAKER_PAUSE, BREAKER_THRESHOLD, MonotonicClock};

/// Counts outages in a row and decides who may ask.
pub(crate) struct Breaker {
    /// What is asked, for the log.
    name: &'static str,
    clock: MonotonicClock,
    inner: Mutex<Inner>,
}

struct Inner {
    state: State,
    /// Grows with each change of state, so that an answer to a call from before the change changes nothing.
    generation: u64,
}

enum State {
    Closed {
        outages: u32,
    },
    Open {
        until: Duration,
    },
    /// Half-open: one caller is out to see whether things work again.
    Probing,
}

/// Leave to ask once. Dropped without a report, the caller went away: that says nothing about the other side.
pub(crate) struct Permit<'a> {
    breaker: &'a Breaker,
    generation: u64,
}

impl Breaker {
    pub(crate) fn new(name: &'static str, clock: MonotonicClock) -> Self {
        Self { name, clock, inner: Mutex::new(Inner { state: State::Closed { outages: 0 }, generation: 0 }) }
    }

    /// Leave to ask, or [`Unavailable::BreakerOpen`].
    pub(crate) fn admit(&self) -> Result<Permit<'_>, Unavailable> {
        let mut inner = self.lock();
        match inner.state {
            State::Closed { .. } => {}
            State::Open { until } if (self.clock)() >= until => inner.change(State::Probing),
            State::Open { .. } | State::Probing => return Err(Unavailable::BreakerOpen),
        }
        Ok(Permit { breaker: self, generation: inner.generation })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // No code that holds the lock can panic half way through a change.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answered(&self, inner: &mut Inner) {
        match &mut inner.state {
            State::Closed { outages } => *outages = 0,
            State::Probing => {
                inner.change(State::Closed { outages: 0 });
                info!("the {} answers again", self.name);
            }
            State::Open { .. } => {}
        }
    }

    fn failed(&self, inner: &mut Inner) {
        let until = (self.clock)() + BREAKER_PAUSE;
        match &mut inner.state {
            State::Closed { outages } => {
                *outages += 1;
                if *outages >= BREAKER_THRESHOLD {
                    inner.change(State::Open { until });
                    warn!("the {} failed {BREAKER_THRESHOLD} times in a row: not asked for a while", self.name);
                }
            }
            State::Probing => inner.change(State::Open { until }),
            State::Open { .. } => {}
        }
    }
}

impl Inner {
    fn change(&mut self, state: State) {
        self.state = state;
        self.generation += 1;
    }
}

impl Permit<'_> {
    /// Tells how it went: a definite answer, be it yes or no, or an outage.
    pub(crate) fn report<T>(self, outcome: &Result<T, Unavailable>) {
        let mut inner = self.breaker.lock();
        if inner.generation == self.generation {
            match outcome {
                Ok(_) => self.breaker.answered(&mut inner),
                Err(_) => self.breaker.failed(&mut inner),
            }
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut inner = self.breaker.lock();
        if inner.generation == self.generation && matches!(inner.state, State::Probing) {
            // The one caller left before the answer came. Without this nobody would ever try again.
            let now = (self.breaker.clock)();
            inner.change(State::Open { until: now });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::tests::ManualClock;

    fn answer(breaker: &Breaker) {
        breaker.admit().expect("may ask").report(&Ok(()));
    }

    fn outage(breaker: &Breaker) {
        breaker.admit().expect("may ask").report::<()>(&Err(Unavailable::Timeout));
    }

    fn open_breaker() -> (Breaker, ManualClock) {
        let clock = ManualClock::default();
        let breaker = Breaker::new("test", clock.reader());
        (0..BREAKER_THRESHOLD).for_each(|_| outage(&breaker));
        (breaker, clock)
    }

    #[test]
    fn five_outages_in_a_row_open_it() {
        let breaker = Breaker::new("test", ManualClock::default().reader());
        (0..4).for_each(|_| outage(&breaker));
        answer(&breaker);
        (0..4).for_each(|_| outage(&breaker));
        assert!(breaker.admit().is_ok(), "an answer in between starts the count again");
        outage(&breaker);
        assert_eq!(breaker.admit().err(), Some(Unavailable::BreakerOpen));
    }

    #[test]
    fn after_the_pause_one_caller_tries_and_an_answer_closes_it() {
        let (breaker, clock) = open_breaker();
        clock.advance(BREAKER_PAUSE - Duration::from_millis(1));
        assert!(breaker.admit().is_err());
        clock.advance(Duration::from_millis(1));
        let probe = breaker.admit().expect("one may try");
        assert!(breaker.admit().is_err(), "only one");
        probe.report(&Ok(()));
        answer(&breaker);
        answer(&breaker);
    }

    #[test]
    fn a_failed_try_opens_it_for_another_pause() {
        let (breaker, clock) = open_breaker();
        clock.advance(BREAKER_PAUSE);
        outage(&breaker);
        assert!(breaker.admit().is_err());
        clock.advance(BREAKER_PAUSE);
        answer(&breaker);
    }

    #[test]
    fn a_caller_who_leaves_lets_the_next_one_try() {
        let (breaker, clock) = open_breaker();
        clock.advance(BREAKER_PAUSE);
        drop(breaker.admit().expect("one may try"));
        answer(&breaker);
    }

    #[test]
    fn an_answer_from_before_a_change_changes_nothing() {
        let clock = ManualClock::default();
        let breaker = Breaker::new("test", clock.reader());
        let early = breaker.admit().expect("may ask");
        (0..BREAKER_THRESHOLD).for_each(|_| outage(&breaker));
        early.report(&Ok(()));
        assert!(breaker.admit().is_err());
    }
}
