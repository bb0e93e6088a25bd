//! Every few seconds and once more at the end, on every node: what it has counted goes to the database. Once a minute the
//! leader takes stock of what there is.

use std::time::Duration;

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use super::Leader;
use crate::state::App;

const EVERY: Duration = Duration::from_secs(10);
const STOCK_EVERY: Duration = Duration::from_secs(60);
const LEASE: TimeDelta = TimeDelta::seconds(90);

pub(super) async fn run(app: App, stop: CancellationToken) {
    let leader = Leader::new(&app);
    let mut turn = tokio::time::interval(EVERY);
    let mut stock = tokio::time::interval(STOCK_EVERY);
    turn.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    stock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let over = tokio::select! {
            () = stop.cancelled() => true,
            _ = turn.tick() => false,
            _ = stock.tick() => {
                let done = match leader.leads(&app, "figures", LEASE).await {
                    Ok(true) => app.store.take_stock(app.now()).await,
                    Ok(false) => Ok(()),
                    Err(error) => Err(error),
                };
                if let Err(error) = done {
                    tracing::warn!("numbers for the dashboard could not be taken: {error}");
                }
                false
            }
        };
        if let Err(error) = app.meter.flush(&app.store, &*app.chance, app.now()).await {
            tracing::warn!("numbers for the dashboard could not be written: {error}");
        }
        if over {
            return;
        }
    }
}
