//! Compact JWS that a client signed: client assertions, request objects, proofs.
//!
//! `none` and the HMAC algorithms cannot be named, because [`Algorithm`] has no such value. Keys are those registered for
//! the client; what a header says about keys elsewhere (`jku`, `x5u`, `x5c`) is never looked at.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::client_key::{ClientKey, ClientKeys, KeyFault};
use super::jws::{from_utf8_json, is_there};
use super::{Algorithm, JwsError};
use crate::secret::from_base64url;

/// The longest token that is looked at, in bytes.
const MAX_LENGTH: usize = 16 * 1024;
/// The longest header, in encoded bytes.
const MAX_HEADER: usize = 4096;

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    #[serde(default, deserialize_with = "is_there")]
    crit: bool,
    jwk: Option<Map<String, Value>>,
}

/// A compact JWS whose signature nobody has checked yet.
pub struct ClientJws<'a> {
    algorithm: Algorithm,
    kid: Option<String>,
    typ: Option<String>,
    jwk: Option<Map<String, Value>>,
    payload: Vec<u8>,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> ClientJws<'a> {
    /// Splits a token; nothing in it may be believed yet.
    ///
    /// # Errors
    /// [`JwsError::Malformed`]; [`JwsError::WrongType`] for a `crit` member (RFC 7515 §4.1.11: none is understood here);
    /// [`JwsError::WrongAlgorithm`] for an algorithm we do not know, `none` and HMAC among them.
    pub fn parse(token: &'a str) -> Result<Self, JwsError> {
        if token.len() > MAX_LENGTH {
            return Err(JwsError::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(JwsError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(JwsError::Malformed)?;
        if header.len() > MAX_HEADER {
            return Err(JwsError::Malformed);
        }
        let header = from_base64url(header).ok_or(JwsError::Malformed)?;
        let header: Header = from_utf8_json(&header).ok_or(JwsError::Malformed)?;
        if header.crit {
            return Err(JwsError::WrongType);
        }
        Ok(Self {
            algorithm: Algorithm::from_client(&header.alg).ok_or(JwsError::WrongAlgorithm)?,
            kid: header.kid,
            typ: header.typ,
            jwk: header.jwk,
            payload: from_base64url(payload).ok_or(JwsError::Malformed)?,
            signed,
            signature: from_base64url(signature).ok_or(JwsError::Malformed)?,
        })
    }

    /// `alg`
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// `kid`
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// `typ`
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// The key that came in the header, where the specification of the token wants one there (RFC 9449 §4.2). It proves
    /// nothing by itself.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn embedded_key(&self) -> Result<Option<ClientKey>, KeyFault> {
        self.jwk.as_ref().map(ClientKey::parse).transpose()
    }

    /// The claims before anything is checked: to find out whose keys to check with, and for nothing else.
    ///
    /// # Errors
    /// [`JwsError::WrongClaims`].
    pub fn unchecked_claims<T: DeserializeOwned>(&self) -> Result<T, JwsError> {
        from_utf8_json(&self.payload).ok_or(JwsError::WrongClaims)
    }

    /// Checks the signature with the client's keys, and reads the claims. Type, times and audience are the caller's.
    ///
    /// # Errors
    /// [`JwsError`] says at which of the checks it failed: [`JwsError::UnknownKey`] is the one after which it helps to
    /// fetch the keys anew.
    pub fn verify<T: DeserializeOwned>(&self, keys: &ClientKeys, accepted: &[Algorithm]) -> Result<T, JwsError> {
        if !accepted.contains(&self.algorithm) {
            return Err(JwsError::WrongAlgorithm);
        }
        // OpenID Connect Core §10.1: the kid says which key; where there is none, whatever key fits the algorithm.
        let named = |key: &&ClientKey| match (&self.kid, key.kid()) {
            (Some(wanted), Some(kid)) => wanted == kid,
            (Some(_), None) => false,
            (None, _) => true,
        };
        let mut tried = false;
        for key in keys.iter().filter(named).filter(|key| key.signs(self.algorithm)) {
            if self.is_signed_by(key) {
                return self.unchecked_claims();
            }
            tried = true;
        }
        // Without a kid a new key cannot be told from a wrong signature.
        if tried && self.kid.is_some() { Err(JwsError::WrongSignature) } else { Err(JwsError::UnknownKey) }
    }

    /// Checks the signature with one key.
    pub fn is_signed_by(&self, key: &ClientKey) -> bool {
        key.accepts(self.algorithm, self.signed.as_bytes(), &self.signature)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SigningKey, TokenType};
    use super::*;
    use crate::secret::base64url;
    use serde_json::json;

    fn pair(algorithm: Algorithm) -> (SigningKey, ClientKeys) {
        let (key, _) = SigningKey::generate(algorithm).unwrap();
        let keys = ClientKeys::parse(json!({ "keys": [key.public()] }).to_string().as_bytes()).unwrap();
        (key, keys)
    }

    fn read(token: &str, keys: &ClientKeys) -> Result<Value, JwsError> {
        ClientJws::parse(token)?.verify(keys, &Algorithm::ALL)
    }

    #[test]
    fn what_a_client_signed_is_accepted_and_nothing_else() {
        for algorithm in Algorithm::ALL {
            let (key, keys) = pair(algorithm);
            let token = key.seal_claims(TokenType::Id, &json!({"iss": "rp"})).unwrap();
            assert_eq!(read(&token, &keys).unwrap()["iss"], "rp");
            assert_eq!(read(&token, &pair(algorithm).1), Err(JwsError::UnknownKey));
            let (_, rest) = token.split_once('.').unwrap();
            let under = |header: &Value| format!("{}.{rest}", base64url(header.to_string().as_bytes()));
            let (kid, alg) = (key.kid(), algorithm.as_str());
            for forged in ["none", "None", "HS256", "HS512", "", "RS512"] {
                let token = under(&json!({"alg": forged, "kid": kid}));
                assert_eq!(read(&token, &keys), Err(JwsError::WrongAlgorithm), "{forged}");
            }
            assert_eq!(
                read(&under(&json!({"alg": alg, "kid": kid, "crit": ["b64"]})), &keys),
                Err(JwsError::WrongType)
            );
            assert_eq!(read(&under(&json!({"alg": alg, "kid": kid})), &keys), Err(JwsError::WrongSignature));
            assert_eq!(read(&under(&json!({"alg": alg, "kid": "../kid"})), &keys), Err(JwsError::UnknownKey));
            let long = under(&json!({"alg": alg, "kid": kid, "x": "x".repeat(4096)}));
            assert_eq!(read(&long, &keys), Err(JwsError::Malformed));
            let parsed = ClientJws::parse(&token).unwrap();
            let others: Vec<_> = Algorithm::ALL.into_iter().filter(|other| *other != algorithm).collect();
            assert_eq!(parsed.verify::<Value>(&keys, &others), Err(JwsError::WrongAlgorithm));
        }
    }

    #[test]
    fn a_key_that_travels_with_the_token_proves_nothing() {
        let (own, keys) = pair(Algorithm::ES256);
        let (stranger, _) = SigningKey::generate(Algorithm::ES256).unwrap();
        let header = json!({"alg": "ES256", "kid": own.kid(), "jwk": stranger.public(), "jku": "https://evil.test"});
        let signed = format!("{}.{}", base64url(header.to_string().as_bytes()), base64url(b"{}"));
        let token = format!("{signed}.{}", base64url(&stranger.sign(signed.as_bytes()).unwrap()));
        assert_eq!(read(&token, &keys), Err(JwsError::WrongSignature));
    }

    #[test]
    fn no_text_can_make_the_parser_panic() {
        let (_, keys) = pair(Algorithm::ES256);
        let deep = base64url("[".repeat(10_000).as_bytes());
        for text in
            ["", ".", "..", "...", "a.b.c", "e30.e30.e30", "\u{e01}.\u{e01}.\u{e01}", &format!("{deep}.{deep}.")]
        {
            assert!(read(text, &keys).is_err());
        }
    }
}
