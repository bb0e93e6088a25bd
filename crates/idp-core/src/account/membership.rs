//! Temporary for sixty days, or permanent with a badge.

use chrono::{DateTime, Utc};

use super::Badge;
use crate::thai::time::{days_left, end_of_day_after};

/// A member's membership.
#[derive(Clone, Debug, PartialEq)]
pub enum Membership {
    /// Usable at once, until `expires_at`.
    Temporary {
        /// The last millisecond of the last day, in Asia/Bangkok.
        expires_at: DateTime<Utc>,
    },
    /// Never expires; carries the badge.
    Permanent {
        /// When the member became permanent.
        since: DateTime<Utc>,
        /// The proof.
        badge: Badge,
    },
}

/// A membership as it stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MembershipState {
    /// In its sixty days.
    Temporary {
        /// Whole days left, today not counted.
        days_left: u32,
        /// The last moment.
        until: DateTime<Utc>,
    },
    /// The sixty days are over.
    Ended {
        /// Since when.
        since: DateTime<Utc>,
    },
    /// Never ends.
    Permanent,
}

impl Membership {
    /// A fresh temporary membership of `days` days, to the end of the last day in Asia/Bangkok.
    pub fn temporary(now: DateTime<Utc>, days: u32) -> Self {
        Self::Temporary { expires_at: end_of_day_after(now, days) }
    }

    /// The membership at `now`.
    pub fn state(&self, now: DateTime<Utc>) -> MembershipState {
        match self {
            Self::Permanent { .. } => MembershipState::Permanent,
            Self::Temporary { expires_at } if now > *expires_at => MembershipState::Ended { since: *expires_at },
            Self::Temporary { expires_at } => {
                MembershipState::Temporary { days_left: days_left(now, *expires_at), until: *expires_at }
            }
        }
    }

    /// The `membership` claim.
    pub fn claim(&self) -> &'static str {
        match self {
            Self::Temporary { .. } => "temporary",
            Self::Permanent { .. } => "permanent",
        }
    }
}
