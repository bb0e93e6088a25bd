//! What a service receives: ID token, access token, userinfo, and the `sub` in all of them.

mod access_token;
mod id_token;
mod lifetime;
mod logout_token;
mod subject;
mod userinfo;

pub use access_token::AccessClaims;
pub use id_token::{IdClaims, IdTokenHint, half_hash};
pub use lifetime::{Lifetimes, expiry};
pub use logout_token::{LOGOUT_TOKEN_LIFETIME, LogoutClaims};
pub use subject::subject;
pub use userinfo::{MembershipClaims, userinfo};
