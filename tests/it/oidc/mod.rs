//! The protocol spine, in the order of a sign-in.

mod discovery;
mod jwks;

mod authorize;
mod consent;
mod membership;

mod client_authentication;
mod code;
mod pkce;
mod refresh;
mod registration;
mod rotation;
mod token;

mod citizen_id;
mod claims;
mod forged;
mod userinfo;

mod cors;
mod legacy;

mod backchannel;
mod frontchannel;
mod logout;
mod session;

mod nodes;
mod races;
mod survey;

mod sign_in;
