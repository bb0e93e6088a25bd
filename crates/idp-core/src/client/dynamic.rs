//! Clients that register themselves (RFC 7591): what an administrator allows them, and what is kept about it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::{Host, Url};
use uuid::Uuid;

use super::{Bilingual, ClientDraft, ClientKind, PkcePolicy};
use crate::scope::{Scope, ScopeSet};
use crate::secret::Digest;
use crate::session::Acr;

/// What whoever holds an initial access token may register. What members read about the service beyond its name comes
/// from here, not from the one who registers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationPolicy {
    /// The hosts that redirect URIs may have, written exactly. Loopback addresses of native apps need none.
    pub redirect_hosts: Vec<String>,
    /// The scopes it may ask for; others are left out.
    pub scopes: ScopeSet,
    /// The level that every sign-in to it must reach at least, whatever it asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least_acr: Option<Acr>,
    /// The kinds of program.
    pub kinds: Vec<ClientKind>,
    /// The department that answers for it.
    pub owner: Bilingual,
    /// What the data are asked for.
    pub purpose: Bilingual,
    /// Whether those with a secret or keys must use PKCE; those without always do.
    #[serde(default)]
    pub pkce: PkcePolicy,
    /// Whether assertions for the token endpoint's URL are taken from them.
    #[serde(default)]
    pub assertion_to_token_endpoint: bool,
}

/// An initial access token (RFC 7591 §3) as it is kept.
#[derive(Clone, Debug)]
pub struct RegistrationToken {
    /// Its name.
    pub id: Uuid,
    /// The digest of its secret.
    pub digest: Digest,
    /// What it allows.
    pub policy: RegistrationPolicy,
    /// How many registrations are left.
    pub uses_left: u32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// When it was withdrawn, if it was.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl RegistrationToken {
    /// Whether a client may be registered with it at `now`. The write asks again.
    pub fn is_good(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.uses_left > 0 && now < self.expires_at
    }
}

/// What a client that registered itself is managed with (RFC 7592).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelfManagement {
    /// The digest of its registration access token.
    #[serde(with = "super::authentication::digest_text")]
    pub access: Digest,
    /// What it may change itself to.
    pub policy: RegistrationPolicy,
}

impl SelfManagement {
    /// The same after an administrator has set the client to `scopes` and `least_acr`: their word is what it is held to
    /// from now on.
    #[must_use]
    pub fn held_to(mut self, scopes: ScopeSet, least_acr: Option<Acr>) -> Self {
        self.policy.scopes = scopes;
        self.policy.least_acr = least_acr;
        self
    }
}

/// Why a policy refuses a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A redirect URI on a host that is not allowed.
    #[error("a redirect URI is on a host that the initial access token does not allow")]
    RedirectHost,
    /// A kind of program that is not allowed.
    #[error("the initial access token does not allow this kind of client")]
    Kind,
    /// None of the scopes asked for is allowed, or `openid` is not.
    #[error("the initial access token does not allow the scope openid")]
    Scope,
}

impl RegistrationPolicy {
    /// An empty draft under this policy: its scopes, owner and purpose.
    pub fn begin(&self, mut draft: ClientDraft) -> ClientDraft {
        draft.owner = self.owner.clone();
        draft.purpose = self.purpose.clone();
        draft.scopes = self.scopes;
        draft.assertion_to_token_endpoint = self.assertion_to_token_endpoint;
        draft
    }

    /// Holds a draft to the policy: cuts its scopes, refuses what cannot be cut.
    ///
    /// # Errors
    /// [`PolicyError`].
    pub fn hold(&self, draft: &mut ClientDraft) -> Result<(), PolicyError> {
        if !self.kinds.contains(&draft.kind) {
            return Err(PolicyError::Kind);
        }
        // What the kind of program is has been read meanwhile.
        draft.pkce = if draft.kind == ClientKind::Web { self.pkce } else { PkcePolicy::Required };
        draft.scopes = draft.scopes.intersect(self.scopes);
        draft.least_acr = draft.least_acr.max(self.least_acr);
        if !draft.scopes.contains(Scope::OpenId) {
            return Err(PolicyError::Scope);
        }
        let uris = draft.redirect_uris.iter().chain(&draft.post_logout_redirect_uris);
        if uris.map(String::as_str).all(|uri| self.allows(uri, draft.kind)) {
            Ok(())
        } else {
            Err(PolicyError::RedirectHost)
        }
    }

    /// Whether a redirect URI is on an allowed host. One that is no URI at all is refused elsewhere, with its own reason.
    fn allows(&self, uri: &str, kind: ClientKind) -> bool {
        let Ok(url) = Url::parse(uri) else { return true };
        let native = kind == ClientKind::Native;
        match url.host() {
            Some(Host::Ipv4(address)) if native && address.is_loopback() => true,
            Some(Host::Ipv6(address)) if native && address.is_loopback() => true,
            Some(_) => url.host_str().is_some_and(|host| self.redirect_hosts.iter().any(|allowed| allowed == host)),
            // A private-use scheme is a reversed domain: th.example.app is example.th's.
            None => native && self.redirect_hosts.iter().any(|allowed| is_below(url.scheme(), allowed)),
        }
    }
}

fn is_below(scheme: &str, host: &str) -> bool {
    let reversed: Vec<&str> = host.rsplit('.').collect();
    let reversed = reversed.join(".");
    scheme == reversed || scheme.strip_prefix(&reversed).is_some_and(|rest| rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ClientId;

    fn policy() -> RegistrationPolicy {
        let both = |text: &str| Bilingual { th: text.to_owned(), en: text.to_owned() };
        RegistrationPolicy {
            redirect_hosts: vec!["rp.example".to_owned()],
            scopes: ScopeSet::parse("openid profile"),
            least_acr: None,
            kinds: vec![ClientKind::Web, ClientKind::Native],
            owner: both("owner"),
            purpose: both("purpose"),
            pkce: PkcePolicy::Required,
            assertion_to_token_endpoint: false,
        }
    }

    #[track_caller]
    fn check(kind: ClientKind, scope: &str, uri: &str, expected: Result<&str, PolicyError>) {
        let mut draft = ClientDraft {
            kind,
            scopes: ScopeSet::parse(scope),
            redirect_uris: vec![uri.to_owned()],
            ..ClientDraft::new(ClientId::parse("rp").unwrap())
        };
        let held = policy().hold(&mut draft).map(|()| draft.scopes.to_string());
        assert_eq!(held.as_deref().map_err(|error| *error), expected, "{uri}");
    }

    #[test]
    fn a_draft_is_held_to_its_policy() {
        use ClientKind::{Native, SinglePage, Web};
        use PolicyError::{Kind, RedirectHost, Scope};
        check(Web, "openid profile email", "https://rp.example/cb", Ok("openid profile"));
        check(Web, "openid", "https://rp.example:8443/cb", Ok("openid"));
        check(Web, "profile", "https://rp.example/cb", Err(Scope));
        check(SinglePage, "openid", "https://rp.example/cb", Err(Kind));
        for uri in [
            "https://sub.rp.example/cb",
            "https://rp.example.evil.example/cb",
            "https://rp.example@evil.example/cb",
            "https://evil.example/rp.example",
            "http://127.0.0.1/cb",
            "example.rp:/cb",
        ] {
            check(Web, "openid", uri, Err(RedirectHost));
        }
        check(Native, "openid", "http://127.0.0.1/cb", Ok("openid"));
        check(Native, "openid", "http://[::1]/cb", Ok("openid"));
        check(Native, "openid", "example.rp:/cb", Ok("openid"));
        check(Native, "openid", "example.rp.app:/cb", Ok("openid"));
        check(Native, "openid", "example.rpx:/cb", Err(RedirectHost));
    }
}
