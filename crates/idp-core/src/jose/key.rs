//! A signing key: private half parsed once, public half ready to be shown.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use josekit::jwk::Jwk;
use josekit::jwk::alg::ec::EcCurve;
use josekit::jwk::alg::ed::EdCurve;
use josekit::jws::{ES256, EdDSA, JwsSigner, JwsVerifier, PS256, RS256};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::Algorithm;
use crate::secret::base64url;

/// What can be wrong with key material; never says what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// OpenSSL could not make a key.
    #[error("a signing key could not be made")]
    Generate,
    /// The stored form cannot be read.
    #[error("a stored signing key cannot be read")]
    Unreadable,
    /// There is no key to encrypt for, or OpenSSL could not.
    #[error("encrypting failed")]
    Encrypt,
    /// OpenSSL could not sign.
    #[error("signing failed")]
    Sign,
}

/// A public key as JWKS shows it (RFC 7517 §4). The type has no room for a private member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum PublicJwk {
    /// RFC 7518 §6.2.
    Ec {
        /// "EC"
        kty: &'static str,
        /// Key id.
        kid: String,
        /// "sig"
        #[serde(rename = "use")]
        usage: &'static str,
        /// The one algorithm it is used with.
        alg: &'static str,
        /// "P-256"
        crv: &'static str,
        /// Coordinate.
        x: String,
        /// Coordinate.
        y: String,
    },
    /// RFC 7518 §6.3.
    Rsa {
        /// "RSA"
        kty: &'static str,
        /// Key id.
        kid: String,
        /// "sig"
        #[serde(rename = "use")]
        usage: &'static str,
        /// The one algorithm it is used with.
        alg: &'static str,
        /// Modulus.
        n: String,
        /// Exponent.
        e: String,
    },
    /// RFC 8037 §2.
    Okp {
        /// "OKP"
        kty: &'static str,
        /// Key id.
        kid: String,
        /// "sig"
        #[serde(rename = "use")]
        usage: &'static str,
        /// The one algorithm it is used with.
        alg: &'static str,
        /// "Ed25519"
        crv: &'static str,
        /// The public key.
        x: String,
    },
}

/// A signing key, parsed once: cheap to clone and to share.
#[derive(Clone)]
pub struct SigningKey {
    kid: Arc<str>,
    algorithm: Algorithm,
    signer: Arc<dyn JwsSigner>,
    verifier: Arc<dyn JwsVerifier>,
    public: PublicJwk,
}

impl SigningKey {
    /// Makes a key and gives its stored form, to be sealed before it is written anywhere.
    ///
    /// # Errors
    /// [`KeyError::Generate`] when OpenSSL cannot.
    pub fn generate(algorithm: Algorithm) -> Result<(Self, Zeroizing<Vec<u8>>), KeyError> {
        let jwk = match algorithm {
            Algorithm::ES256 => Jwk::generate_ec_key(EcCurve::P256),
            Algorithm::RS256 | Algorithm::PS256 => Jwk::generate_rsa_key(2048),
            Algorithm::EdDSA => Jwk::generate_ed_key(EdCurve::Ed25519),
        }
        .map_err(|_| KeyError::Generate)?;
        let stored = Zeroizing::new(serde_json::to_vec(&jwk).map_err(|_| KeyError::Generate)?);
        Ok((Self::from_stored(algorithm, &stored)?, stored))
    }

    /// Reads the stored form made by [`SigningKey::generate`].
    ///
    /// # Errors
    /// [`KeyError::Unreadable`].
    pub fn from_stored(algorithm: Algorithm, stored: &[u8]) -> Result<Self, KeyError> {
        let unreadable = |_| KeyError::Unreadable;
        let jwk = Jwk::from_bytes(stored).map_err(unreadable)?;
        let public_half = jwk.to_public_key().map_err(unreadable)?;
        let (signer, verifier): (Arc<dyn JwsSigner>, Arc<dyn JwsVerifier>) = match algorithm {
            Algorithm::ES256 => (
                Arc::new(ES256.signer_from_jwk(&jwk).map_err(unreadable)?),
                Arc::new(ES256.verifier_from_jwk(&public_half).map_err(unreadable)?),
            ),
            Algorithm::RS256 => (
                Arc::new(RS256.signer_from_jwk(&jwk).map_err(unreadable)?),
                Arc::new(RS256.verifier_from_jwk(&public_half).map_err(unreadable)?),
            ),
            Algorithm::PS256 => (
                Arc::new(PS256.signer_from_jwk(&jwk).map_err(unreadable)?),
                Arc::new(PS256.verifier_from_jwk(&public_half).map_err(unreadable)?),
            ),
            Algorithm::EdDSA => (
                Arc::new(EdDSA.signer_from_jwk(&jwk).map_err(unreadable)?),
                Arc::new(EdDSA.verifier_from_jwk(&public_half).map_err(unreadable)?),
            ),
        };
        let public = public_jwk(algorithm, &public_half).ok_or(KeyError::Unreadable)?;
        let kid = match &public {
            PublicJwk::Ec { kid, .. } | PublicJwk::Rsa { kid, .. } | PublicJwk::Okp { kid, .. } => kid.as_str().into(),
        };
        Ok(Self { kid, algorithm, signer, verifier, public })
    }

    /// `kid`: the key's thumbprint (RFC 7638).
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm this key is used with.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// What JWKS shows.
    pub fn public(&self) -> &PublicJwk {
        &self.public
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.signer.sign(message).map_err(|_| KeyError::Sign)
    }

    pub(super) fn accepts(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verifier.verify(message, signature).is_ok()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({} {})", self.algorithm.as_str(), self.kid)
    }
}

fn public_jwk(algorithm: Algorithm, jwk: &Jwk) -> Option<PublicJwk> {
    let member = |name: &str| {
        let text = jwk.parameter(name).and_then(Value::as_str)?;
        // Unpadded base64url, as RFC 7515 §2 has it.
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
        Some(base64url(&bytes))
    };
    match algorithm {
        Algorithm::ES256 => {
            let (x, y) = (member("x")?, member("y")?);
            let kid = ec_thumbprint("P-256", &x, &y);
            Some(PublicJwk::Ec { kty: "EC", kid, usage: "sig", alg: algorithm.as_str(), crv: "P-256", x, y })
        }
        Algorithm::RS256 | Algorithm::PS256 => {
            let (n, e) = (member("n")?, member("e")?);
            let kid = rsa_thumbprint(&n, &e);
            Some(PublicJwk::Rsa { kty: "RSA", kid, usage: "sig", alg: algorithm.as_str(), n, e })
        }
        Algorithm::EdDSA => {
            let x = member("x")?;
            let kid = okp_thumbprint("Ed25519", &x);
            Some(PublicJwk::Okp { kty: "OKP", kid, usage: "sig", alg: algorithm.as_str(), crv: "Ed25519", x })
        }
    }
}

// RFC 7638 §3.2, RFC 8037 §2: the required members in alphabetical order, without white space. Every value is base64url
// or a curve's name, so nothing needs escaping.

pub(super) fn ec_thumbprint(crv: &str, x: &str, y: &str) -> String {
    thumbprint(&format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#))
}

pub(super) fn rsa_thumbprint(n: &str, e: &str) -> String {
    thumbprint(&format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#))
}

pub(super) fn okp_thumbprint(crv: &str, x: &str) -> String {
    thumbprint(&format!(r#"{{"crv":"{crv}","kty":"OKP","x":"{x}"}}"#))
}

fn thumbprint(canonical: &str) -> String {
    base64url(&Sha256::digest(canonical.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_storage_and_shows_no_private_member() {
        for algorithm in Algorithm::ALL {
            let (key, stored) = SigningKey::generate(algorithm).unwrap();
            let again = SigningKey::from_stored(algorithm, &stored).unwrap();
            assert_eq!(key.kid(), again.kid());
            let shown = serde_json::to_value(key.public()).unwrap();
            for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
                assert!(shown.get(private).is_none(), "{private}");
            }
            let signature = key.sign(b"message").unwrap();
            assert!(again.accepts(b"message", &signature));
            assert!(!again.accepts(b"massage", &signature));
            assert!(format!("{key:?}").starts_with("SigningKey("));
        }
    }
}
