//! `[tokens]`: lives of codes and tokens.

use serde::Deserialize;

use super::Findings;

/// Lives of what services receive; none outlives the membership.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    /// Life of an authorization code, in seconds; at most 60.
    pub code_seconds: u32,
    /// Life of an access token, in seconds.
    pub access_seconds: u32,
    /// Life of an ID token, in seconds.
    pub id_seconds: u32,
    /// Longest time between two uses of a refresh token, in hours.
    pub refresh_idle_hours: u32,
    /// Longest life of a family of refresh tokens, in hours. Session, membership or consent may end it sooner.
    pub refresh_absolute_hours: u32,
}

impl Tokens {
    pub(super) fn validate(&self, findings: &mut Findings) {
        findings.within("tokens.code_seconds", self.code_seconds.into(), 10..=60);
        findings.within("tokens.access_seconds", self.access_seconds.into(), 60..=3600);
        findings.within("tokens.id_seconds", self.id_seconds.into(), 60..=3600);
        findings.within("tokens.refresh_absolute_hours", self.refresh_absolute_hours.into(), 1..=8784);
        findings.within(
            "tokens.refresh_idle_hours",
            self.refresh_idle_hours.into(),
            1..=self.refresh_absolute_hours.into(),
        );
    }
}
