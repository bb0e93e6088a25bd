//! The protocol spine, in the order of a sign-in.

mod discovery;
mod jwks;

mod authorize;
mod consent;
mod membership;

mod client_authentication;
pub(crate) mod client_credentials;
mod code;
mod device;
mod dpop;
mod event_doors;
mod events;
mod introspection;
mod logo;
mod pkce;
mod private_key_jwt;
mod refresh;
pub(crate) mod registration;
mod revocation;
mod rotation;
mod token;

mod certification;
mod citizen_id;
mod claims;
mod forged;
mod token_forms;
mod userinfo;
mod verified_claims;

mod cors;
mod legacy;

mod backchannel;
mod frontchannel;
mod logout;
mod session;

mod bad_input;
mod bombs;
mod nodes;
mod promises;
mod races;
mod ssrf;
mod strangers;
mod survey;

mod sign_in;
