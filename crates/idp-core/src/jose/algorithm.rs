//! The algorithms we sign with, and accept from clients.

use serde::{Deserialize, Serialize};

/// A JWS algorithm (RFC 7518 §3.1, RFC 8037 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Algorithm {
    /// ECDSA on P-256: the default for new clients.
    ES256,
    /// RSA PKCS#1 v1.5, 2048 bits: OpenID Connect demands that it is there.
    RS256,
    /// RSA-PSS with SHA-256, 2048 bits: what FAPI 2.0 takes from RSA keys.
    PS256,
    /// EdDSA on Ed25519; never on Ed448.
    EdDSA,
}

impl Algorithm {
    /// Every algorithm we know. We sign with those that a key was made for.
    pub const ALL: [Self; 4] = [Self::ES256, Self::RS256, Self::PS256, Self::EdDSA];

    /// The names by which clients may call the algorithms they sign with: those of [`Algorithm::ALL`], and the newer name of
    /// EdDSA on Ed25519 (RFC 9864 §2.2), which current libraries write. What we sign ourselves has the older name.
    pub const CLIENT_NAMES: [&'static str; 5] = ["ES256", "RS256", "PS256", "EdDSA", "Ed25519"];

    /// The algorithms that a key is made for when the program first starts.
    pub const ALWAYS: [Self; 2] = [Self::ES256, Self::RS256];

    /// The `alg` value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ES256 => "ES256",
            Self::RS256 => "RS256",
            Self::PS256 => "PS256",
            Self::EdDSA => "EdDSA",
        }
    }

    /// Reads [`Algorithm::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == text)
    }

    /// Reads one of [`Algorithm::CLIENT_NAMES`].
    pub fn from_client(text: &str) -> Option<Self> {
        if text == "Ed25519" { Some(Self::EdDSA) } else { Self::parse(text) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_may_use_both_names_of_eddsa() {
        for name in Algorithm::CLIENT_NAMES {
            assert!(Algorithm::from_client(name).is_some(), "{name}");
        }
        assert!(Algorithm::ALL.iter().all(|known| Algorithm::CLIENT_NAMES.contains(&known.as_str())));
        assert_eq!(Algorithm::from_client("Ed25519"), Some(Algorithm::EdDSA));
        assert_eq!(Algorithm::parse("Ed25519"), None, "nothing of ours has this name");
        assert_eq!(Algorithm::from_client("Ed448"), None);
    }
}
