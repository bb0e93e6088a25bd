//! The dialect of the system before this one: OAuth without scope, state, nonce or PKCE. A service may speak it for a
//! while, when an administrator says so, so that services can be moved one by one.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Answers, Client, ClientKind, RequestPolicy};
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
    /// The old requests are plain addresses: they would pass by what the client demands of its own.
    #[error("the legacy dialect is for clients whose requests need be neither pushed nor signed")]
    Requests,
    /// The old tokens are bearer tokens.
    #[error("the legacy dialect knows bearer tokens alone: not for clients whose tokens are bound to a key")]
    Bound,
}

/// The settings that the dialect depends on, of a client or of what somebody asks for.
#[derive(Clone, Copy, Debug)]
pub struct LegacyTerms<'a> {
    /// The kind of program.
    pub kind: ClientKind,
    /// How it proves who it is.
    pub method: &'a str,
    /// Scopes it may ask for.
    pub scopes: ScopeSet,
    /// What it receives looks like.
    pub answers: &'a Answers,
    /// In which form its requests must come.
    pub requests: &'a RequestPolicy,
    /// `dpop_bound_access_tokens`
    pub bound: bool,
}

impl Legacy {
    /// Judges whether a client with these settings may be allowed the dialect.
    ///
    /// # Errors
    /// [`LegacyError`].
    pub fn allow(until: DateTime<Utc>, terms: &LegacyTerms<'_>) -> Result<Self, LegacyError> {
        if terms.kind != ClientKind::Web || terms.method != "client_secret_post" {
            return Err(LegacyError::Method);
        }
        if !terms.scopes.contains(Scope::Membership) {
            return Err(LegacyError::Scope);
        }
        if terms.answers.userinfo_algorithm.is_some() || terms.answers.userinfo_encryption.is_some() {
            return Err(LegacyError::Answers);
        }
        if terms.requests.pushed || terms.requests.signed {
            return Err(LegacyError::Requests);
        }
        if terms.bound {
            return Err(LegacyError::Bound);
        }
        Ok(Self { until })
    }
}

impl Client {
    /// What the dialect would have to bear.
    pub fn legacy_terms(&self) -> LegacyTerms<'_> {
        LegacyTerms {
            kind: self.kind,
            method: self.authentication.method(),
            scopes: self.scopes,
            answers: &self.answers,
            requests: &self.requests,
            bound: self.dpop_bound_access_tokens,
        }
    }

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
    fn only_confidential_clients_that_learn_of_the_badge_in_plain_words() {
        let until = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let (plain, free) = (Answers::default(), RequestPolicy::default());
        let sound = LegacyTerms {
            kind: ClientKind::Web,
            method: "client_secret_post",
            scopes: ScopeSet::parse("openid membership"),
            answers: &plain,
            requests: &free,
            bound: false,
        };
        let check =
            |terms: LegacyTerms<'_>, expected| assert_eq!(Legacy::allow(until, &terms).err(), expected, "{terms:?}");
        check(sound, None);
        check(LegacyTerms { scopes: ScopeSet::parse("openid"), ..sound }, Some(LegacyError::Scope));
        check(LegacyTerms { method: "client_secret_basic", ..sound }, Some(LegacyError::Method));
        check(LegacyTerms { kind: ClientKind::SinglePage, method: "none", ..sound }, Some(LegacyError::Method));
        let signed = Answers { userinfo_algorithm: Some(Algorithm::ES256), ..Answers::default() };
        check(LegacyTerms { answers: &signed, ..sound }, Some(LegacyError::Answers));
        for requests in [RequestPolicy { pushed: true, ..free.clone() }, RequestPolicy { signed: true, ..free.clone() }]
        {
            check(LegacyTerms { requests: &requests, ..sound }, Some(LegacyError::Requests));
        }
        check(LegacyTerms { bound: true, ..sound }, Some(LegacyError::Bound));
    }
}
