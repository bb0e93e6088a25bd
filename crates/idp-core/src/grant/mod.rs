//! A grant: what one authorization gave. A code first, then tokens, then a family of refresh tokens; revoked as one.

mod code;
mod device;
mod pkce;
mod refresh;

pub use code::{CODE_LIFETIME, Exchange, ExchangeRefusal, judge_exchange, verifies};
pub use device::{DEVICE_LIFETIME, DeviceRequest, DeviceState, POLL_SECONDS, Poll, UserCode, device_digest};
pub use pkce::{Challenge, PkceError, Verifier};
pub use refresh::{RefreshFamily, RefreshRefusal, RefreshToken, RefreshVerdict};

use chrono::{DateTime, Utc};

use crate::dpop::Thumbprint;
use crate::id::{AccountId, ClientId, GrantId, SessionId};
use crate::resource::ResourceSet;
use crate::scope::ScopeSet;
use crate::secret::Digest;
use crate::session::{Acr, AuthenticationMethod};
use crate::token::RequestedClaims;

/// What one authorization gave to one client.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Its identifier; access tokens name it.
    pub id: GrantId,
    /// To whom.
    pub client_id: ClientId,
    /// By whom.
    pub account_id: AccountId,
    /// The session it lives and dies with.
    pub session_id: SessionId,
    /// The `sid` told to the client.
    pub sid: SessionId,
    /// Digest of the code.
    pub code: Digest,
    /// The redirect URI the code was sent to.
    pub redirect_uri: String,
    /// The S256 challenge, when there was one.
    pub challenge: Option<Challenge>,
    /// The request's `nonce`.
    pub nonce: Option<String>,
    /// What was granted.
    pub scopes: ScopeSet,
    /// Claims granted by name beside the scopes.
    pub claims: Option<Box<RequestedClaims>>,
    /// How the member had authenticated.
    pub methods: Vec<AuthenticationMethod>,
    /// The level that made.
    pub acr: Acr,
    /// When the member had authenticated (`auth_time`).
    pub authenticated_at: DateTime<Utc>,
    /// When the code was issued.
    pub issued_at: DateTime<Utc>,
    /// The resources its tokens are for, besides userinfo, and their scopes (RFC 8707).
    pub resources: ResourceSet,
    /// The key that it is bound to (RFC 9449 §5, §10): the code where the request named one, and the refresh tokens of a
    /// public client that proved to hold it.
    pub bound_to: Option<Thumbprint>,
    /// Where it is in its life.
    pub state: GrantState,
    /// The refresh tokens, once the code was redeemed by a client that gets them.
    pub refresh: Option<RefreshFamily>,
}

/// Where a grant is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantState {
    /// The code waits to be redeemed.
    Issued,
    /// The code was redeemed.
    Redeemed {
        /// When.
        at: DateTime<Utc>,
    },
    /// Nothing that came of it works any more.
    Revoked {
        /// When.
        at: DateTime<Utc>,
    },
}

impl GrantState {
    /// Whether tokens of the grant may be accepted.
    pub fn gives_tokens(self) -> bool {
        matches!(self, Self::Redeemed { .. })
    }
}
