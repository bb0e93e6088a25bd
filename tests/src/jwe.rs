//! A client that wants its tokens encrypted: its keys, and the other side of JWE, put together from OpenSSL by the
//! specification's own words, so that our encryption is read by something that is not ours.

use openssl::aes::{AesKey, unwrap_key};
use openssl::bn::{BigNum, BigNumContext};
use openssl::derive::Deriver;
use openssl::ec::{EcGroup, EcKey};
use openssl::encrypt::Decrypter;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::{Padding, Rsa};
use openssl::symm::{Cipher, decrypt_aead};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;

/// A pair on P-256 and an RSA pair.
pub struct EncryptionKeys {
    ec: EcKey<Private>,
    rsa: Rsa<Private>,
}

fn group() -> EcGroup {
    EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("OpenSSL knows P-256")
}

impl EncryptionKeys {
    /// New ones.
    pub fn make() -> Self {
        let ec = EcKey::generate(&group()).expect("OpenSSL makes keys");
        Self { ec, rsa: Rsa::generate(2048).expect("OpenSSL makes keys") }
    }

    /// The public halves as JWKs.
    pub fn public(&self) -> Vec<Value> {
        let mut context = BigNumContext::new().expect("memory");
        let (mut x, mut y) = (BigNum::new().expect("memory"), BigNum::new().expect("memory"));
        self.ec.public_key().affine_coordinates(&group(), &mut x, &mut y, &mut context).expect("a point");
        let coordinate = |n: &BigNum| B64.encode(n.to_vec_padded(32).expect("32 bytes"));
        vec![
            json!({ "kty": "EC", "crv": "P-256", "use": "enc", "kid": "ec", "x": coordinate(&x), "y": coordinate(&y) }),
            json!({
                "kty": "RSA", "use": "enc", "kid": "rsa",
                "n": B64.encode(self.rsa.n().to_vec()), "e": B64.encode(self.rsa.e().to_vec()),
            }),
        ]
    }

    /// Decrypts a compact JWE (RFC 7516 §5.2): header and content.
    #[track_caller]
    pub fn open(&self, token: &str) -> (Value, String) {
        let parts: Vec<&str> = token.split('.').collect();
        assert_eq!(parts.len(), 5, "not a compact JWE: {token}");
        let bytes = |part: usize| B64.decode(parts[part]).expect("base64url");
        let header: Value = serde_json::from_slice(&bytes(0)).expect("a header");
        assert!(header.get("zip").is_none());
        let (algorithm, content) = (header["alg"].as_str().expect("alg"), header["enc"].as_str().expect("enc"));
        let cipher = if content == "A128GCM" { Cipher::aes_128_gcm() } else { Cipher::aes_256_gcm() };
        let key = match algorithm {
            "RSA-OAEP-256" => self.by_rsa(&bytes(1)),
            "ECDH-ES" => {
                assert!(parts[1].is_empty());
                self.by_ecdh(&header, content, cipher.key_len())
            }
            "ECDH-ES+A256KW" => {
                let wrapping = AesKey::new_decrypt(&self.by_ecdh(&header, algorithm, 32)).expect("a key");
                let mut key = vec![0; cipher.key_len()];
                unwrap_key(&wrapping, None, &mut key, &bytes(1)).expect("the key was wrapped for us");
                key
            }
            other => panic!("{other} was not asked for"),
        };
        let tag = bytes(4);
        assert_eq!(tag.len(), 16);
        let plain = decrypt_aead(cipher, &key, Some(&bytes(2)), parts[0].as_bytes(), &bytes(3), &tag);
        (header, String::from_utf8(plain.expect("it is authentic")).expect("text"))
    }

    fn by_rsa(&self, wrapped: &[u8]) -> Vec<u8> {
        let key = PKey::from_rsa(self.rsa.clone()).expect("a key");
        let mut decrypter = Decrypter::new(&key).expect("a decrypter");
        decrypter.set_rsa_padding(Padding::PKCS1_OAEP).expect("OAEP");
        decrypter.set_rsa_oaep_md(MessageDigest::sha256()).expect("SHA-256");
        decrypter.set_rsa_mgf1_md(MessageDigest::sha256()).expect("SHA-256");
        let mut plain = vec![0; decrypter.decrypt_len(wrapped).expect("a length")];
        let length = decrypter.decrypt(wrapped, &mut plain).expect("it was encrypted for us");
        plain.truncate(length);
        plain
    }

    /// RFC 7518 §4.6.2: the key derived from both sides' keys.
    fn by_ecdh(&self, header: &Value, name: &str, length: usize) -> Vec<u8> {
        let coordinate = |member: &str| {
            let text = header["epk"][member].as_str().expect("an ephemeral key");
            BigNum::from_slice(&B64.decode(text).expect("base64url")).expect("a number")
        };
        let theirs = EcKey::from_public_key_affine_coordinates(&group(), &coordinate("x"), &coordinate("y"));
        let theirs = PKey::from_ec_key(theirs.expect("a point of the curve")).expect("a key");
        let ours = PKey::from_ec_key(self.ec.clone()).expect("a key");
        let mut deriver = Deriver::new(&ours).expect("a deriver");
        deriver.set_peer(&theirs).expect("the same curve");
        let shared = deriver.derive_to_vec().expect("a secret");
        let party = |member: &str| {
            header
                .get(member)
                .and_then(Value::as_str)
                .map(|text| B64.decode(text).expect("base64url"))
                .unwrap_or_default()
        };
        let mut hash = Sha256::new();
        hash.update(1_u32.to_be_bytes());
        hash.update(&shared);
        for part in [name.as_bytes().to_vec(), party("apu"), party("apv")] {
            hash.update(u32::try_from(part.len()).expect("short").to_be_bytes());
            hash.update(&part);
        }
        hash.update(u32::try_from(length * 8).expect("short").to_be_bytes());
        hash.finalize()[..length].to_vec()
    }
}
