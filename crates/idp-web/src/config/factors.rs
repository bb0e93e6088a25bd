//! `[factors]`: second factors.

use serde::Deserialize;

use super::Findings;

/// How a lost second factor is recovered.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Factors {
    /// Waiting time before a lost second factor may be removed, in hours; its owner can object meanwhile.
    pub recovery_wait_hours: u32,
}

impl Factors {
    pub(super) fn validate(&self, findings: &mut Findings) {
        findings.within("factors.recovery_wait_hours", self.recovery_wait_hours.into(), 24..=720);
    }
}
