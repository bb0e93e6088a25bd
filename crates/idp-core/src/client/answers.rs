//! What tokens and answers look like, where a client has them otherwise than most.

use serde::{Deserialize, Serialize};

use crate::jose::{Algorithm, Encryption};

/// The client's settings for what it receives, beside `id_token_signed_response_alg`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// `authorization_signed_response_alg` (JARM §3): how answers of the response modes `jwt` are signed.
    #[serde(default = "unsaid", skip_serializing_if = "is_unsaid")]
    pub response_algorithm: Algorithm,
    /// `introspection_signed_response_alg` (RFC 9701 §6): how answers of introspection are signed, where the client asks
    /// for signed ones.
    #[serde(default = "unsaid", skip_serializing_if = "is_unsaid")]
    pub introspection_algorithm: Algorithm,
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

impl Default for Answers {
    fn default() -> Self {
        Self {
            response_algorithm: unsaid(),
            introspection_algorithm: unsaid(),
            userinfo_algorithm: None,
            id_token_encryption: None,
            userinfo_encryption: None,
            response_encryption: None,
        }
    }
}

/// JARM §3, RFC 9701 §6: RS256 where nothing is said, whatever signs the client's ID tokens.
fn unsaid() -> Algorithm {
    Algorithm::RS256
}

fn is_unsaid(algorithm: &Algorithm) -> bool {
    *algorithm == unsaid()
}

impl Answers {
    /// Every way in which something is to be signed.
    pub fn algorithms(&self) -> impl Iterator<Item = Algorithm> + use<> {
        [Some(self.response_algorithm), Some(self.introspection_algorithm), self.userinfo_algorithm]
            .into_iter()
            .flatten()
    }

    /// Every way in which something is to be encrypted.
    pub fn encryptions(&self) -> impl Iterator<Item = Encryption> {
        [self.id_token_encryption, self.userinfo_encryption, self.response_encryption].into_iter().flatten()
    }
}
