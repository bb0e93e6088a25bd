//! `[sessions]`: how long a sign-in lasts.

use chrono::TimeDelta;
use idp_core::session::SessionLimits;
use serde::Deserialize;

use super::Findings;

/// The limits of one sign-in. มรด. 1-2:2564 AAL2 wants 12 hours and 30 minutes at most, NIST SP 800-63B-4 24 hours and
/// one hour.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sessions {
    /// Longest time from one sign-in to the next, in hours.
    pub absolute_hours: u64,
    /// Longest time without a request, in minutes.
    pub idle_minutes: u64,
}

impl Sessions {
    /// How long sessions live.
    pub fn limits(&self) -> SessionLimits {
        SessionLimits {
            absolute: TimeDelta::hours(self.absolute_hours.cast_signed()),
            idle: TimeDelta::minutes(self.idle_minutes.cast_signed()),
        }
    }

    pub(super) fn validate(&self, findings: &mut Findings) {
        findings.within("sessions.absolute_hours", self.absolute_hours, 1..=24);
        findings.within("sessions.idle_minutes", self.idle_minutes, 1..=60);
        for (setting, value, most) in
            [("sessions.absolute_hours", self.absolute_hours, 12), ("sessions.idle_minutes", self.idle_minutes, 30)]
        {
            if value > most {
                findings.warn(
                    setting,
                    "longer than the Thai standard มรด. 1-2:2564 allows at AAL2",
                    format!("set it to {most}"),
                );
            }
        }
    }
}
