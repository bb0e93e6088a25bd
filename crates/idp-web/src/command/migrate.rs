//! `idp migrate`

use super::{Configured, Failure, say};

pub(super) async fn run(configured: &Configured) -> Result<(), Failure> {
    let store = configured.open_store().await?;
    store.close().await;
    say("the database is up to date");
    Ok(())
}
