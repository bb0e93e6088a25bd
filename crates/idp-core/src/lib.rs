//! MOC Account decides here: accounts and membership, clients, the authorization request, grants, tokens, keys and the
//! values of Thai identity. Nothing in this crate waits, reads a clock, draws randomness, logs or stores.
//!
//! Reading order: [`thai`], [`account`], [`client`], [`authorize`], [`grant`], [`token`], [`jose`].

pub mod account;
pub mod admin;
pub mod audit;
pub mod authorization_header;
pub mod authorize;
pub mod chance;
pub mod claim;
pub mod client;
pub mod cursor;
pub mod discovery;
pub mod dpop;
pub mod email;
pub mod figures;
pub mod grant;
pub mod id;
pub mod jose;
pub mod json;
pub mod mail;
pub mod passkey;
pub mod password;
pub mod phone;
pub mod privacy;
pub mod reason;
pub mod resource;
pub mod scope;
pub mod seal;
pub mod secret;
pub mod session;
pub mod thai;
pub mod throttle;
pub mod token;
pub mod work;
