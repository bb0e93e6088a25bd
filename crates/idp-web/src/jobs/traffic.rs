//! Every second and once more at the end, on every node: the traffic log goes to the database.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::state::App;

const EVERY: Duration = Duration::from_secs(1);

pub(super) async fn run(app: App, stop: CancellationToken) {
    let mut turn = tokio::time::interval(EVERY);
    turn.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let over = tokio::select! {
            () = stop.cancelled() => true,
            _ = turn.tick() => false,
        };
        if let Err(error) = app.traffic.flush(&app.store).await {
            tracing::warn!("the traffic log could not be written: {error}");
        }
        if over {
            return;
        }
    }
}
