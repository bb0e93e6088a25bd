//! What happens without a visitor. On every node; of several nodes one leads, and only it does what must be done once.

mod deliver;
mod events;
mod figures;
mod flush;
mod leader;
mod logout;
mod memberships;
mod outbox;
mod unused;
mod upkeep;

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::state::App;

pub use events::deliver_events;
pub use leader::Leader;
pub use logout::deliver_notices;
pub use memberships::{end_memberships, erase_accounts, erased_after, warn_of_endings};
pub use outbox::{Mailman, deliver_due};
pub use unused::report_unused;
pub use upkeep::tend;

/// How long a job rests that panicked: a mistake that comes at every turn must not fill the log.
const REST: Duration = Duration::from_secs(1);

/// Starts all jobs; they end when `stop` is cancelled.
pub fn start(app: &App, mailman: Mailman, tasks: &TaskTracker, stop: &CancellationToken) {
    let parts = || (app.clone(), stop.clone());
    let (node, ending) = parts();
    keep_running("outbox", tasks, move || outbox::run(node.clone(), mailman.clone(), ending.clone()));
    let (node, ending) = parts();
    keep_running("logout notices", tasks, move || logout::run(node.clone(), ending.clone()));
    let (node, ending) = parts();
    keep_running("upkeep", tasks, move || upkeep::run(node.clone(), ending.clone()));
    let (node, ending) = parts();
    keep_running("usage", tasks, move || flush::usage(node.clone(), ending.clone()));
    let (node, ending) = parts();
    keep_running("figures", tasks, move || figures::run(node.clone(), ending.clone()));
    let (node, ending) = parts();
    keep_running("traffic log", tasks, move || flush::traffic(node.clone(), ending.clone()));
    let (node, ending) = parts();
    keep_running("events", tasks, move || events::run(node.clone(), ending.clone()));
    let (node, ending) = parts();
    keep_running("listening", tasks, move || hear_other_nodes(node.clone(), ending.clone()));
}

/// Runs a job until it ends by itself. A panic is a mistake of ours, but mails and endings must not wait until somebody
/// notices that they stopped: it is logged, and the job begins again.
fn keep_running<J>(name: &'static str, tasks: &TaskTracker, job: impl Fn() -> J + Send + 'static)
where
    J: Future<Output = ()> + Send + 'static,
{
    tasks.spawn(async move {
        // What it panicked with may hold a row's values, and stays out of the log.
        while tokio::spawn(job()).await.is_err() {
            tracing::error!(job = name, "a job panicked and is started again");
            tokio::time::sleep(REST).await;
        }
    });
}

/// Drops cached rows that other nodes have changed.
async fn hear_other_nodes(app: App, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = app.store.follow(&app.short_lived) => {}
    }
}
