//! The keys in use: next → active → retired, for each algorithm.

use std::collections::HashMap;

use serde::Serialize;

use super::{Algorithm, PublicJwk, SigningKey};

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Published, not used yet, so that every relying party knows it in time.
    Next,
    /// Signs.
    Active,
    /// No longer signs; published until everything it signed has expired.
    Retired,
}

impl KeyState {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }

    /// Reads [`KeyState::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Next, Self::Active, Self::Retired].into_iter().find(|state| state.as_str() == text)
    }
}

/// A key and where it is in its life.
#[derive(Clone, Debug)]
pub struct RingKey {
    /// The key.
    pub key: SigningKey,
    /// Its state.
    pub state: KeyState,
}

/// All published keys, parsed, and the JWKS document made of them.
#[derive(Debug)]
pub struct KeyRing {
    active: HashMap<Algorithm, SigningKey>,
    by_kid: HashMap<String, SigningKey>,
    document: Vec<u8>,
}

impl KeyRing {
    /// Puts keys on a ring. With several active keys of one algorithm, the last one signs.
    pub fn new(keys: impl IntoIterator<Item = RingKey>) -> Self {
        let mut active = HashMap::new();
        let mut by_kid = HashMap::new();
        let mut shown: Vec<PublicJwk> = Vec::new();
        for RingKey { key, state } in keys {
            shown.push(key.public().clone());
            by_kid.insert(key.kid().to_owned(), key.clone());
            if state == KeyState::Active {
                active.insert(key.algorithm(), key);
            }
        }
        let document = serde_json::to_vec(&Jwks { keys: &shown }).expect("strings are always JSON");
        Self { active, by_kid, document }
    }

    /// The key that signs with `algorithm`.
    pub fn signing(&self, algorithm: Algorithm) -> Option<&SigningKey> {
        self.active.get(&algorithm)
    }

    /// The algorithms that a key signs with, as discovery lists them.
    pub fn algorithms(&self) -> Vec<Algorithm> {
        Algorithm::ALL.into_iter().filter(|algorithm| self.active.contains_key(algorithm)).collect()
    }

    /// The published key named `kid`.
    pub fn verifying(&self, kid: &str) -> Option<&SigningKey> {
        self.by_kid.get(kid)
    }

    /// Whether the ring is made of these keys and no others, and the same ones sign: then it need not be made anew.
    pub fn is_made_of<'k>(&self, keys: impl IntoIterator<Item = (&'k str, KeyState)>) -> bool {
        let mut count = 0;
        let same = keys.into_iter().all(|(kid, state)| {
            count += 1;
            self.by_kid.get(kid).is_some_and(|key| {
                let signs = self.active.get(&key.algorithm()).is_some_and(|active| active.kid() == kid);
                signs == (state == KeyState::Active)
            })
        });
        same && count == self.by_kid.len()
    }

    /// The JWKS document (RFC 7517 §5), ready to be sent.
    pub fn document(&self) -> &[u8] {
        &self.document
    }
}

#[derive(Serialize)]
struct Jwks<'a> {
    keys: &'a [PublicJwk],
}
