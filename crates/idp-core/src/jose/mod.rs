//! Signing and verifying: the only place that names josekit (`docs/architecture.md`, rule 7).
//!
//! - [`algorithm`](Algorithm): what we sign with.
//! - [`key`](SigningKey): a private key, parsed once and kept; its public half as JWKS shows it.
//! - [`ring`](KeyRing): the keys in use, by algorithm and by `kid`.
//! - [`rotation`](due): when a key is made, signs, retires and goes.
//! - [`jws`](Unverified): compact JWS, made and checked with the algorithm fixed by us.

mod algorithm;
mod jws;
mod key;
mod ring;
mod rotation;

pub use algorithm::Algorithm;
pub use jws::{JwsError, TokenType, Unverified};
pub use key::{KeyError, PublicJwk, SigningKey};
pub use ring::{KeyRing, KeyState, RingKey};
pub use rotation::{Asked, JWKS_MAX_AGE, KeyLife, KeyStep, RotationPolicy, asked, due};
