//! The algorithms we sign with.

use serde::{Deserialize, Serialize};

/// A JWS algorithm (RFC 7518 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Algorithm {
    /// ECDSA on P-256: the default for new clients.
    ES256,
    /// RSA PKCS#1 v1.5, 2048 bits: OpenID Connect demands that it is there.
    RS256,
}

impl Algorithm {
    /// Every algorithm we sign with, as discovery lists them.
    pub const ALL: [Self; 2] = [Self::ES256, Self::RS256];

    /// The `alg` value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ES256 => "ES256",
            Self::RS256 => "RS256",
        }
    }

    /// Reads [`Algorithm::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == text)
    }
}
