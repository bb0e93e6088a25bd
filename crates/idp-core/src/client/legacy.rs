//! The dialect of the system before this one: OAuth without scope, state, nonce or PKCE. A service may speak it for a
//! while, when an administrator says so, so that services can be moved one by one.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Answers, Client, ClientKind};
use crate::scope::{Scope, ScopeSet};

/// What a service sends to the authorization endpoint of the dialect; nothing else of its request counts.
pub const LEGACY_AUTHORIZE: [&str; 4] = ["response_type", "client_id", "redirect_uri", "state"];
/// Likewise to its token endpoint.
pub const LEGACY_ACCESS_TOKEN: [&str; 5] = ["grant_type", "client_id", "client_secret", "code", "redirect_uri"];

/// That a client may speak the dialect, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Legacy {
    /// The first moment at which it may no longer.
    pub until: DateTime<Utc>,
}

/// Whether a client may speak the dialect now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegacyUse {
    /// It may.
    Allowed,
    /// Nobody ever said so.
    NotFlagged,
    /// It might, until a moment that has passed.
    Over,
}

/// Why a client cannot be allowed the dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LegacyError {
    /// It proves itself by a secret in the body, and in no other way.
    #[error("the legacy dialect is for web clients with client_secret_post alone")]
    Method,
    /// `IsVerify` says whether the member carries the badge.
    #[error("the legacy dialect needs the scope membership: without it nobody would know who is verified")]
    Scope,
    /// The old answers are JSON: nobody who speaks the dialect reads a signed or encrypted one.
    #[error("the legacy dialect is for clients whose userinfo is plain JSON, neither signed nor encrypted")]
    Answers,
}

impl Legacy {
    /// Judges whether a client with these settings may be allowed the dialect.
    ///
    /// # Errors
    /// [`LegacyError`].
    pub fn allow(
        until: DateTime<Utc>,
        kind: ClientKind,
        method: &str,
        scopes: ScopeSet,
        answers: &Answers,
    ) -> Result<Self, LegacyError> {
        if kind != ClientKind::Web || method != "client_secret_post" {
            return Err(LegacyError::Method);
        }
        if !scopes.contains(Scope::Membership) {
            return Err(LegacyError::Scope);
        }
        if answers.userinfo_algorithm.is_some() || answers.userinfo_encryption.is_some() {
            return Err(LegacyError::Answers);
        }
        Ok(Self { until })
    }
}

impl Client {
    /// Whether this client may speak the old dialect at `now`.
    pub fn legacy_use(&self, now: DateTime<Utc>) -> LegacyUse {
        match self.legacy {
            None => LegacyUse::NotFlagged,
            Some(legacy) if legacy.until <= now => LegacyUse::Over,
            Some(_) => LegacyUse::Allowed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::Algorithm;

    #[test]
    fn only_confidential_clients_that_learn_of_the_badge() {
        let until = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let plain = Answers::default();
        let check =
            |kind, method: &str, scope: &str| Legacy::allow(until, kind, method, ScopeSet::parse(scope), &plain).err();
        assert_eq!(check(ClientKind::Web, "client_secret_post", "openid membership"), None);
        assert_eq!(check(ClientKind::Web, "client_secret_post", "openid"), Some(LegacyError::Scope));
        assert_eq!(check(ClientKind::Web, "client_secret_basic", "openid membership"), Some(LegacyError::Method));
        assert_eq!(check(ClientKind::SinglePage, "none", "openid membership"), Some(LegacyError::Method));
        let signed = Answers { userinfo_algorithm: Some(Algorithm::ES256), ..plain };
        let scopes = ScopeSet::parse("openid membership");
        let refused = Legacy::allow(until, ClientKind::Web, "client_secret_post", scopes, &signed).err();
        assert_eq!(refused, Some(LegacyError::Answers));
    }
}
