//! A client's public keys (RFC 7517): read and parsed once, and never anything but public.

use std::fmt;
use std::sync::Arc;

use josekit::jwe::JweEncrypter;
use josekit::jwk::Jwk;
use josekit::jws::{ES256, EdDSA, JwsVerifier, PS256, RS256};
use serde_json::{Map, Value};

use super::key::{ec_thumbprint, okp_thumbprint, rsa_thumbprint};
use super::{Algorithm, KeyManagement};
use crate::secret::from_base64url;

/// The longest JWKS document that is read, in bytes.
const MAX_DOCUMENT: usize = 64 * 1024;
/// The most keys a document may hold: each of them may have to be tried.
const MAX_KEYS: usize = 20;

/// What is wrong with a key or with a document of keys; never says what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// Longer than 64 KiB.
    #[error("longer than 64 KiB")]
    TooLong,
    /// Not a JSON object with a list of objects as `keys`.
    #[error("not a JWKS document: a JSON object with a list of keys is needed")]
    Malformed,
    /// More than 20 keys, or none.
    #[error("between 1 and 20 keys are needed")]
    Number,
    /// A symmetric key: whoever can check with it can sign with it.
    #[error("a symmetric key (oct) has no public half; make a pair of keys")]
    Symmetric,
    /// A private member: the key is known to whoever could read the document.
    #[error("a private key was handed over; make a new pair and send the public half alone")]
    Private,
    /// RSA below 2048 bits, above 8192, or with an odd exponent.
    #[error("RSA keys need 2048 to 8192 bits and a small odd exponent such as 65537")]
    Rsa,
    /// A member is missing, has another form, or is not a point of its curve.
    #[error("a key has a missing or broken member")]
    Broken,
    /// A type, curve, use or algorithm that nothing here works with.
    #[error("no key is fit for anything here: use RSA, EC on P-256, or OKP on Ed25519")]
    Unsupported,
}

/// One public key.
#[derive(Clone)]
pub struct ClientKey {
    kid: Option<String>,
    algorithm: Option<String>,
    thumbprint: String,
    /// What it checks signatures with: one for each algorithm it may be used with; none for a key to encrypt with.
    verifiers: Vec<(Algorithm, Arc<dyn JwsVerifier>)>,
    /// What it encrypts with: one for each way it may be used in.
    encrypters: Vec<(KeyManagement, Arc<dyn JweEncrypter>)>,
    members: Map<String, Value>,
}

impl ClientKey {
    /// Reads a JWK. What `use`, `key_ops` and `alg` do not allow it is not used for.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn parse(jwk: &Map<String, Value>) -> Result<Self, KeyFault> {
        // RFC 7518 §6.2.2, §6.3.2, §6.4: every member that holds a secret.
        if ["d", "p", "q", "dp", "dq", "qi", "oth"].iter().any(|name| jwk.contains_key(*name)) {
            return Err(KeyFault::Private);
        }
        let kty = text(jwk, "kty")?.ok_or(KeyFault::Broken)?;
        if kty == "oct" || jwk.contains_key("k") {
            return Err(KeyFault::Symmetric);
        }
        let algorithm = text(jwk, "alg")?;
        let (members, thumbprint, signs, encrypts) = match kty {
            "RSA" => rsa(jwk)?,
            "EC" => ec(jwk)?,
            "OKP" => okp(jwk)?,
            _ => return Err(KeyFault::Unsupported),
        };
        let usage = text(jwk, "use")?;
        let may_sign = usage.is_none_or(|usage| usage == "sig") && operations(jwk, &["verify"])?;
        let may_encrypt = usage.is_none_or(|usage| usage == "enc")
            && operations(jwk, &["encrypt", "wrapKey", "deriveKey", "deriveBits"])?;
        let signs = signs.iter().copied().filter(|_| may_sign);
        let signs = signs.filter(|known| algorithm.is_none_or(|named| Algorithm::from_client(named) == Some(*known)));
        let whole = Jwk::from_map(members.clone()).map_err(|_| KeyFault::Broken)?;
        let verifiers = signs.map(|algorithm| Ok((algorithm, verifier(algorithm, &whole)?)));
        let verifiers = verifiers.collect::<Result<Vec<_>, KeyFault>>()?;
        // A key for signatures names one of their algorithms, one for encryption another.
        let ways = KeyManagement::ALL.into_iter().filter(|_| encrypts && may_encrypt);
        let ways = ways.filter(|way| algorithm.is_none_or(|named| named == way.as_str()));
        let encrypters: Vec<_> = ways.filter_map(|way| Some((way, way.encrypter(&whole)?))).collect();
        if verifiers.is_empty() && encrypters.is_empty() {
            return Err(KeyFault::Unsupported);
        }
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Ok(Self {
            kid: owned(text(jwk, "kid")?),
            algorithm: owned(algorithm),
            thumbprint,
            verifiers,
            encrypters,
            members,
        })
    }

    /// `kid`, as the client named it.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// `alg`: the one algorithm it may be used with, where the client said so.
    pub fn algorithm(&self) -> Option<&str> {
        self.algorithm.as_deref()
    }

    /// Its SHA-256 thumbprint (RFC 7638).
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// Whether it may be encrypted to.
    pub fn encrypts(&self) -> bool {
        !self.encrypters.is_empty()
    }

    /// What encrypts for it in this way.
    pub(super) fn encrypter(&self, way: KeyManagement) -> Option<&Arc<dyn JweEncrypter>> {
        self.encrypters.iter().find(|(known, _)| *known == way).map(|(_, encrypter)| encrypter)
    }

    /// Its type and its public members, as JWK: `kty` and what the type needs, nothing else.
    pub fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// Whether it may check signatures of `algorithm`.
    pub(super) fn signs(&self, algorithm: Algorithm) -> bool {
        self.verifiers.iter().any(|(known, _)| *known == algorithm)
    }

    /// Whether `signature` was made over `message` with its private half.
    pub(super) fn accepts(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let verifier = self.verifiers.iter().find(|(known, _)| *known == algorithm);
        verifier.is_some_and(|(_, verifier)| verifier.verify(message, signature).is_ok())
    }
}

impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientKey({})", self.thumbprint)
    }
}

/// The public keys of a client.
#[derive(Clone, Debug)]
pub struct ClientKeys {
    keys: Vec<ClientKey>,
}

impl ClientKeys {
    /// Reads a JWKS document (RFC 7517 §5). Keys of a kind we do not know are left out, as that section has it; a secret
    /// key spoils the whole, because it is no secret any more.
    ///
    /// # Errors
    /// [`KeyFault`]: of the last unfit key when none is left.
    pub fn parse(document: &[u8]) -> Result<Self, KeyFault> {
        if document.len() > MAX_DOCUMENT {
            return Err(KeyFault::TooLong);
        }
        let document: Value = serde_json::from_slice(document).map_err(|_| KeyFault::Malformed)?;
        let keys = document.get("keys").and_then(Value::as_array).ok_or(KeyFault::Malformed)?;
        if keys.is_empty() || keys.len() > MAX_KEYS {
            return Err(KeyFault::Number);
        }
        let (mut read, mut unfit) = (Vec::with_capacity(keys.len()), KeyFault::Unsupported);
        for key in keys {
            match ClientKey::parse(key.as_object().ok_or(KeyFault::Malformed)?) {
                Ok(key) => read.push(key),
                Err(secret @ (KeyFault::Private | KeyFault::Symmetric)) => return Err(secret),
                Err(fault) => unfit = fault,
            }
        }
        if read.is_empty() { Err(unfit) } else { Ok(Self { keys: read }) }
    }

    /// Every key.
    pub fn iter(&self) -> impl Iterator<Item = &ClientKey> {
        self.keys.iter()
    }
}

/// A member that is text, if it is there.
fn text<'a>(jwk: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, KeyFault> {
    match jwk.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if text.len() <= 2048 => Ok(Some(text)),
        Some(_) => Err(KeyFault::Broken),
    }
}

/// A member that is base64url, with its bytes.
fn bytes(jwk: &Map<String, Value>, name: &str) -> Result<(String, Vec<u8>), KeyFault> {
    let text = text(jwk, name)?.ok_or(KeyFault::Broken)?;
    let bytes = from_base64url(text).ok_or(KeyFault::Broken)?;
    Ok((text.to_owned(), bytes))
}

/// Whether `key_ops`, where it is there, names one of `wanted` (RFC 7517 §4.3).
fn operations(jwk: &Map<String, Value>, wanted: &[&str]) -> Result<bool, KeyFault> {
    match jwk.get("key_ops") {
        None => Ok(true),
        Some(Value::Array(named)) => {
            Ok(named.iter().filter_map(Value::as_str).any(|operation| wanted.contains(&operation)))
        }
        Some(_) => Err(KeyFault::Broken),
    }
}

type Parts = (Map<String, Value>, String, &'static [Algorithm], bool);

fn members(pairs: &[(&str, &str)]) -> Map<String, Value> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect()
}

fn rsa(jwk: &Map<String, Value>) -> Result<Parts, KeyFault> {
    let ((n, modulus), (e, exponent)) = (bytes(jwk, "n")?, bytes(jwk, "e")?);
    // RFC 7518 §6.3.1: the least number of bytes, so that one key has one thumbprint.
    let Some(first) = modulus.first().filter(|first| **first != 0) else { return Err(KeyFault::Rsa) };
    let bits = modulus.len() * 8 - first.leading_zeros() as usize;
    let small = (1..=4).contains(&exponent.len()) && exponent[0] != 0 && exponent != [1];
    let odd = exponent.last().is_some_and(|last| last & 1 == 1) && modulus.last().is_some_and(|last| last & 1 == 1);
    if !(2048..=8192).contains(&bits) || !small || !odd {
        return Err(KeyFault::Rsa);
    }
    let thumbprint = rsa_thumbprint(&n, &e);
    Ok((members(&[("kty", "RSA"), ("n", &n), ("e", &e)]), thumbprint, &[Algorithm::RS256, Algorithm::PS256], true))
}

fn ec(jwk: &Map<String, Value>) -> Result<Parts, KeyFault> {
    let (crv, length, signs): (_, _, &[Algorithm]) = match text(jwk, "crv")? {
        Some("P-256") => ("P-256", 32, &[Algorithm::ES256]),
        Some("P-384") => ("P-384", 48, &[]),
        Some("P-521") => ("P-521", 66, &[]),
        _ => return Err(KeyFault::Unsupported),
    };
    let ((x, left), (y, right)) = (bytes(jwk, "x")?, bytes(jwk, "y")?);
    if left.len() != length || right.len() != length {
        return Err(KeyFault::Broken);
    }
    let thumbprint = ec_thumbprint(crv, &x, &y);
    Ok((members(&[("kty", "EC"), ("crv", crv), ("x", &x), ("y", &y)]), thumbprint, signs, true))
}

fn okp(jwk: &Map<String, Value>) -> Result<Parts, KeyFault> {
    let (crv, signs, encrypts): (_, &[Algorithm], _) = match text(jwk, "crv")? {
        Some("Ed25519") => ("Ed25519", &[Algorithm::EdDSA], false),
        Some("X25519") => ("X25519", &[], true),
        _ => return Err(KeyFault::Unsupported),
    };
    let (x, key) = bytes(jwk, "x")?;
    if key.len() != 32 {
        return Err(KeyFault::Broken);
    }
    let thumbprint = okp_thumbprint(crv, &x);
    Ok((members(&[("kty", "OKP"), ("crv", crv), ("x", &x)]), thumbprint, signs, encrypts))
}

fn verifier(algorithm: Algorithm, jwk: &Jwk) -> Result<Arc<dyn JwsVerifier>, KeyFault> {
    let broken = |_| KeyFault::Broken;
    Ok(match algorithm {
        Algorithm::ES256 => Arc::new(ES256.verifier_from_jwk(jwk).map_err(broken)?),
        Algorithm::RS256 => Arc::new(RS256.verifier_from_jwk(jwk).map_err(broken)?),
        Algorithm::PS256 => Arc::new(PS256.verifier_from_jwk(jwk).map_err(broken)?),
        Algorithm::EdDSA => Arc::new(EdDSA.verifier_from_jwk(jwk).map_err(broken)?),
    })
}

#[cfg(test)]
mod tests {
    use super::super::SigningKey;
    use super::*;
    use serde_json::json;

    fn shown(algorithm: Algorithm) -> Value {
        serde_json::to_value(SigningKey::generate(algorithm).unwrap().0.public()).unwrap()
    }

    fn parsed(keys: &[Value]) -> Result<usize, KeyFault> {
        ClientKeys::parse(json!({ "keys": keys }).to_string().as_bytes()).map(|keys| keys.iter().count())
    }

    #[test]
    fn our_own_public_keys_are_read_and_have_the_same_thumbprint() {
        for algorithm in Algorithm::ALL {
            let jwk = shown(algorithm);
            let key = ClientKey::parse(jwk.as_object().unwrap()).unwrap();
            assert_eq!(key.thumbprint(), jwk["kid"], "{algorithm:?}");
            assert!(key.signs(algorithm) && !key.encrypts());
        }
    }

    #[test]
    fn secrets_weak_and_broken_keys_are_refused() {
        let with = |algorithm, name: &str, value: Value| {
            let mut jwk = shown(algorithm);
            jwk[name] = value;
            parsed(&[jwk])
        };
        assert_eq!(parsed(&[json!({"kty": "oct", "k": "AAAA"})]), Err(KeyFault::Symmetric));
        assert_eq!(with(Algorithm::ES256, "d", json!("AAAA")), Err(KeyFault::Private));
        assert_eq!(with(Algorithm::RS256, "n", json!("x".repeat(172))), Err(KeyFault::Rsa));
        assert_eq!(with(Algorithm::RS256, "e", json!("AQ")), Err(KeyFault::Rsa));
        assert_eq!(with(Algorithm::ES256, "x", json!("AAAA")), Err(KeyFault::Broken));
        assert_eq!(with(Algorithm::ES256, "x", json!("A".repeat(43))), Err(KeyFault::Broken));
        assert_eq!(with(Algorithm::ES256, "crv", json!("secp256k1")), Err(KeyFault::Unsupported));
        assert_eq!(with(Algorithm::EdDSA, "kty", json!("AKP")), Err(KeyFault::Unsupported));
        assert_eq!(with(Algorithm::ES256, "kty", json!(7)), Err(KeyFault::Broken));
        assert_eq!(with(Algorithm::ES256, "use", json!("enc")), Err(KeyFault::Unsupported), "alg says sign, use not");
        assert_eq!(with(Algorithm::ES256, "key_ops", json!(["sign"])), Err(KeyFault::Unsupported));
        assert_eq!(with(Algorithm::ES256, "alg", json!("RS256")), Err(KeyFault::Unsupported));
        assert_eq!(parsed(&[]), Err(KeyFault::Number));
        assert_eq!(parsed(&vec![shown(Algorithm::ES256); 21]), Err(KeyFault::Number));
        for text in ["", "[]", "{}", r#"{"keys":7}"#, r#"{"keys":[7]}"#, &"[".repeat(60_000)] {
            assert_eq!(ClientKeys::parse(text.as_bytes()).err(), Some(KeyFault::Malformed));
        }
        assert_eq!(ClientKeys::parse(&vec![b' '; MAX_DOCUMENT + 1]).err(), Some(KeyFault::TooLong));
    }

    #[test]
    fn what_is_unknown_is_left_out_and_a_secret_spoils_the_whole() {
        let good = shown(Algorithm::ES256);
        assert_eq!(parsed(&[good.clone(), json!({"kty": "AKP"}), shown(Algorithm::EdDSA)]), Ok(2));
        assert_eq!(parsed(&[good.clone(), json!({"kty": "oct", "k": "AAAA"})]), Err(KeyFault::Symmetric));
        let mut encryption = good;
        encryption["use"] = json!("enc");
        encryption["alg"] = json!("ECDH-ES");
        assert_eq!(parsed(&[encryption]), Ok(1));
    }
}
