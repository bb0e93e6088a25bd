//! Proof key for code exchange (RFC 7636), S256 only.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::secret::{base64url, same_bytes};

/// What is wrong with a challenge or a verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PkceError {
    /// Only S256 is offered; `plain` protects nothing.
    #[error("code_challenge_method must be S256")]
    Method,
    /// Not the 43 characters of a SHA-256 digest in base64url.
    #[error("code_challenge is not the base64url of a SHA-256 digest")]
    Challenge,
}

/// An S256 `code_challenge`.
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge(String);

impl Challenge {
    /// Reads `code_challenge` and `code_challenge_method`.
    ///
    /// # Errors
    /// [`PkceError`]. RFC 7636 §4.3: an absent method means `plain`, which is not offered.
    pub fn parse(challenge: &str, method: Option<&str>) -> Result<Self, PkceError> {
        if method != Some("S256") {
            return Err(PkceError::Method);
        }
        Self::stored(challenge).ok_or(PkceError::Challenge)
    }

    /// Reads the stored form.
    pub fn stored(text: &str) -> Option<Self> {
        let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        (text.len() == 43 && text.bytes().all(legal)).then(|| Self(text.to_owned()))
    }

    /// The challenge as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `verifier` is what the challenge was made of.
    pub fn is_met_by(&self, verifier: &Verifier) -> bool {
        let made = base64url(&Sha256::digest(verifier.0.as_bytes()));
        same_bytes(made.as_bytes(), self.0.as_bytes())
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Challenge(…)")
    }
}

/// A `code_verifier` of 43 to 128 unreserved characters (RFC 7636 §4.1).
pub struct Verifier(String);

impl Verifier {
    /// Reads a verifier; `None` when it has another form.
    pub fn parse(text: &str) -> Option<Self> {
        let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
        ((43..=128).contains(&text.len()) && text.bytes().all(legal)).then(|| Self(text.to_owned()))
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_holds() {
        // RFC 7636 appendix B.
        let challenge = Challenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", Some("S256")).unwrap();
        let right = Verifier::parse("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap();
        let wrong = Verifier::parse("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl").unwrap();
        assert!(challenge.is_met_by(&right));
        assert!(!challenge.is_met_by(&wrong));
    }

    #[test]
    fn other_methods_and_forms_are_refused() {
        let digest = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert_eq!(Challenge::parse(digest, None), Err(PkceError::Method));
        assert_eq!(Challenge::parse(digest, Some("plain")), Err(PkceError::Method));
        assert_eq!(Challenge::parse(&digest[1..], Some("S256")), Err(PkceError::Challenge));
        assert!(Verifier::parse(&"a".repeat(42)).is_none());
        assert!(Verifier::parse(&"a".repeat(129)).is_none());
        assert!(Verifier::parse(&"ก".repeat(43)).is_none());
    }
}
