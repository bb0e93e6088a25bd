//! Access tokens (RFC 9068): a member's name their grant, so that they can be asked after; a machine's name nobody else.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::dpop::{Confirmation, Thumbprint};
use crate::grant::Grant;
use crate::id::{ClientId, GrantId};
use crate::jose::Audience;
use crate::resource::TokenScope;

/// The claims of a member's access token. Every one but `cnf` is required: a token that lacks one, or has it in another
/// type, is refused.
#[derive(Debug, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The issuer.
    pub iss: String,
    /// The member, as the client sees them.
    pub sub: String,
    /// For whom: the issuer stands for userinfo.
    pub aud: Audience,
    /// To whom it was given.
    pub client_id: ClientId,
    /// Seconds since 1970.
    pub iat: i64,
    /// Seconds since 1970.
    pub exp: i64,
    /// Unique.
    pub jti: String,
    /// What was granted.
    pub scope: TokenScope,
    /// The grant it came from.
    pub grant: GrantId,
    /// The rotation of the grant's refresh tokens under which it was made.
    pub generation: u32,
    /// The key it is bound to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
}

impl AccessClaims {
    /// Claims for a token of `grant`, good for userinfo.
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
            aud: Audience::One(issuer.to_owned()),
            client_id: grant.client_id.clone(),
            iat: now.timestamp(),
            exp: expires.timestamp(),
            jti,
            scope: grant.scopes.into(),
            grant: grant.id,
            generation: grant.refresh.as_ref().map_or(0, |family| family.generation),
            cnf: None,
        }
    }

    /// The same for others than userinfo, with what means something to them, and for the holder of a key.
    #[must_use]
    pub fn meant_for(self, aud: Audience, scope: TokenScope, key: Option<&Thumbprint>) -> Self {
        Self { aud, scope, cnf: key.map(|key| Confirmation { jkt: key.clone() }), ..self }
    }

    /// Whether the token is for userinfo and not over at `now`. Who asks must still look after the grant.
    pub fn is_current(&self, issuer: &str, now: DateTime<Utc>) -> bool {
        self.iss == issuer && self.aud.contains(issuer) && now.timestamp() < self.exp
    }
}

/// The claims of a machine's access token (RFC 9068 §2.2, RFC 6749 §4.4): it acts as itself, at one resource.
#[derive(Debug, Serialize, Deserialize)]
pub struct MachineClaims {
    /// The issuer.
    pub iss: String,
    /// The client: never what a member's `sub` looks like.
    pub sub: ClientId,
    /// The resource.
    pub aud: String,
    /// The client.
    pub client_id: ClientId,
    /// Seconds since 1970.
    pub iat: i64,
    /// Seconds since 1970.
    pub exp: i64,
    /// Unique.
    pub jti: String,
    /// The resource's own scopes.
    pub scope: String,
    /// The key it is bound to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
}

/// An access token of ours, whoever it is about.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum AnyAccessClaims {
    /// A member's.
    Member(AccessClaims),
    /// A machine's.
    Machine(MachineClaims),
}
