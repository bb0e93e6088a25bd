//! What is weak about a client's settings: each has a name, so that whoever chooses it does so knowingly.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Client, ClientAuthentication, PkcePolicy, RedirectUri, SubjectType};
use crate::jose::Algorithm;
use crate::scope::Scope;

/// A secret older than this should be replaced.
pub const SECRET_AGE: TimeDelta = TimeDelta::days(365);

/// Something weak about a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Weakness {
    /// It may do without PKCE.
    PkceOptional,
    /// Services can match their members by `sub`.
    PublicSubject,
    /// It speaks the dialect of the system before this one: no state, no PKCE.
    Legacy,
    /// A redirect URI is plain http, to a machine of whoever runs it.
    HttpRedirect,
    /// Its secret travels in the body of requests, where logs see it.
    SecretInBody,
    /// Its secret is older than [`SECRET_AGE`].
    OldSecret,
    /// RS256 where ES256 would do: for old libraries.
    Rs256,
    /// Its assertions may name the token endpoint.
    TokenEndpointAudience,
    /// It is not told when a session is over.
    NotToldOfSignOut,
    /// It receives the 13-digit number.
    CitizenId,
}

impl Weakness {
    /// Every weakness.
    pub const ALL: [Self; 10] = [
        Self::PkceOptional,
        Self::PublicSubject,
        Self::Legacy,
        Self::HttpRedirect,
        Self::SecretInBody,
        Self::OldSecret,
        Self::Rs256,
        Self::TokenEndpointAudience,
        Self::NotToldOfSignOut,
        Self::CitizenId,
    ];

    /// Its stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PkceOptional => "pkce_optional",
            Self::PublicSubject => "public_subject",
            Self::Legacy => "legacy",
            Self::HttpRedirect => "http_redirect",
            Self::SecretInBody => "secret_in_body",
            Self::OldSecret => "old_secret",
            Self::Rs256 => "rs256",
            Self::TokenEndpointAudience => "token_endpoint_audience",
            Self::NotToldOfSignOut => "not_told_of_sign_out",
            Self::CitizenId => "citizen_id",
        }
    }

    /// Whether somebody should do something about it; the others are worth knowing.
    pub fn is_serious(self) -> bool {
        !matches!(self, Self::Rs256 | Self::NotToldOfSignOut | Self::CitizenId | Self::SecretInBody)
    }
}

impl Client {
    /// What is weak about it at `now`.
    pub fn weaknesses(&self, now: DateTime<Utc>) -> Vec<Weakness> {
        let serves_members = !self.redirect_uris.is_empty();
        let old = |made: DateTime<Utc>| now - made > SECRET_AGE;
        let is = |weakness| match weakness {
            Weakness::PkceOptional => self.pkce != PkcePolicy::Required,
            Weakness::PublicSubject => self.subject == SubjectType::Public,
            Weakness::Legacy => self.legacy.is_some_and(|legacy| now < legacy.until),
            Weakness::HttpRedirect => {
                // A native app listens on its own machine by design (RFC 8252 §7.3).
                let plain = |uri: &RedirectUri| uri.as_str().starts_with("http:");
                self.kind != super::ClientKind::Native && self.redirect_uris.iter().any(plain)
            }
            Weakness::SecretInBody => matches!(self.authentication, ClientAuthentication::ClientSecretPost { .. }),
            Weakness::OldSecret => {
                let mut current = self.authentication.secrets().iter().filter(|secret| secret.expires_at.is_none());
                current.any(|secret| old(secret.created_at))
            }
            Weakness::Rs256 => serves_members && self.id_token_algorithm == Algorithm::RS256,
            Weakness::TokenEndpointAudience => self.authentication.accepts_token_endpoint(),
            Weakness::NotToldOfSignOut => {
                serves_members && self.kind == super::ClientKind::Web && self.logout.back.is_none()
            }
            Weakness::CitizenId => self.scopes.contains(Scope::CitizenId),
        };
        Weakness::ALL.into_iter().filter(|weakness| is(*weakness)).collect()
    }
}
