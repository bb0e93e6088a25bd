//! What a node keeps in memory for a moment, so that the hot paths write nothing: on every node it goes to the database every
//! so often, and once more at the end.

use std::time::Duration;

use idp_store::StoreError;
use tokio_util::sync::CancellationToken;

use crate::state::App;

/// What clients were answered.
pub(super) async fn usage(app: App, stop: CancellationToken) {
    run(Duration::from_secs(10), "what clients were answered", stop, || app.usage.flush(&app.store)).await;
}

/// The traffic log.
pub(super) async fn traffic(app: App, stop: CancellationToken) {
    run(Duration::from_secs(1), "the traffic log", stop, || app.traffic.flush(&app.store)).await;
}

async fn run<F>(every: Duration, what: &'static str, stop: CancellationToken, flush: impl Fn() -> F)
where
    F: Future<Output = Result<(), StoreError>>,
{
    let mut turn = tokio::time::interval(every);
    turn.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let over = tokio::select! {
            () = stop.cancelled() => true,
            _ = turn.tick() => false,
        };
        if let Err(error) = flush().await {
            tracing::warn!("{what} could not be written: {error}");
        }
        if over {
            return;
        }
    }
}
