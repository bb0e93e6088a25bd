//! What a service receives: ID token, access token, userinfo, and the `sub` in all of them.

mod access_token;
mod event_token;
mod id_token;
mod lifetime;
mod logout_token;
mod requested;
mod subject;
mod userinfo;
mod verified;

pub use access_token::{AccessClaims, AnyAccessClaims, MachineClaims};
pub use event_token::EventClaims;
pub use id_token::{IdClaims, IdTokenHint, half_hash};
pub use lifetime::{Lifetimes, expiry};
pub use logout_token::{LOGOUT_TOKEN_LIFETIME, LogoutClaims};
pub use requested::{ClaimsLocale, RequestedClaims};
pub use subject::subject;
pub use userinfo::{MembershipClaims, Source, member_claims, userinfo};
pub use verified::{
    CHECK_METHODS, CLAIMS as VERIFIABLE, EVIDENCE, EvidenceRequest, RECORD, TRUST_FRAMEWORK, VerifiedRequest,
    assurance_level, verified_claims,
};
