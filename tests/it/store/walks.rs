//! S070: random walks over registration, verification, recovery, change of address, disputes, second factors and their loss,
//! by the decisions of the core and the writes of the store, in any order: steps skipped, repeated, swapped, with codes and
//! links of others, in several browsers, too late.
//! A model of its own, which knows only what was proven, says what each step must come to.
//!
//! `IDP_WALKS` says how many; a walk that fails names its seed, and `IDP_WALK_SEED` with `IDP_WALKS=1` walks it again.

mod account;
mod factors;
mod registration;
mod verification;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::TimeDelta;

use super::Bench;

/// Walks of each kind where nothing else is said: a minute of two cores. The gate makes 100 000 of all kinds together.
const WALKS: u64 = 5_000;
/// So many at a time, so that they share what a commit costs.
const TOGETHER: usize = 64;

/// A generator of its own (SplitMix64): a seed always walks the same way.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap_or(0) % sides
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        if from.is_empty() { None } else { from.get(self.roll(from.len())) }
    }

    fn six_digits(&mut self) -> String {
        format!("{:06}", self.roll(1_000_000))
    }

    fn wait(&mut self, minutes: &[i64]) -> TimeDelta {
        TimeDelta::minutes(*self.pick(minutes).unwrap_or(&1))
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}

/// Walks them all. `walk` tells whether it reached its end, so that the whole proves something.
async fn walk_all<F>(what: &'static str, walk: impl Fn(Arc<Bench>, u64) -> F + Clone + Send + Sync + 'static)
where
    F: Future<Output = bool> + Send + 'static,
{
    let bench = Arc::new(Bench::sqlite_in_memory().await);
    let (walks, first) = (number("IDP_WALKS").unwrap_or(WALKS), number("IDP_WALK_SEED").unwrap_or(0));
    let next = Arc::new(AtomicU64::new(0));
    let arrived = Arc::new(AtomicU64::new(0));
    let workers = (0..TOGETHER).map(|_| {
        let (bench, next, arrived, walk) = (Arc::clone(&bench), Arc::clone(&next), Arc::clone(&arrived), walk.clone());
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= walks {
                    return;
                }
                let seed = first + number;
                match tokio::spawn(walk(Arc::clone(&bench), seed)).await {
                    Ok(end) => arrived.fetch_add(u64::from(end), Ordering::Relaxed),
                    Err(_) => panic!("the {what} walk of seed {seed} failed; again: IDP_WALK_SEED={seed} IDP_WALKS=1"),
                };
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
    let arrived = arrived.load(Ordering::Relaxed);
    eprintln!("{walks} {what} walks from seed {first}, {arrived} of them to an end");
    assert!(walks < 100 || arrived > walks / 50, "only {arrived} of {walks} walks come to an end");
}
