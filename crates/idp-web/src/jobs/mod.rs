//! What happens without a visitor. On every node; of several nodes one leads, and only it does what must be done once.

mod leader;
mod logout;
mod memberships;
mod outbox;
mod upkeep;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::state::App;

pub use leader::Leader;
pub use logout::deliver_notices;
pub use memberships::{end_memberships, erase_accounts, erased_after, warn_of_endings};
pub use outbox::{Mailman, deliver_due};
pub use upkeep::tend;

/// Starts all jobs; they end when `stop` is cancelled.
pub fn start(app: &App, mailman: Mailman, tasks: &TaskTracker, stop: &CancellationToken) {
    tasks.spawn(outbox::run(app.clone(), mailman, stop.clone()));
    tasks.spawn(logout::run(app.clone(), stop.clone()));
    tasks.spawn(upkeep::run(app.clone(), stop.clone()));
    tasks.spawn(hear_other_nodes(app.clone(), stop.clone()));
}

/// Drops cached rows that other nodes have changed.
async fn hear_other_nodes(app: App, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = app.store.follow(&app.short_lived) => {}
    }
}
