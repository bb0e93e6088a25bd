//! What lies sealed in SQL, and how it is found again: keys derived from the master secrets of the key file.

use std::fmt;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::chance::Chance;
use crate::thai::NationalId;

/// What a sealed value is for. Each purpose has a key of its own, and a value cannot be moved to another place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The 13-digit number of a permanent member.
    NationalNumber,
    /// A private signing key.
    SigningKey,
    /// A mail waiting in the outbox: it may hold a code.
    Mail,
    /// What a member's second factor rests on.
    SecondFactor,
    /// What a sign-in at ThaID was begun with.
    Upstream,
    /// A place in a list, in the URL of its next page.
    Cursor,
    /// What an official has under way in the console: a trial of a client, a form that waits for a proof.
    Console,
    /// What a program was answered, kept for when it asks again: it may hold a secret.
    Answer,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::NationalNumber => "national-number",
            Self::SigningKey => "signing-key",
            Self::Mail => "mail",
            Self::SecondFactor => "second-factor",
            Self::Upstream => "upstream",
            Self::Cursor => "cursor",
            Self::Console => "console",
            Self::Answer => "answer",
        }
    }
}

/// A sealed value cannot be opened: the master secret is missing from the key file, or the value was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The key file lacks the master secret that sealed this.
    #[error("the key file has no master secret `{0}`, which sealed this value")]
    UnknownKey(String),
    /// Cut, moved or changed.
    #[error("a sealed value was changed or belongs elsewhere")]
    Broken,
}

/// One master secret.
pub struct MasterSecret {
    /// Its name in the key file: 1 to 16 letters and digits.
    pub id: String,
    /// 256 random bits.
    pub bytes: Zeroizing<[u8; 32]>,
}

/// The keys derived from the master secrets. The first secret seals and indexes, all of them open and find.
pub struct Vault {
    masters: Vec<MasterSecret>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl Vault {
    /// A vault on at least one master secret; `None` without any.
    pub fn new(masters: Vec<MasterSecret>) -> Option<Self> {
        (!masters.is_empty()).then_some(Self { masters })
    }

    /// Seals `plain` with AES-256-GCM. `place` (table, row) is bound to the value, so that a sealed value copied to another
    /// row does not open there. The form is `id length, id, nonce, ciphertext and tag`.
    pub fn seal(&self, purpose: Purpose, place: &str, plain: &[u8], chance: &dyn Chance) -> Vec<u8> {
        let master = &self.masters[0];
        let cipher = Aes256Gcm::new(&(*derive(master, "seal", purpose.as_str())).into());
        let mut nonce = [0; 12];
        chance.fill(&mut nonce);
        let sealed = cipher
            .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: place.as_bytes() })
            .expect("AES-GCM takes any value of less than 64 GB");
        let mut whole = Vec::with_capacity(1 + master.id.len() + nonce.len() + sealed.len());
        whole.push(u8::try_from(master.id.len()).expect("the id of a master secret is short"));
        whole.extend_from_slice(master.id.as_bytes());
        whole.extend_from_slice(&nonce);
        whole.extend_from_slice(&sealed);
        whole
    }

    /// Opens what [`Vault::seal`] made.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn open(&self, purpose: Purpose, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (&length, rest) = sealed.split_first().ok_or(SealError::Broken)?;
        let (id, rest) = rest.split_at_checked(usize::from(length)).ok_or(SealError::Broken)?;
        let (nonce, sealed) = rest.split_first_chunk::<12>().ok_or(SealError::Broken)?;
        let id = std::str::from_utf8(id).map_err(|_| SealError::Broken)?;
        let master = self.masters.iter().find(|m| m.id == id).ok_or_else(|| SealError::UnknownKey(id.to_owned()))?;
        let cipher = Aes256Gcm::new(&(*derive(master, "seal", purpose.as_str())).into());
        let plain = cipher
            .decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: place.as_bytes() })
            .map_err(|_| SealError::Broken)?;
        Ok(Zeroizing::new(plain))
    }

    /// The blind index under which a number is stored: HMAC-SHA-256 under a key of its own.
    pub fn number_index(&self, number: &NationalId) -> [u8; 32] {
        index(&self.masters[0], number)
    }

    /// Every index under which a number may be found, the current one first.
    pub fn number_indexes(&self, number: &NationalId) -> Vec<[u8; 32]> {
        self.masters.iter().map(|master| index(master, number)).collect()
    }

    /// A key for values that only this provider makes and checks, such as form tokens.
    pub fn derived_key(&self, what: &str) -> Zeroizing<[u8; 32]> {
        derive(&self.masters[0], "mac", what)
    }
}

fn index(master: &MasterSecret, number: &NationalId) -> [u8; 32] {
    mac(&derive(master, "index", "national-number"), &[number.digits().as_bytes()])
}

/// HMAC-SHA-256 over the parts, each preceded by its length so that no two lists of parts collide.
pub fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn derive(master: &MasterSecret, kind: &str, what: &str) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(b"moc-account"), &*master.bytes)
        .expand_multi_info(&[kind.as_bytes(), b"/", what.as_bytes()], &mut *key)
        .expect("32 bytes are a length that HKDF gives");
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;
    impl Chance for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    fn vault(ids: &[(&str, u8)]) -> Vault {
        let masters =
            ids.iter().map(|(id, byte)| MasterSecret { id: (*id).to_owned(), bytes: Zeroizing::new([*byte; 32]) });
        Vault::new(masters.collect()).unwrap()
    }

    #[test]
    fn a_sealed_value_opens_only_in_its_place_and_for_its_purpose() {
        let vault = vault(&[("k1", 1)]);
        let sealed = vault.seal(Purpose::Mail, "mail/1", b"secret", &Fixed);
        assert_eq!(&**vault.open(Purpose::Mail, "mail/1", &sealed).unwrap(), b"secret");
        assert_eq!(vault.open(Purpose::Mail, "mail/2", &sealed), Err(SealError::Broken));
        assert_eq!(vault.open(Purpose::SigningKey, "mail/1", &sealed), Err(SealError::Broken));
        for cut in 0..sealed.len() {
            assert!(vault.open(Purpose::Mail, "mail/1", &sealed[..cut]).is_err());
        }
    }

    #[test]
    fn an_old_master_secret_still_opens_and_a_missing_one_is_named() {
        let old = vault(&[("k1", 1)]).seal(Purpose::Mail, "m", b"x", &Fixed);
        assert!(vault(&[("k2", 2), ("k1", 1)]).open(Purpose::Mail, "m", &old).is_ok());
        assert_eq!(vault(&[("k2", 2)]).open(Purpose::Mail, "m", &old), Err(SealError::UnknownKey("k1".into())));
        assert_eq!(vault(&[("k1", 9)]).open(Purpose::Mail, "m", &old), Err(SealError::Broken));
    }
}
