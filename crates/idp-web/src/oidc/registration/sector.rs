//! What a `sector_identifier_uri` lists (OpenID Connect Dynamic Client Registration §5): fetched once, when a client is
//! registered or changed.

use idp_core::client::OutgoingUri;

use crate::egress::Egress;

/// A list of a few hundred redirect URIs fits.
const LONGEST: usize = 64 * 1024;

/// The redirect URIs listed at `uri`; `None` when none could be read.
pub(crate) async fn listed(egress: &Egress, uri: &str) -> Option<Vec<String>> {
    let uri = OutgoingUri::parse(uri).ok()?;
    match egress.get(&uri, "application/json", LONGEST).await {
        Ok(document) => serde_json::from_slice(&document).ok(),
        Err(error) => {
            tracing::warn!("a sector_identifier_uri could not be read: {error}");
            None
        }
    }
}
