//! `[clients]`: what clients may register.

use serde::Deserialize;

use super::Findings;

/// The policy for every client; each client's own settings live in the database.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clients {
    /// Let clients register http://localhost and loopback addresses for redirection. For development only.
    pub allow_loopback_http_redirects: bool,
}

impl Clients {
    pub(super) fn validate(&self, trial: bool, findings: &mut Findings) {
        if self.allow_loopback_http_redirects && !trial {
            findings.refuse(
                "clients.allow_loopback_http_redirects",
                "codes would be sent to whatever listens on a member's own machine",
                "set it to false",
            );
        }
    }
}
