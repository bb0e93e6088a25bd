//! What is delivered to services: looked for every second, several batches under way at once, tried again at growing pauses.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use idp_store::StoreError;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Leader;
use crate::state::App;

/// Longer than the longest request to a service may take.
pub(super) const LEASE: TimeDelta = TimeDelta::minutes(1);
/// So many at a time, and so many of one service.
pub(super) const BATCH: u32 = 64;
pub(super) const EACH: u32 = 8;
/// So many batches under way at once: one that waits for a slow service keeps no other from being told.
const ROUNDS: usize = 4;
/// A service hears within about this time.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Calls `deliver` every second, until `stop`.
pub(super) async fn every_second<F>(
    app: App,
    stop: CancellationToken,
    what: &'static str,
    deliver: impl Fn(App, Uuid) -> F,
) where
    F: Future<Output = Result<usize, StoreError>> + Send + 'static,
{
    let holder = Leader::new(&app).holder();
    let rounds = Arc::new(Semaphore::new(ROUNDS));
    let mut under_way = JoinSet::new();
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = look.tick() => {}
        }
        while under_way.try_join_next().is_some() {}
        if let Ok(permit) = Arc::clone(&rounds).try_acquire_owned() {
            let round = deliver(app.clone(), holder);
            under_way.spawn(async move {
                if let Err(error) = round.await {
                    tracing::error!("{what} cannot reach their store: {error}");
                }
                drop(permit);
            });
        }
    }
    // What is under way is finished: it takes seconds, and nothing is told twice.
    while under_way.join_next().await.is_some() {}
}

/// Does all of them at once; the last thing that went wrong, if anything.
pub(super) async fn all_at_once<F>(deliveries: impl IntoIterator<Item = F>) -> Result<(), StoreError>
where
    F: Future<Output = Result<(), StoreError>> + Send + 'static,
{
    let mut under_way: JoinSet<_> = deliveries.into_iter().collect();
    let mut done = Ok(());
    while let Some(delivered) = under_way.join_next().await {
        if let Ok(Err(error)) = delivered {
            done = Err(error);
        }
    }
    done
}

/// The pause after so many attempts: 10 s, 20 s, 40 s … up to an hour.
pub(super) fn pause(attempts: u32) -> TimeDelta {
    TimeDelta::seconds(5 << attempts.min(10)).min(TimeDelta::hours(1))
}
