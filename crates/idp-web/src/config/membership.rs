//! `[membership]`: how long memberships and deletions wait.

use serde::Deserialize;

use super::Findings;

/// Days are calendar days in Asia/Bangkok.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    /// Days a temporary membership lasts; it ends with the last day, in Bangkok.
    pub temporary_days: u32,
    /// Days before the end at which a temporary member is reminded by mail, longest first.
    pub warn_at_days: Vec<u32>,
    /// Days between a member's request to delete the account and its erasure.
    pub erase_after_days: u32,
    /// Days between the end of a temporary membership that was never verified and the account's erasure; 0 keeps it.
    pub erase_unverified_after_days: u32,
    /// Days after an erasure until the citizen number that the account had may be used for a badge again; 0 frees it at once.
    pub number_cooling_days: u32,
}

impl Membership {
    pub(super) fn validate(&self, findings: &mut Findings) {
        findings.within("membership.temporary_days", self.temporary_days.into(), 1..=366);
        let falling = self.warn_at_days.windows(2).all(|pair| pair[0] > pair[1]);
        let inside = self.warn_at_days.iter().all(|days| (1..self.temporary_days).contains(days));
        if !falling || !inside {
            findings.refuse(
                "membership.warn_at_days",
                "the reminders are not in falling order within the membership",
                "write days from longest to shortest, each below membership.temporary_days, as in [14, 3, 1]",
            );
        }
        findings.within("membership.erase_after_days", self.erase_after_days.into(), 0..=90);
        findings.within("membership.number_cooling_days", self.number_cooling_days.into(), 0..=366);
        findings.within("membership.erase_unverified_after_days", self.erase_unverified_after_days.into(), 0..=366);
    }
}
