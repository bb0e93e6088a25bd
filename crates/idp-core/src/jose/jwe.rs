//! Compact JWE (RFC 7516 §7.1) for clients that want their tokens encrypted. We encrypt and never decrypt: nothing
//! encrypted is taken from outside. No compression, no passwords, no RSA1_5.

use std::sync::Arc;

use josekit::jwe::{ECDH_ES, ECDH_ES_A256KW, JweEncrypter, JweHeader, RSA_OAEP_256};
use josekit::jwk::Jwk;
use serde::{Deserialize, Serialize};

use super::KeyError;
use super::client_key::{ClientKey, ClientKeys};

/// How the content's key is agreed on with the client's key (RFC 7518 §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyManagement {
    /// RSAES OAEP with SHA-256.
    #[serde(rename = "RSA-OAEP-256")]
    RsaOaep256,
    /// ECDH with an ephemeral key, its result used as it is.
    #[serde(rename = "ECDH-ES")]
    EcdhEs,
    /// ECDH with an ephemeral key, its result wrapping another.
    #[serde(rename = "ECDH-ES+A256KW")]
    EcdhEsA256Kw,
}

impl KeyManagement {
    /// Every way, as discovery lists them.
    pub const ALL: [Self; 3] = [Self::RsaOaep256, Self::EcdhEs, Self::EcdhEsA256Kw];

    /// The `alg` value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
        }
    }

    /// Reads [`KeyManagement::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == text)
    }

    /// The encrypter for a public key; `None` for a key of another type, or one that is not a point of its curve.
    pub(super) fn encrypter(self, key: &Jwk) -> Option<Arc<dyn JweEncrypter>> {
        Some(match self {
            Self::RsaOaep256 => Arc::new(RSA_OAEP_256.encrypter_from_jwk(key).ok()?),
            Self::EcdhEs => Arc::new(ECDH_ES.encrypter_from_jwk(key).ok()?),
            Self::EcdhEsA256Kw => Arc::new(ECDH_ES_A256KW.encrypter_from_jwk(key).ok()?),
        })
    }
}

/// How the content is encrypted (RFC 7518 §5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ContentEncryption {
    /// AES-GCM with 128 bits.
    A128Gcm,
    /// AES-GCM with 256 bits.
    A256Gcm,
}

impl ContentEncryption {
    /// Every way, as discovery lists them.
    pub const ALL: [Self; 2] = [Self::A128Gcm, Self::A256Gcm];

    /// The `enc` value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
        }
    }

    /// Reads [`ContentEncryption::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == text)
    }
}

/// How a client wants something encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encryption {
    /// `…_encrypted_response_alg`
    pub algorithm: KeyManagement,
    /// `…_encrypted_response_enc`
    pub content: ContentEncryption,
}

/// What is inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A signed token (RFC 7519 §5.2: `cty` is `JWT`).
    Token,
    /// Claims as JSON.
    Claims,
}

impl ClientKeys {
    /// The key to encrypt for with `algorithm`: the first that is fit.
    pub fn encrypting(&self, algorithm: KeyManagement) -> Option<&ClientKey> {
        self.iter().find(|key| key.encrypter(algorithm).is_some())
    }

    /// Encrypts `plain` for the client.
    ///
    /// # Errors
    /// [`KeyError::Encrypt`] when there is no fit key, or OpenSSL cannot.
    pub fn encrypt(&self, how: Encryption, content: Content, plain: &[u8]) -> Result<String, KeyError> {
        let key = self.encrypting(how.algorithm).ok_or(KeyError::Encrypt)?;
        let encrypter = key.encrypter(how.algorithm).ok_or(KeyError::Encrypt)?;
        let mut header = JweHeader::new();
        header.set_algorithm(how.algorithm.as_str());
        header.set_content_encryption(how.content.as_str());
        if let Some(kid) = key.kid() {
            header.set_key_id(kid);
        }
        if content == Content::Token {
            header.set_content_type("JWT");
        }
        josekit::jwe::serialize_compact(plain, &header, &**encrypter).map_err(|_| KeyError::Encrypt)
    }
}

#[cfg(test)]
mod tests {
    use josekit::jwk::alg::ec::EcCurve;
    use serde_json::{Value, json};

    use super::*;

    fn public(pair: &Jwk, kid: &str) -> Value {
        let mut shown = serde_json::to_value(pair.to_public_key().unwrap()).unwrap();
        shown["use"] = json!("enc");
        shown["kid"] = json!(kid);
        shown
    }

    #[test]
    fn what_is_encrypted_only_the_client_can_read() {
        let (ec, rsa) = (Jwk::generate_ec_key(EcCurve::P256).unwrap(), Jwk::generate_rsa_key(2048).unwrap());
        let document = json!({ "keys": [public(&ec, "e"), public(&rsa, "r")] });
        let keys = ClientKeys::parse(document.to_string().as_bytes()).unwrap();
        for algorithm in KeyManagement::ALL {
            for content in ContentEncryption::ALL {
                let token = keys.encrypt(Encryption { algorithm, content }, Content::Token, b"a.b.c").unwrap();
                let (plain, header) = match algorithm {
                    KeyManagement::RsaOaep256 => {
                        josekit::jwe::deserialize_compact(&token, &RSA_OAEP_256.decrypter_from_jwk(&rsa).unwrap())
                    }
                    KeyManagement::EcdhEs => {
                        josekit::jwe::deserialize_compact(&token, &ECDH_ES.decrypter_from_jwk(&ec).unwrap())
                    }
                    KeyManagement::EcdhEsA256Kw => {
                        josekit::jwe::deserialize_compact(&token, &ECDH_ES_A256KW.decrypter_from_jwk(&ec).unwrap())
                    }
                }
                .unwrap();
                assert_eq!(plain, b"a.b.c");
                assert_eq!(header.claim("alg"), Some(&json!(algorithm.as_str())));
                assert_eq!(header.claim("enc"), Some(&json!(content.as_str())));
                assert_eq!(header.claim("cty"), Some(&json!("JWT")));
                assert_eq!(header.claim("zip"), None);
                assert_eq!(
                    header.claim("kid"),
                    Some(&json!(if algorithm == KeyManagement::RsaOaep256 { "r" } else { "e" }))
                );
            }
        }
    }

    #[test]
    fn a_key_for_signatures_or_of_another_type_is_not_encrypted_to() {
        let ec = Jwk::generate_ec_key(EcCurve::P256).unwrap();
        let mut signing = public(&ec, "s");
        signing["use"] = json!("sig");
        let keys = ClientKeys::parse(json!({ "keys": [signing] }).to_string().as_bytes()).unwrap();
        let mut named = public(&ec, "n");
        named["alg"] = json!("ECDH-ES");
        let of_one_kind = ClientKeys::parse(json!({ "keys": [named] }).to_string().as_bytes()).unwrap();
        for algorithm in KeyManagement::ALL {
            assert!(keys.encrypting(algorithm).is_none());
            assert_eq!(of_one_kind.encrypting(algorithm).is_some(), algorithm == KeyManagement::EcdhEs);
        }
    }

    #[test]
    fn names_are_those_of_the_specification() {
        for way in KeyManagement::ALL {
            assert_eq!(serde_json::to_value(way).unwrap(), json!(way.as_str()));
            assert_eq!(KeyManagement::parse(way.as_str()), Some(way));
        }
        for way in ContentEncryption::ALL {
            assert_eq!(serde_json::to_value(way).unwrap(), json!(way.as_str()));
        }
        for other in ["RSA1_5", "PBES2-HS256+A128KW", "dir", "A256KW", "RSA-OAEP", ""] {
            assert_eq!(KeyManagement::parse(other), None);
        }
    }
}
