//! What tokens and answers look like, where a client has them otherwise than most.

use serde::{Deserialize, Serialize};

use crate::jose::{Algorithm, Encryption};

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
    /// `id_token_encrypted_response_alg` and `…_enc`: ID tokens signed, then encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_encryption: Option<Encryption>,
    /// `userinfo_encrypted_response_alg` and `…_enc`: userinfo encrypted, after it was signed where that is set too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_encryption: Option<Encryption>,
    /// `authorization_encrypted_response_alg` and `…_enc` (JARM §3): signed answers, encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_encryption: Option<Encryption>,
}

impl Answers {
    /// Every way in which something is to be encrypted.
    pub fn encryptions(&self) -> impl Iterator<Item = Encryption> {
        [self.id_token_encryption, self.userinfo_encryption, self.response_encryption].into_iter().flatten()
    }
}
