//! The desk at the command line: the same rules as in the console.

use std::collections::BTreeSet;

use idp_core::jose::{Algorithm, KeyState};
use idp_store::{Store, StoreError};

/// The algorithms that tokens can be signed with here: those always there, and those with a key.
pub(super) async fn signing(store: &Store) -> Result<BTreeSet<Algorithm>, StoreError> {
    let keys = store.signing_keys().await?;
    let active = keys.iter().filter(|key| key.state == KeyState::Active).map(|key| key.algorithm);
    Ok(active.chain(Algorithm::ALWAYS).collect())
}
