//! The round: once a minute the leader ends what is over, tells whom it concerns, seals the audit log and clears away.

use std::time::Duration;

use chrono::TimeDelta;
use idp_store::StoreError;
use tokio_util::sync::CancellationToken;

use super::{Leader, end_memberships, erase_accounts, warn_of_endings};
use crate::keys;
use crate::state::App;

const ROUND: Duration = Duration::from_secs(60);
const SEAL_EVERY: Duration = Duration::from_secs(5);
const LEASE: TimeDelta = TimeDelta::seconds(90);
/// Rows younger than this may still be joined by slower transactions.
const SEAL_LAG: TimeDelta = TimeDelta::seconds(10);

pub(super) async fn run(app: App, stop: CancellationToken) {
    let leader = Leader::new(&app);
    let mut round = tokio::time::interval(ROUND);
    let mut sealing = tokio::time::interval(SEAL_EVERY);
    round.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    sealing.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let done = tokio::select! {
            () = stop.cancelled() => return,
            _ = round.tick() => minute(&app, leader).await,
            _ = sealing.tick() => seal(&app, leader).await,
        };
        if let Err(error) = done {
            tracing::error!("upkeep cannot reach the store: {error}");
        }
    }
}

async fn minute(app: &App, leader: Leader) -> Result<(), StoreError> {
    if let Err(error) = keys::reload(app).await {
        tracing::error!("the signing keys cannot be read again: {error}");
    }
    if leader.leads(app, "upkeep", LEASE).await? {
        tend(app).await?;
    }
    Ok(())
}

/// One round, whoever leads.
///
/// # Errors
/// When the store is down.
pub async fn tend(app: &App) -> Result<(), StoreError> {
    let now = app.now();
    app.store.expire_sessions(now, app.session_limits(), 1000).await?;
    end_memberships(app).await?;
    warn_of_endings(app).await?;
    erase_accounts(app).await?;
    app.store.purge(now).await?;
    Ok(())
}

async fn seal(app: &App, leader: Leader) -> Result<(), StoreError> {
    if leader.leads(app, "audit", TimeDelta::seconds(30)).await? {
        app.store.seal_audit(app.now(), SEAL_LAG).await?;
    }
    Ok(())
}
