//! What tokens and answers look like, where a client has them otherwise than most.

use serde::{Deserialize, Serialize};

use crate::jose::Algorithm;

/// The client's settings for what it receives, beside `id_token_signed_response_alg`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// `authorization_signed_response_alg` (JARM §3): how answers of the response modes `jwt` are signed; as ID tokens are
    /// when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_algorithm: Option<Algorithm>,
    /// `userinfo_signed_response_alg`: userinfo as a signed token instead of JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_algorithm: Option<Algorithm>,
}
