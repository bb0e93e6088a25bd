//! Compact JWS (RFC 7515 §7.1), with the type and the algorithm fixed by us.

use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::key::{KeyError, SigningKey};
use super::ring::KeyRing;
use crate::secret::{base64url, from_base64url};

/// The `typ` of each kind of token we make; one kind never passes for another (RFC 8725 §3.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType {
    /// An ID token.
    Id,
    /// An access token (RFC 9068 §2.1).
    Access,
    /// An answer of the authorization endpoint (JARM).
    Response,
    /// Userinfo as a token (OpenID Connect Core §5.3.2).
    Userinfo,
    /// What introspection says of a token (RFC 9701 §5).
    Introspection,
    /// A logout token (OpenID Connect Back-Channel Logout §2.4).
    Logout,
    /// A Security Event Token (RFC 8417 §2.3).
    Event,
}

impl TokenType {
    fn as_str(self) -> &'static str {
        match self {
            // JARM and userinfo name no type of their own; neither has the `auth_time` without which nothing is an ID token.
            Self::Id | Self::Response | Self::Userinfo => "JWT",
            Self::Access => "at+jwt",
            Self::Introspection => "token-introspection+jwt",
            Self::Logout => "logout+jwt",
            Self::Event => "secevent+jwt",
        }
    }
}

/// Why a token is not one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// Not three parts of base64url with a readable header, or too long.
    #[error("not a compact JWS")]
    Malformed,
    /// Another `typ`, or a `crit` member.
    #[error("another kind of token")]
    WrongType,
    /// An `alg` that is not accepted here.
    #[error("another algorithm")]
    WrongAlgorithm,
    /// No key with this `kid` and `alg`.
    #[error("unknown key")]
    UnknownKey,
    /// The signature does not fit.
    #[error("wrong signature")]
    WrongSignature,
    /// The claims are not what this kind of token holds.
    #[error("unreadable claims")]
    WrongClaims,
}

/// The longest token that is looked at, in bytes.
const MAX_LENGTH: usize = 8192;

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    #[serde(default, deserialize_with = "is_there")]
    crit: bool,
}

/// Whatever stands there, `null` too: it is there.
pub(super) fn is_there<'de, D: serde::Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    serde::de::IgnoredAny::deserialize(value).map(|_| true)
}

/// Reads JSON that is UTF-8 throughout (RFC 8259 §8.1): of a member that nobody reads, serde_json alone would not look.
pub(super) fn from_utf8_json<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    serde_json::from_str(std::str::from_utf8(bytes).ok()?).ok()
}

/// A compact JWS whose signature nobody has checked yet.
pub struct Unverified<'a> {
    header: Header,
    payload: &'a str,
    signed: &'a str,
    signature: Vec<u8>,
}

impl SigningKey {
    /// Signs `claims` as a token of type `typ`.
    ///
    /// # Errors
    /// [`KeyError::Sign`] when OpenSSL cannot.
    pub fn seal_claims<T: Serialize>(&self, typ: TokenType, claims: &T) -> Result<String, KeyError> {
        let header =
            format!(r#"{{"alg":"{}","typ":"{}","kid":"{}"}}"#, self.algorithm().as_str(), typ.as_str(), self.kid());
        self.seal_under(&header, claims)
    }

    /// The same under a header of the caller's, JSON that names this key's algorithm.
    ///
    /// # Errors
    /// [`KeyError::Sign`] when OpenSSL cannot.
    pub fn seal_under<T: Serialize>(&self, header: &str, claims: &T) -> Result<String, KeyError> {
        let payload = serde_json::to_vec(claims).map_err(|_| KeyError::Sign)?;
        let mut token = String::with_capacity(payload.len() * 4 / 3 + 512);
        token.push_str(&base64url(header.as_bytes()));
        token.push('.');
        token.push_str(&base64url(&payload));
        let signature = self.sign(token.as_bytes())?;
        token.push('.');
        token.push_str(&base64url(&signature));
        Ok(token)
    }
}

impl<'a> Unverified<'a> {
    /// Splits a token; nothing in it may be believed yet.
    ///
    /// # Errors
    /// [`JwsError::Malformed`].
    pub fn parse(token: &'a str) -> Result<Self, JwsError> {
        if token.len() > MAX_LENGTH {
            return Err(JwsError::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(JwsError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(JwsError::Malformed)?;
        let header = from_base64url(header).ok_or(JwsError::Malformed)?;
        let header: Header = from_utf8_json(&header).ok_or(JwsError::Malformed)?;
        let signature = from_base64url(signature).ok_or(JwsError::Malformed)?;
        Ok(Self { header, payload, signed, signature })
    }

    /// Checks type, key and signature against our own keys and reads the claims. Times and audience are the caller's.
    ///
    /// # Errors
    /// [`JwsError`] says at which of the checks it failed.
    pub fn verify<T: DeserializeOwned>(&self, typ: TokenType, keys: &KeyRing) -> Result<T, JwsError> {
        if self.header.crit || !self.header.typ.as_deref().is_some_and(|t| t.eq_ignore_ascii_case(typ.as_str())) {
            return Err(JwsError::WrongType);
        }
        let kid = self.header.kid.as_deref().ok_or(JwsError::UnknownKey)?;
        let key = keys.verifying(kid).ok_or(JwsError::UnknownKey)?;
        // The key says which algorithm is right, the header only has to agree (RFC 8725 §3.1).
        if key.algorithm().as_str() != self.header.alg {
            return Err(JwsError::UnknownKey);
        }
        if !key.accepts(self.signed.as_bytes(), &self.signature) {
            return Err(JwsError::WrongSignature);
        }
        let payload = from_base64url(self.payload).ok_or(JwsError::Malformed)?;
        from_utf8_json(&payload).ok_or(JwsError::WrongClaims)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Algorithm, KeyState, RingKey};
    use super::*;
    use serde_json::{Value, json};

    fn ring() -> KeyRing {
        KeyRing::new(Algorithm::ALL.map(|algorithm| {
            let (key, _) = SigningKey::generate(algorithm).unwrap();
            RingKey { key, state: KeyState::Active }
        }))
    }

    #[test]
    fn what_we_sign_we_accept_and_nothing_else() {
        let ring = ring();
        for algorithm in Algorithm::ALL {
            let key = ring.signing(algorithm).unwrap();
            let token = key.seal_claims(TokenType::Access, &json!({"sub": "x"})).unwrap();
            let read = |token: &str, typ| Unverified::parse(token).and_then(|t| t.verify::<Value>(typ, &ring));
            assert_eq!(read(&token, TokenType::Access).unwrap()["sub"], "x");
            assert_eq!(read(&token, TokenType::Id), Err(JwsError::WrongType));
            assert!(read(&token[..token.len() - 1], TokenType::Access).is_err());
            let (signed, _) = token.rsplit_once('.').unwrap();
            assert_eq!(read(&format!("{signed}."), TokenType::Access), Err(JwsError::WrongSignature));
            for alg in ["none", "None", "NONE", "nOnE", "HS256", "RS512"] {
                let header = base64url(format!(r#"{{"alg":"{alg}","typ":"at+jwt","kid":"{}"}}"#, key.kid()).as_bytes());
                let forged = format!("{header}.{}", token.split_once('.').unwrap().1);
                assert_eq!(read(&forged, TokenType::Access), Err(JwsError::UnknownKey), "{alg}");
            }
        }
    }

    #[test]
    fn no_text_can_make_the_parser_panic() {
        let ring = ring();
        for text in ["", ".", "..", "...", "a.b.c", "e30.e30.e30", "\u{e01}.\u{e01}.\u{e01}", &"a.".repeat(5000)] {
            assert!(Unverified::parse(text).and_then(|t| t.verify::<Value>(TokenType::Id, &ring)).is_err());
        }
    }
}
