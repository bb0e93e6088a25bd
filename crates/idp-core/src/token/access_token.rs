//! Access tokens (RFC 9068): they name their grant, so that they can be asked after.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::grant::Grant;
use crate::id::{ClientId, GrantId};
use crate::scope::ScopeSet;

/// The claims of an access token. Every one is required: a token that lacks one, or has it in another type, is refused.
#[derive(Debug, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The issuer.
    pub iss: String,
    /// The member, as the client sees them.
    pub sub: String,
    /// The resource: this provider's own userinfo.
    pub aud: String,
    /// To whom it was given.
    pub client_id: ClientId,
    /// Seconds since 1970.
    pub iat: i64,
    /// Seconds since 1970.
    pub exp: i64,
    /// Unique.
    pub jti: String,
    /// What was granted.
    pub scope: ScopeSet,
    /// The grant it came from.
    pub grant: GrantId,
    /// The rotation of the grant's refresh tokens under which it was made.
    pub generation: u32,
}

impl AccessClaims {
    /// Claims for a token of `grant`.
    pub fn new(
        grant: &Grant,
        issuer: &str,
        sub: &str,
        jti: String,
        now: DateTime<Utc>,
        expires: DateTime<Utc>,
    ) -> Self {
        Self {
            iss: issuer.to_owned(),
            sub: sub.to_owned(),
            aud: issuer.to_owned(),
            client_id: grant.client_id.clone(),
            iat: now.timestamp(),
            exp: expires.timestamp(),
            jti,
            scope: grant.scopes,
            grant: grant.id,
            generation: grant.refresh.as_ref().map_or(0, |family| family.generation),
        }
    }

    /// Whether the token is for this provider and not over at `now`. Who asks must still look after the grant.
    pub fn is_current(&self, issuer: &str, now: DateTime<Utc>) -> bool {
        self.iss == issuer && self.aud == issuer && now.timestamp() < self.exp
    }
}
