//! The short-lived store: the same on memory and Redis; in memory with a bound that refuses and never forgets.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use idp_store::{ShortLived, Space, StoreError};

use super::bench::morning;
use super::{Bench, at_once, both};

both! {
    a_new_value_is_put_by_one,
    a_value_is_taken_by_one,
    counts_count_every_time,
    spaces_are_apart,
    values_are_put_read_and_removed,
}

const LONG: Duration = Duration::from_secs(600);

async fn values_are_put_read_and_removed(bench: Bench) {
    let store = &bench.short_lived;
    store.ping().await.unwrap();
    assert_eq!(store.get(Space::Request, "k").await.unwrap(), None);
    store.put(Space::Request, "k", b"\x00\xffone", LONG).await.unwrap();
    store.put(Space::Request, "k", b"two", LONG).await.unwrap();
    assert_eq!(store.get(Space::Request, "k").await.unwrap().unwrap(), b"two");
    store.remove(Space::Request, "k").await.unwrap();
    store.remove(Space::Request, "k").await.unwrap();
    assert_eq!(store.get(Space::Request, "k").await.unwrap(), None);
}

async fn spaces_are_apart(bench: Bench) {
    let store = &bench.short_lived;
    store.put(Space::Request, "k", b"request", LONG).await.unwrap();
    store.put(Space::Pushed, "k", b"pushed", LONG).await.unwrap();
    assert_eq!(store.take(Space::Request, "k").await.unwrap().unwrap(), b"request");
    assert_eq!(store.get(Space::Pushed, "k").await.unwrap().unwrap(), b"pushed");
}

async fn a_value_is_taken_by_one(bench: Bench) {
    bench.short_lived.put(Space::Challenge, "k", b"once", LONG).await.unwrap();
    let taken = at_once(50, |_| {
        let store = bench.short_lived.clone();
        async move { store.take(Space::Challenge, "k").await.unwrap() }
    })
    .await;
    assert_eq!(taken.into_iter().flatten().collect::<Vec<_>>(), [b"once"]);
}

async fn a_new_value_is_put_by_one(bench: Bench) {
    let won = at_once(50, |n| {
        let store = bench.short_lived.clone();
        async move { store.put_new(Space::Dpop, "jti", &[u8::try_from(n).unwrap()], LONG).await.unwrap() }
    })
    .await;
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
    let winner = won.iter().position(|won| *won).unwrap();
    assert_eq!(bench.short_lived.get(Space::Dpop, "jti").await.unwrap().unwrap(), [u8::try_from(winner).unwrap()]);
}

async fn counts_count_every_time(bench: Bench) {
    let mut counts = at_once(50, |_| {
        let store = bench.short_lived.clone();
        async move { store.count(Space::Rate, "ip", LONG).await.unwrap() }
    })
    .await;
    counts.sort_unstable();
    assert_eq!(counts, (1..=50).collect::<Vec<_>>());
    assert_eq!(bench.short_lived.count(Space::Rate, "other", LONG).await.unwrap(), 1);
}

/// A store in memory, and the seconds its clock has gone.
fn in_memory(entries: usize, bytes: usize) -> (ShortLived, Arc<AtomicI64>) {
    let gone = Arc::new(AtomicI64::new(0));
    let clock = Arc::clone(&gone);
    let now = move || morning() + TimeDelta::seconds(clock.load(Ordering::SeqCst));
    (ShortLived::memory(entries, bytes, Arc::new(now)), gone)
}

#[tokio::test]
async fn memory_forgets_what_is_over() {
    let (store, gone) = in_memory(100, 100_000);
    store.put(Space::Request, "short", b"x", Duration::from_secs(10)).await.unwrap();
    store.put(Space::Request, "long", b"x", Duration::from_secs(20)).await.unwrap();
    store.count(Space::Rate, "ip", Duration::from_secs(10)).await.unwrap();
    gone.store(9, Ordering::SeqCst);
    assert!(store.get(Space::Request, "short").await.unwrap().is_some());
    // Counting on does not prolong the window.
    assert_eq!(store.count(Space::Rate, "ip", Duration::from_secs(10)).await.unwrap(), 2);
    gone.store(10, Ordering::SeqCst);
    assert!(store.get(Space::Request, "short").await.unwrap().is_none());
    assert!(store.take(Space::Request, "long").await.unwrap().is_some());
    assert_eq!(store.count(Space::Rate, "ip", Duration::from_secs(10)).await.unwrap(), 1);
    assert!(store.put_new(Space::Request, "short", b"y", Duration::from_secs(10)).await.unwrap());
}

#[tokio::test]
async fn memory_refuses_when_full_and_drops_nothing_alive() {
    let (store, gone) = in_memory(3, 100_000);
    for key in ["a", "b", "c"] {
        store.put(Space::Request, key, b"x", LONG).await.unwrap();
    }
    assert!(matches!(store.put(Space::Request, "d", b"x", LONG).await, Err(StoreError::Full)));
    assert!(matches!(store.put_new(Space::Request, "d", b"x", LONG).await, Err(StoreError::Full)));
    assert!(matches!(store.count(Space::Rate, "d", LONG).await, Err(StoreError::Full)));
    for key in ["a", "b", "c"] {
        assert!(store.get(Space::Request, key).await.unwrap().is_some());
    }
    // In the place of an earlier one there is room, and after the end of the others.
    store.put(Space::Request, "a", b"y", Duration::from_secs(1200)).await.unwrap();
    gone.store(600, Ordering::SeqCst);
    store.put(Space::Request, "d", b"x", LONG).await.unwrap();
    assert_eq!(store.get(Space::Request, "a").await.unwrap().unwrap(), b"y");
}

#[tokio::test]
async fn memory_counts_bytes() {
    let (store, _) = in_memory(1_000_000, 10_000);
    assert!(matches!(store.put(Space::Request, "big", &[0; 20_000], LONG).await, Err(StoreError::Full)));
    let mut held = 0;
    while store.put(Space::Request, &format!("k{held}"), &[0; 100], LONG).await.is_ok() {
        held += 1;
    }
    assert!((20..60).contains(&held), "{held}");
    // What is taken makes room, all of it.
    for key in 0..held {
        store.take(Space::Request, &format!("k{key}")).await.unwrap().unwrap();
    }
    for key in 0..held {
        store.put(Space::Request, &format!("k{key}"), &[0; 100], LONG).await.unwrap();
    }
}

#[tokio::test]
async fn redis_sets_an_end_to_everything() {
    let bench = Bench::postgres().await;
    let store = &bench.short_lived;
    let moment = Duration::from_millis(1);
    store.put(Space::Request, "put", b"x", moment).await.unwrap();
    store.put_new(Space::Request, "new", b"x", moment).await.unwrap();
    store.count(Space::Rate, "count", moment).await.unwrap();
    // Nothing of it may outlive its moment by long.
    let gone = async {
        while store.get(Space::Request, "put").await.unwrap().is_some()
            || store.get(Space::Request, "new").await.unwrap().is_some()
            || store.get(Space::Rate, "count").await.unwrap().is_some()
        {}
    };
    tokio::time::timeout(Duration::from_secs(20), gone).await.unwrap();
}

#[tokio::test]
async fn an_address_of_redis_that_is_wrong_is_said_in_a_line() {
    for url in ["redis://127.0.0.1:1/0", "http://127.0.0.1/", "nonsense"] {
        let error = ShortLived::redis(url).await.unwrap_err();
        assert_eq!(error.to_string().lines().count(), 1, "{error}");
    }
}
