//! Machine-made secrets: the plain one is handed out once, only its digest is kept (`docs/architecture.md`, rule 6).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::chance::Chance;

/// Base64 for URLs without padding (RFC 4648 §5).
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads base64 for URLs without padding; `None` when it is anything else.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// A secret in the clear: a code, a token, a client secret, a session's cookie. It cannot be printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// 256 random bits, as 43 characters of base64url.
    pub fn make(chance: &dyn Chance) -> Self {
        let mut bytes = [0; 32];
        chance.fill(&mut bytes);
        let secret = Self(base64url(&bytes));
        bytes.zeroize();
        secret
    }

    /// Six digits for a person to type, drawn evenly.
    pub fn six_digits(chance: &dyn Chance) -> Self {
        loop {
            let mut bytes = [0; 4];
            chance.fill(&mut bytes);
            let drawn = u32::from_le_bytes(bytes);
            // The last, incomplete million would favour small codes.
            if drawn < 4_294_000_000 {
                return Self(format!("{:06}", drawn % 1_000_000));
            }
        }
    }

    /// Takes a secret that somebody presented.
    pub fn presented(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself: to be sent to the one who may hold it, and nowhere else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn digest(&self) -> Digest {
        Digest(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The SHA-256 digest of a [`Secret`]: what SQL holds. Enough for secrets of 256 random bits.
#[expect(clippy::derived_hash_with_manual_eq, reason = "equal digests are the same bytes, compared in another way")]
#[derive(Clone, Copy, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// From bytes as stored; `None` when the length is wrong.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq for Digest {
    /// Compares in constant time.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

/// Compares two byte strings in a time that does not depend on where they differ.
pub fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::counting;

    #[test]
    fn a_secret_has_256_bits_and_is_never_printed() {
        let secret = Secret::make(&counting(1));
        assert_eq!(from_base64url(secret.reveal()).unwrap().len(), 32);
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert_eq!(format!("{:?}", secret.digest()), "Digest(…)");
        assert_eq!(secret.digest(), Secret::presented(secret.reveal()).digest());
    }

    #[test]
    fn a_code_for_people_is_six_digits() {
        let chance = counting(1);
        for _ in 0..100 {
            let code = Secret::six_digits(&chance);
            assert_eq!(code.reveal().len(), 6);
            assert!(code.reveal().bytes().all(|b| b.is_ascii_digit()));
        }
    }
}
