//! Throttles: parallel attempts cannot slip through together.

use chrono::TimeDelta;
use idp_core::throttle::Policy;
use idp_store::Attempt;

use super::{Bench, at_once, both};

both! {
    all_is_forgotten_in_the_end,
    attempts_are_counted_in_advance,
    an_attempt_that_was_not_looked_at_is_taken_back,
    waits_grow_with_each_failure,
}

const POLICY: Policy = Policy {
    free: 5,
    first_wait: TimeDelta::seconds(30),
    longest_wait: TimeDelta::minutes(15),
    forget_after: TimeDelta::hours(24),
};

async fn attempts_are_counted_in_advance(bench: Bench) {
    let attempts = at_once(40, |_| {
        let (store, now) = (bench.store.clone(), bench.now);
        async move { store.begin_attempt("account:1", &POLICY, now).await.unwrap() }
    })
    .await;
    let mut gone: Vec<u32> = attempts
        .iter()
        .filter_map(|attempt| match attempt {
            Attempt::Go { failures } => Some(*failures),
            Attempt::Wait { .. } => None,
        })
        .collect();
    gone.sort_unstable();
    assert_eq!(gone, [0, 1, 2, 3, 4]);
    let until = bench.now + TimeDelta::seconds(30);
    assert_eq!(attempts.iter().filter(|attempt| **attempt == Attempt::Wait { until }).count(), 35);
    // Another key has attempts of its own, and success forgets.
    assert_eq!(bench.store.begin_attempt("account:2", &POLICY, bench.now).await.unwrap(), Attempt::Go { failures: 0 });
    bench.store.forget_failures("account:1").await.unwrap();
    assert_eq!(bench.store.begin_attempt("account:1", &POLICY, bench.now).await.unwrap(), Attempt::Go { failures: 0 });
}

async fn waits_grow_with_each_failure(bench: Bench) {
    let mut now = bench.now;
    for failures in 0..5 {
        assert_eq!(bench.store.begin_attempt("k", &POLICY, now).await.unwrap(), Attempt::Go { failures });
    }
    for (failures, wait) in [(5, 30), (6, 60), (7, 120), (8, 240), (9, 480), (10, 900), (11, 900)] {
        let until = now + TimeDelta::seconds(wait);
        let early = until - TimeDelta::milliseconds(1);
        assert_eq!(bench.store.begin_attempt("k", &POLICY, early).await.unwrap(), Attempt::Wait { until });
        now = until;
        assert_eq!(bench.store.begin_attempt("k", &POLICY, now).await.unwrap(), Attempt::Go { failures });
    }
}

async fn all_is_forgotten_in_the_end(bench: Bench) {
    for _ in 0..5 {
        bench.store.begin_attempt("k", &POLICY, bench.now).await.unwrap();
    }
    let later = bench.now + TimeDelta::hours(24);
    assert_eq!(bench.store.begin_attempt("k", &POLICY, later).await.unwrap(), Attempt::Go { failures: 0 });
}

async fn an_attempt_that_was_not_looked_at_is_taken_back(bench: Bench) {
    let begin = async || bench.store.begin_attempt("k", &POLICY, bench.now).await.unwrap();
    for _ in 0..20 {
        assert_eq!(begin().await, Attempt::Go { failures: 0 });
        bench.store.take_attempt_back("k").await.unwrap();
    }
    begin().await;
    assert_eq!(begin().await, Attempt::Go { failures: 1 });
    // There is nothing to be gained by taking back more than was begun.
    for _ in 0..5 {
        bench.store.take_attempt_back("k").await.unwrap();
        bench.store.take_attempt_back("unknown").await.unwrap();
    }
    assert_eq!(begin().await, Attempt::Go { failures: 0 });
}
