//! The protocol's endpoints.
//!
//! Walk A of `docs/flows.md`: [`authorize`] → `account::login` → [`consent`] → [`authorize`] again → [`token`].

pub mod answer;
pub mod authorize;
pub mod bearer;
pub mod claim_words;
pub mod client_keys;
pub mod consent;
pub mod cors;
pub mod device;
pub mod device_authorization;
pub mod discovery;
pub mod dpop;
pub mod events;
pub mod front_channel;
pub mod introspect;
pub mod jwks;
pub mod legacy;
pub mod living;
pub mod logout;
pub mod par;
pub mod pending;
pub mod registration;
pub mod request_object;
pub mod revoke;
pub mod source;
pub mod token;
pub mod userinfo;

pub(crate) use source::trial_over;
