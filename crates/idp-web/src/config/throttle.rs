//! `[throttle]`: sign-in limits. They delay, and never lock the owner out of a known device.

use serde::Deserialize;

use super::Findings;

/// How answers slow down after wrong passwords.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Throttle {
    /// Wrong passwords for one account, or from one browser it knows, before answers slow down.
    pub free_attempts: u32,
    /// First delay after those, in seconds; it doubles with each further wrong password.
    pub first_delay_seconds: u32,
    /// Longest delay, in minutes.
    pub longest_delay_minutes: u32,
    /// Forms sent per origin and minute, over all accounts; many homes share one address.
    pub per_origin_per_minute: u32,
}

impl Throttle {
    pub(super) fn validate(&self, findings: &mut Findings) {
        findings.within("throttle.free_attempts", self.free_attempts.into(), 1..=20);
        findings.within("throttle.first_delay_seconds", self.first_delay_seconds.into(), 1..=60);
        findings.within("throttle.longest_delay_minutes", self.longest_delay_minutes.into(), 1..=60);
        findings.within("throttle.per_origin_per_minute", self.per_origin_per_minute.into(), 1..=100_000);
    }
}
