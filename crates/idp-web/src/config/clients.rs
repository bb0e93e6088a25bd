//! `[clients]`: what clients may register.

use chrono::TimeDelta;
use idp_core::client::{ClientDraft, ClientKind};
use serde::Deserialize;
use url::Url;

use super::{Findings, location::is_loopback};

/// The policy for every client; each client's own settings live in the database.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clients {
    /// Let clients register http://localhost and loopback addresses for redirection. For development only.
    pub allow_loopback_http_redirects: bool,
    /// Let programs register themselves (RFC 7591) with a token made by `idp client registration-token create`.
    pub registration: bool,
    /// Requests of one program to the API in a minute (docs/api.md); further ones are answered with 429.
    pub api_requests_per_minute: u64,
    /// Days without a sign-in or a token after which a client counts as unused; the console lists such clients, and a nightly letter
    /// tells those who look after them.
    pub unused_after_days: u32,
}

impl Clients {
    /// How long a client is unused before it counts as such.
    pub fn unused_after(&self) -> TimeDelta {
        TimeDelta::days(self.unused_after_days.into())
    }

    /// The address of a draft that this policy keeps from being registered. Native apps listen on loopback by design
    /// (RFC 8252 §7.3).
    pub fn refused<'d>(&self, draft: &'d ClientDraft) -> Option<&'d str> {
        let open = self.allow_loopback_http_redirects || draft.kind == ClientKind::Native;
        let mut uris = draft.redirect_uris.iter().chain(&draft.post_logout_redirect_uris).filter(|_| !open);
        uris.find(|uri| Url::parse(uri).is_ok_and(|url| url.scheme() == "http" && is_loopback(&url)))
            .map(String::as_str)
    }

    pub(super) fn validate(&self, trial: bool, findings: &mut Findings) {
        findings.within("clients.unused_after_days", self.unused_after_days.into(), 1..=3650);
        if self.allow_loopback_http_redirects && !trial {
            findings.refuse(
                "clients.allow_loopback_http_redirects",
                "codes would be sent to whatever listens on a member's own machine",
                "set it to false",
            );
        }
    }
}
