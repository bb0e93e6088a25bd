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
    /// Failures for one account, not from a browser it knows, before a form asks for a proof of work.
    pub work_after_failures: u32,
    /// Failures from one origin within an hour, over all accounts, before its forms ask for one.
    pub work_after_origin_failures: u32,
    /// How much is computed: zero bits of a SHA-256 hash. Each more doubles it; 18 take a telephone a second or three.
    pub work_bits: u32,
    /// How long somebody without scripts waits instead, in seconds.
    pub work_wait_seconds: u32,
}

impl Throttle {
    pub(super) fn validate(&self, findings: &mut Findings) {
        findings.within("throttle.free_attempts", self.free_attempts.into(), 1..=20);
        findings.within("throttle.first_delay_seconds", self.first_delay_seconds.into(), 1..=60);
        findings.within("throttle.longest_delay_minutes", self.longest_delay_minutes.into(), 1..=60);
        findings.within("throttle.per_origin_per_minute", self.per_origin_per_minute.into(), 1..=100_000);
        findings.within("throttle.work_after_failures", self.work_after_failures.into(), 1..=1_000_000);
        findings.within("throttle.work_after_origin_failures", self.work_after_origin_failures.into(), 1..=1_000_000);
        findings.within("throttle.work_bits", self.work_bits.into(), 1..=26);
        findings.within("throttle.work_wait_seconds", self.work_wait_seconds.into(), 5..=300);
    }
}
