//! Signing and verifying: the only place that names josekit (`docs/architecture.md`, rule 7).
//!
//! - [`algorithm`](Algorithm): what we sign with.
//! - [`key`](SigningKey): a private key, parsed once and kept; its public half as JWKS shows it.
//! - [`ring`](KeyRing): the keys in use, by algorithm and by `kid`.
//! - [`rotation`](due): when a key is made, signs, retires and goes.
//! - [`jws`](Unverified): compact JWS, made and checked with the algorithm fixed by us.
//! - [`claims`](Audience): claims that many kinds of token share.
//! - [`client_key`](ClientKeys): a client's public keys, read and parsed once.
//! - [`client_jws`](ClientJws): compact JWS that a client signed, checked with its registered keys and nothing else.

mod algorithm;
#[cfg(test)]
mod bombs;
mod claims;
mod client_jws;
mod client_key;
mod jwe;
mod jws;
mod key;
mod ring;
mod rotation;

pub use algorithm::Algorithm;
pub use claims::{Audience, NumericDate};
pub use client_jws::ClientJws;
pub use client_key::{ClientKey, ClientKeys, KeyFault};
pub use jwe::{Content, ContentEncryption, Encryption, KeyManagement};
pub use jws::{JwsError, TokenType, Unverified};
pub use key::{KeyError, PublicJwk, SigningKey};
pub use ring::{KeyRing, KeyState, RingKey};
pub use rotation::{Asked, JWKS_MAX_AGE, KeyLife, KeyStep, RotationPolicy, asked, due};
