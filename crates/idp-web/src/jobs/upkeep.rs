//! The round: once a minute the leader ends what is over, tells whom it concerns, seals the audit log and clears away.

use std::time::Duration;

use chrono::TimeDelta;
use idp_store::StoreError;
use tokio_util::sync::CancellationToken;

use super::{Leader, end_memberships, erase_accounts, report_unused, warn_of_endings};
use crate::state::App;
use crate::{key_rotation, keys};

const ROUND: Duration = Duration::from_secs(60);
/// Reminders are for days: looking once an hour is enough, and looking is not cheap with many members.
const REMIND_EVERY: Duration = Duration::from_secs(3600);
/// A new key is published long before it signs; what hurries is one that is withdrawn.
const READ_KEYS_EVERY: Duration = Duration::from_secs(10);
const SEAL_EVERY: Duration = Duration::from_secs(5);
const LEASE: TimeDelta = TimeDelta::seconds(90);
/// A registry that has not answered by now never will: the visitor went away, or the program ended.
const UNANSWERED_AFTER: TimeDelta = TimeDelta::minutes(10);
/// Members whose names and addresses are folded anew in one round at most.
const FOLDED_IN_A_ROUND: u64 = 5_000;
/// Rows younger than this may still be joined by slower transactions.
const SEAL_LAG: TimeDelta = TimeDelta::seconds(10);

pub(super) async fn run(app: App, stop: CancellationToken) {
    let leader = Leader::new(&app);
    let mut round = tokio::time::interval(ROUND);
    let mut reminding = tokio::time::interval(REMIND_EVERY);
    let mut sealing = tokio::time::interval(SEAL_EVERY);
    let mut reading = tokio::time::interval(READ_KEYS_EVERY);
    round.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    reminding.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    sealing.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    reading.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let done = tokio::select! {
            () = stop.cancelled() => return,
            _ = round.tick() => minute(&app, leader).await,
            _ = reminding.tick() => remind(&app, leader).await,
            _ = sealing.tick() => seal(&app, leader).await,
            _ = reading.tick() => {
                read_keys(&app).await;
                Ok(())
            }
        };
        if let Err(error) = done {
            tracing::error!("upkeep cannot reach the store: {error}");
        }
    }
}

async fn minute(app: &App, leader: Leader) -> Result<(), StoreError> {
    if leader.leads(app, "upkeep", LEASE).await? {
        if let Err(error) = key_rotation::tend(app).await {
            tracing::error!("the signing keys could not be rotated: {error}");
        }
        tend(app).await?;
    }
    Ok(())
}

/// On every node, leader or not: what another node or a command did with the keys.
async fn read_keys(app: &App) {
    if let Err(error) = keys::reload(app).await {
        tracing::error!("the signing keys cannot be read again: {error}");
    }
}

async fn remind(app: &App, leader: Leader) -> Result<(), StoreError> {
    if leader.leads(app, "reminders", LEASE).await? {
        warn_of_endings(app).await?;
        report_unused(app).await?;
    }
    Ok(())
}

/// One round, whoever leads. What fails does not keep the rest from being done: a row that nobody can read must not stop
/// endings and erasures for everybody.
///
/// # Errors
/// The first one, when everything was tried.
pub async fn tend(app: &App) -> Result<(), StoreError> {
    let now = app.now();
    let done = [
        expire_sessions(app).await,
        app.store.close_unanswered_cases(now - UNANSWERED_AFTER, now).await,
        end_memberships(app).await,
        erase_accounts(app).await,
        app.store.purge(now).await,
        app.store.fold_members(FOLDED_IN_A_ROUND).await,
    ];
    done.into_iter().collect::<Result<Vec<_>, _>>().map(|_| ())
}

/// All of them, in small steps: what services hold of a session that is over dies with it.
async fn expire_sessions(app: &App) -> Result<usize, StoreError> {
    const BATCH: usize = 500;
    let mut expired = 0;
    loop {
        let batch = app.store.expire_sessions(app.now(), app.session_limits(), BATCH as u64).await?;
        expired += batch;
        if batch < BATCH {
            return Ok(expired);
        }
    }
}

async fn seal(app: &App, leader: Leader) -> Result<(), StoreError> {
    if leader.leads(app, "audit", TimeDelta::seconds(30)).await? {
        app.store.seal_audit(app.now(), SEAL_LAG).await?;
    }
    Ok(())
}
