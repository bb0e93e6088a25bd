//! The protocol's endpoints.
//!
//! Walk A of `docs/flows.md`: [`authorize`] → `account::login` → [`consent`] → [`authorize`] again → [`token`].

pub mod authorize;
pub mod client_keys;
pub mod consent;
pub mod cors;
pub mod discovery;
pub mod front_channel;
pub mod jwks;
pub mod legacy;
pub mod logout;
pub mod pending;
pub mod registration;
pub mod token;
pub mod userinfo;
