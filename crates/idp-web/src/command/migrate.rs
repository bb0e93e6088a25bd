//! `idp migrate`

use serde_json::json;

use super::{Configured, Failure, print, say};

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    configured: Configured,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(arguments: &Arguments) -> Result<(), Failure> {
    let store = arguments.configured.open_store().await?;
    store.close().await;
    match arguments.json {
        true => print(&json!({ "up_to_date": true })),
        false => say("the database is up to date"),
    }
    Ok(())
}
