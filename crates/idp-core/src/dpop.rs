//! Proofs of possession (RFC 9449): a token is worth something only to who holds the key it is bound to.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::jose::{ClientJws, NumericDate};
use crate::seal::mac;
use crate::secret::{base64url, from_base64url, same_bytes};

/// The thumbprint of a key (RFC 7638): what tokens are bound to (`jkt`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Thumbprint(String);

impl Thumbprint {
    /// Reads `jkt` or `dpop_jkt`: the 43 characters of a SHA-256 digest in base64url.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 43 && from_base64url(text).is_some_and(|bytes| bytes.len() == 32)).then(|| Self(text.to_owned()))
    }

    /// The thumbprint as it travels.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `cnf` (RFC 9449 §6.1): the key a token is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The key's thumbprint.
    pub jkt: Thumbprint,
}

/// A proof is taken for so long after it was made,
const AGE: TimeDelta = TimeDelta::minutes(5);
/// and so long before, since clocks differ.
const SKEW: TimeDelta = TimeDelta::seconds(30);
/// A nonce of ours is good for as long as this lasts, and for as long again.
const NONCE_SECONDS: i64 = 300;
/// Longer than any proof is taken: so long its name is remembered.
pub const PROOF_REMEMBERED: TimeDelta = TimeDelta::minutes(11);

#[derive(Deserialize)]
struct ProofClaims {
    jti: String,
    htm: String,
    htu: String,
    iat: NumericDate,
    ath: Option<String>,
    nonce: Option<String>,
}

/// A proof whose signature fits the key it brings.
pub struct Proof {
    key: Thumbprint,
    claims: ProofClaims,
}

/// Why a proof is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofFault {
    /// Not a signed JWT of type `dpop+jwt` with a public key that fits.
    Malformed,
    /// Made for another request.
    OtherRequest,
    /// Too old, or from the future.
    Age,
    /// Made for another access token, or for none.
    OtherToken,
    /// Without a nonce of ours, or with an old one.
    Nonce,
}

impl ProofFault {
    /// What a developer hears.
    pub fn description(self) -> &'static str {
        match self {
            Self::Malformed => "the DPoP header is not a proof signed by the public key it brings",
            Self::OtherRequest => "htm or htu of the proof is not this request",
            Self::Age => "iat of the proof is too old or in the future",
            Self::OtherToken => "ath of the proof is not the digest of the access token",
            Self::Nonce => "the proof must bring the nonce of the header DPoP-Nonce",
        }
    }
}

/// The request that a proof must be made for.
#[derive(Clone, Copy, Debug)]
pub struct ProvenRequest<'a> {
    /// `htm`
    pub method: &'a str,
    /// `htu`: the endpoint's public URL.
    pub url: &'a str,
    /// The access token that goes with it, where one does.
    pub access_token: Option<&'a str>,
}

impl Proof {
    /// Reads the header `DPoP` (RFC 9449 §4.3, 1 to 7).
    ///
    /// # Errors
    /// [`ProofFault::Malformed`].
    pub fn read(header: &str) -> Result<Self, ProofFault> {
        let token = ClientJws::parse(header).map_err(|_| ProofFault::Malformed)?;
        if token.typ() != Some("dpop+jwt") {
            return Err(ProofFault::Malformed);
        }
        let key = token.embedded_key().ok().flatten().ok_or(ProofFault::Malformed)?;
        if !token.is_signed_by(&key) {
            return Err(ProofFault::Malformed);
        }
        let claims: ProofClaims = token.unchecked_claims().map_err(|_| ProofFault::Malformed)?;
        if claims.jti.is_empty() || claims.jti.len() > 256 {
            return Err(ProofFault::Malformed);
        }
        Ok(Self { key: Thumbprint(key.thumbprint().to_owned()), claims })
    }

    /// Whether it was made for this request, now, with a nonce made under `nonce_key` (§4.3, 8 to 12).
    ///
    /// # Errors
    /// [`ProofFault`].
    pub fn judge(
        &self,
        request: ProvenRequest<'_>,
        nonce_key: &[u8; 32],
        now: DateTime<Utc>,
    ) -> Result<(), ProofFault> {
        if self.claims.htm != request.method || !same_endpoint(&self.claims.htu, request.url) {
            return Err(ProofFault::OtherRequest);
        }
        let hash = request.access_token.map(|token| base64url(&Sha256::digest(token.as_bytes())));
        if hash.is_some() && self.claims.ath != hash {
            return Err(ProofFault::OtherToken);
        }
        if !self.claims.nonce.as_deref().is_some_and(|nonce| is_nonce(nonce_key, nonce, now)) {
            return Err(ProofFault::Nonce);
        }
        let (oldest, newest) = (NumericDate::of(now - AGE), NumericDate::of(now + SKEW));
        if !(oldest..=newest).contains(&self.claims.iat) {
            return Err(ProofFault::Age);
        }
        Ok(())
    }

    /// The key that signed it.
    pub fn key(&self) -> &Thumbprint {
        &self.key
    }

    /// Its name, which may be used once (§11.1).
    pub fn name(&self) -> String {
        base64url(&Sha256::digest(format!("{} {}", self.key.0, self.claims.jti).as_bytes()))
    }
}

/// Whether `htu` is `url`, but for query and fragment, and after the normalisation that both undergo alike (§4.3, 9).
fn same_endpoint(htu: &str, url: &str) -> bool {
    let plain = |text: &str| {
        let mut url = Url::parse(text).ok()?;
        url.set_query(None);
        url.set_fragment(None);
        Some(url)
    };
    plain(htu).is_some_and(|htu| Some(htu) == plain(url))
}

/// The nonce of this moment (§8): it says when it was made, and that we made it. Nothing is kept of it, and every node
/// makes the same.
pub fn nonce(key: &[u8; 32], now: DateTime<Utc>) -> String {
    nonce_of(key, now.timestamp().div_euclid(NONCE_SECONDS))
}

fn nonce_of(key: &[u8; 32], slot: i64) -> String {
    let slot = slot.to_be_bytes();
    let mut bytes = slot.to_vec();
    bytes.extend_from_slice(&mac(key, &[&slot])[..16]);
    base64url(&bytes)
}

fn is_nonce(key: &[u8; 32], text: &str, now: DateTime<Utc>) -> bool {
    let slot = now.timestamp().div_euclid(NONCE_SECONDS);
    // Both are compared, whichever fits.
    [slot, slot - 1]
        .into_iter()
        .fold(false, |fits, slot| fits | same_bytes(nonce_of(key, slot).as_bytes(), text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::{Algorithm, SigningKey};
    use serde_json::{Value, json};

    const KEY: [u8; 32] = [7; 32];
    const URL: &str = "https://op.test/token";

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn made(algorithm: Algorithm, change: impl FnOnce(&mut Value, &mut Value)) -> String {
        let (key, _) = SigningKey::generate(algorithm).unwrap();
        let mut header = json!({"alg": algorithm.as_str(), "typ": "dpop+jwt", "jwk": key.public()});
        let mut claims =
            json!({"jti": "1", "htm": "POST", "htu": URL, "iat": now().timestamp(), "nonce": nonce(&KEY, now())});
        change(&mut header, &mut claims);
        key.seal_under(&header.to_string(), &claims).unwrap()
    }

    fn judged(proof: &str, access_token: Option<&str>) -> Result<(), ProofFault> {
        Proof::read(proof)?.judge(ProvenRequest { method: "POST", url: URL, access_token }, &KEY, now())
    }

    #[test]
    fn a_proof_is_for_one_request() {
        use ProofFault::*;
        for algorithm in Algorithm::ALL {
            assert_eq!(judged(&made(algorithm, |_, _| {}), None), Ok(()), "{algorithm:?}");
        }
        let check = |name: &str, value: Value, expected: Result<(), ProofFault>| {
            let proof = made(Algorithm::ES256, |_, claims| claims[name] = value.clone());
            assert_eq!(judged(&proof, None), expected, "{name}: {value}");
        };
        check("htm", json!("GET"), Err(OtherRequest));
        check("htm", json!("post"), Err(OtherRequest));
        check("htu", json!("https://op.test/token?x=y#z"), Ok(()));
        check("htu", json!("HTTPS://OP.test:443/token"), Ok(()));
        check("htu", json!("https://op.test/token/"), Err(OtherRequest));
        check("htu", json!("https://evil.test/token"), Err(OtherRequest));
        check("htu", json!("token"), Err(OtherRequest));
        check("iat", json!(now().timestamp() - 300), Ok(()));
        check("iat", json!(now().timestamp() - 301), Err(Age));
        check("iat", json!(now().timestamp() + 30), Ok(()));
        check("iat", json!(now().timestamp() + 31), Err(Age));
        check("iat", json!("now"), Err(Malformed));
        check("jti", json!(""), Err(Malformed));
        check("jti", json!(7), Err(Malformed));
        check("nonce", json!("x"), Err(Nonce));
        check("nonce", Value::Null, Err(Nonce));
        check("nonce", json!(nonce(&[8; 32], now())), Err(Nonce));
        check("nonce", json!(nonce(&KEY, now() - TimeDelta::minutes(5))), Ok(()));
        check("nonce", json!(nonce(&KEY, now() - TimeDelta::minutes(10))), Err(Nonce));
        check("nonce", json!(nonce(&KEY, now() + TimeDelta::minutes(5))), Err(Nonce));
    }

    #[test]
    fn a_proof_brings_a_public_key_that_fits() {
        let check = |name: &str, value: Value| {
            let proof = made(Algorithm::ES256, |header, _| header[name] = value.clone());
            assert_eq!(judged(&proof, None), Err(ProofFault::Malformed), "{name}: {value}");
        };
        let (other, private) = SigningKey::generate(Algorithm::ES256).unwrap();
        check("typ", json!("JWT"));
        check("typ", Value::Null);
        check("alg", json!("none"));
        check("alg", json!("HS256"));
        check("alg", json!("RS256"));
        check("jwk", Value::Null);
        check("jwk", json!(other.public()));
        check("jwk", serde_json::from_slice(&private).unwrap());
        check("jwk", json!({"kty": "oct", "k": "AAAA"}));
        for text in ["", ".", "a.b.c", &"x".repeat(20_000)] {
            assert_eq!(judged(text, None), Err(ProofFault::Malformed));
        }
    }

    #[test]
    fn a_proof_beside_a_token_is_for_that_token() {
        let hash = base64url(&Sha256::digest(b"token"));
        let with = made(Algorithm::ES256, |_, claims| claims["ath"] = json!(hash));
        assert_eq!(judged(&with, Some("token")), Ok(()));
        assert_eq!(judged(&with, Some("other")), Err(ProofFault::OtherToken));
        assert_eq!(judged(&made(Algorithm::ES256, |_, _| {}), Some("token")), Err(ProofFault::OtherToken));
    }
}
