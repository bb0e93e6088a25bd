//! In which form a client's authorization requests must come.

use serde::{Deserialize, Serialize};

use crate::jose::Algorithm;

/// What is demanded of the client's authorization requests; by default nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestPolicy {
    /// `require_pushed_authorization_requests` (RFC 9126 §6): only pushed requests are taken.
    #[serde(default)]
    pub pushed: bool,
    /// `require_signed_request_object` (RFC 9101 §10.5): only signed request objects are taken, and these say how long
    /// they count.
    #[serde(default)]
    pub signed: bool,
    /// `request_object_signing_alg`: the one algorithm of its request objects; any that its keys allow when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<Algorithm>,
}
