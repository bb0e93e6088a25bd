//! The dialect of the system before this one, for services that an administrator has flagged, until a day of its own
//! (`core/client/legacy.rs`). It is a thin skin: [`authorize`] is the ordinary request with a PKCE challenge that the
//! service knows nothing of, [`access_token`] the ordinary exchange with its verifier, [`resource`] the ordinary userinfo
//! under the old names. So a code of one kind is worth nothing at the other kind's endpoint.

pub mod access_token;
pub mod authorize;
pub mod resource;

use idp_core::authorize::{ErrorCode, ProtocolError};
use idp_core::client::{Client, LegacyUse};
use idp_core::seal::mac;
use idp_core::secret::base64url;

use crate::state::App;

/// The verifier that stands in for the one the service does not send: the same on every node, known to us alone.
fn verifier(app: &App, client: &Client) -> String {
    base64url(&mac(&app.vault.derived_key("legacy"), &[client.id.as_str().as_bytes()]))
}

/// Refuses whoever may not speak the dialect (any more).
fn allowed(client: &Client, now: chrono::DateTime<chrono::Utc>) -> Result<(), ProtocolError> {
    let refuse = |why| Err(ProtocolError::new(ErrorCode::UnauthorizedClient, why));
    match client.legacy_use(now) {
        LegacyUse::Allowed => Ok(()),
        LegacyUse::NotFlagged => refuse("this client may not use the legacy endpoints; use OpenID Connect discovery"),
        LegacyUse::Over => refuse("the time for the legacy endpoints is over for this client; use OpenID Connect"),
    }
}
