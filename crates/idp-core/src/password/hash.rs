//! Argon2id: the hash of a password, its parameters, and how one is checked.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::chance::Chance;

/// The cost of a hash. Never below 19 MiB, two passes, one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashCost {
    memory_kib: u32,
    passes: u32,
}

impl HashCost {
    /// The least that is accepted, and the default.
    pub const LEAST: Self = Self { memory_kib: 19_456, passes: 2 };

    /// A cost of at least [`HashCost::LEAST`]; `None` below it or where Argon2 has no such setting.
    pub fn new(memory_kib: u32, passes: u32) -> Option<Self> {
        let enough = memory_kib >= Self::LEAST.memory_kib && passes >= Self::LEAST.passes && memory_kib <= 1 << 20;
        (enough && passes <= 16).then_some(Self { memory_kib, passes })
    }

    fn argon2(self) -> Argon2<'static> {
        let params = Params::new(self.memory_kib, self.passes, 1, Some(32)).expect("checked when the cost was made");
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }

    /// Working memory for one hash at this cost, to be used again and again: a fresh block for each hash costs a
    /// quarter more time and, under load, a great deal of memory.
    pub fn memory(self) -> HashMemory {
        HashMemory(vec![argon2::Block::default(); self.argon2().params().block_count()])
    }
}

/// Working memory of one hash at a time.
pub struct HashMemory(Vec<argon2::Block>);

/// The hash of a password, in the usual text form (`$argon2id$v=19$m=…`).
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Hashes `password` under a fresh salt of 128 bits.
    pub fn make(password: &str, cost: HashCost, memory: &mut HashMemory, chance: &dyn Chance) -> Self {
        let mut salt = [0; 16];
        chance.fill(&mut salt);
        let hash = run(password, &salt, cost, memory);
        Self(format!(
            "$argon2id$v=19$m={},t={},p=1${}${}",
            cost.memory_kib,
            cost.passes,
            STANDARD_NO_PAD.encode(salt),
            STANDARD_NO_PAD.encode(*hash)
        ))
    }

    /// A hash that no password has, for spending the same time on an address that nobody has.
    pub fn of_nobody(cost: HashCost) -> Self {
        let blank = |length| STANDARD_NO_PAD.encode(vec![0u8; length]);
        Self(format!("$argon2id$v=19$m={},t={},p=1${}${}", cost.memory_kib, cost.passes, blank(16), blank(32)))
    }

    /// Takes a stored hash; `None` when it is not one of ours.
    pub fn stored(text: &str) -> Option<Self> {
        let hash = Self(text.to_owned());
        hash.parts().is_some().then_some(hash)
    }

    /// The text form, for storage.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The cost it was made at; verifying needs memory of this cost.
    pub fn cost(&self) -> HashCost {
        self.parts().map_or(HashCost::LEAST, |(cost, ..)| cost)
    }

    /// Whether `password` is the one. `memory` is replaced when the hash was made at another cost.
    pub fn is_of(&self, password: &str, memory: &mut HashMemory) -> bool {
        let Some((cost, salt, hash)) = self.parts() else { return false };
        if memory.0.len() != cost.argon2().params().block_count() {
            *memory = cost.memory();
        }
        run(password, &salt, cost, memory).ct_eq(&hash).into()
    }

    fn parts(&self) -> Option<(HashCost, Vec<u8>, Vec<u8>)> {
        let mut parts = self.0.strip_prefix("$argon2id$v=19$")?.split('$');
        let mut settings = parts.next()?.split(',');
        let memory_kib = settings.next()?.strip_prefix("m=")?.parse().ok()?;
        let passes = settings.next()?.strip_prefix("t=")?.parse().ok()?;
        let one_lane = settings.next()? == "p=1";
        let salt = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
        let hash = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
        let cost = HashCost::new(memory_kib, passes)?;
        (one_lane && hash.len() == 32 && salt.len() == 16 && parts.next().is_none()).then_some((cost, salt, hash))
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

fn run(password: &str, salt: &[u8], cost: HashCost, memory: &mut HashMemory) -> Zeroizing<[u8; 32]> {
    // The same password typed on two systems may differ in composition; its NFC form does not (NIST 800-63B §3.1.1.2).
    let password: Zeroizing<String> = Zeroizing::new(password.nfc().collect());
    let mut hash = Zeroizing::new([0; 32]);
    cost.argon2()
        .hash_password_into_with_memory(password.as_bytes(), salt, &mut *hash, &mut memory.0)
        .expect("salt, length and memory are those of the cost");
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;
    impl Chance for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(3);
        }
    }

    #[test]
    fn a_password_is_known_by_its_hash_whatever_its_composition() {
        let mut memory = HashCost::LEAST.memory();
        let hash = PasswordHash::make("เรือใบสีฟ้าลอยน้ำ caf\u{e9}", HashCost::LEAST, &mut memory, &Fixed);
        let hash = PasswordHash::stored(hash.as_str()).unwrap();
        assert!(hash.is_of("เรือใบสีฟ้าลอยน้ำ cafe\u{301}", &mut memory));
        assert!(!hash.is_of("เรือใบสีฟ้าลอยน้ำ cafe", &mut memory));
        assert!(!PasswordHash::of_nobody(HashCost::LEAST).is_of("", &mut memory));
        assert_eq!(format!("{hash:?}"), "PasswordHash(…)");
    }

    #[test]
    fn every_byte_of_a_long_password_matters() {
        let mut memory = HashCost::LEAST.memory();
        let long = "a".repeat(127);
        let hash = PasswordHash::make(&format!("{long}b"), HashCost::LEAST, &mut memory, &Fixed);
        assert!(!hash.is_of(&format!("{long}c"), &mut memory));
    }

    #[test]
    fn a_cheaper_hash_is_not_taken() {
        assert!(HashCost::new(19_455, 2).is_none());
        assert!(HashCost::new(19_456, 1).is_none());
        assert!(PasswordHash::stored("$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA").is_none());
        assert!(PasswordHash::stored("$argon2i$v=19$m=19456,t=2,p=1$AA$AA").is_none());
    }
}
