//! A second factor that was lost, with every recovery code: proven by the mailbox, and for whoever verified their identity by
//! verifying it again; then a waiting time in which the owner can object; and then the factors go.
//!
//! ```text
//! mail_proven ── waiting ── done
//!      └────────────┴────── cancelled
//! ```
//!
//! The password stands before every step. Cancelled means: a second factor was proven after all, somebody objected by a
//! letter, or the account was stopped.

use chrono::{DateTime, TimeDelta, Utc};

/// For so long a proven mailbox counts towards the next step.
pub const LOST_FACTOR_PROOF_LIFETIME: TimeDelta = TimeDelta::minutes(30);

/// For so long after the waiting time the factors may be removed; who comes later begins again.
pub const LOST_FACTOR_REMOVAL_LIFETIME: TimeDelta = TimeDelta::days(7);

/// How far a request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostFactorStage {
    /// The mailbox was proven.
    MailProven {
        /// When.
        at: DateTime<Utc>,
    },
    /// Everything was proven; the owner may object.
    Waiting {
        /// Until when nothing happens.
        until: DateTime<Utc>,
    },
    /// The factors were removed.
    Done,
    /// It was called off.
    Cancelled,
}

/// What somebody who has just proven the password may do next; nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostFactorStep {
    /// Prove the mailbox by a code.
    ProveMailbox,
    /// Verify their identity again, with the account's own number.
    ProveIdentity,
    /// Begin to wait: everything was proven.
    Begin,
    /// Come back.
    Wait {
        /// When.
        until: DateTime<Utc>,
    },
    /// Remove the factors.
    Remove,
}

impl LostFactorStep {
    /// The step after `stage`, `None` where nothing was asked for; `verified` says whether the account's identity was
    /// verified, and so has to be again.
    pub fn after(stage: Option<LostFactorStage>, verified: bool, now: DateTime<Utc>) -> Self {
        match stage {
            Some(LostFactorStage::MailProven { at }) if now < at + LOST_FACTOR_PROOF_LIFETIME => match verified {
                true => Self::ProveIdentity,
                false => Self::Begin,
            },
            Some(LostFactorStage::Waiting { until }) if now < until => Self::Wait { until },
            Some(LostFactorStage::Waiting { until }) if now < until + LOST_FACTOR_REMOVAL_LIFETIME => Self::Remove,
            _ => Self::ProveMailbox,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_step_comes_before_its_time_or_without_the_one_before() {
        use LostFactorStage::{Cancelled, Done, MailProven, Waiting};
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(100);
        let tick = TimeDelta::milliseconds(1);
        let (minutes, hour) = (LOST_FACTOR_PROOF_LIFETIME, TimeDelta::hours(1));
        let check = |stage, verified, expected| {
            assert_eq!(LostFactorStep::after(stage, verified, now), expected, "{stage:?} {verified}");
        };
        for verified in [false, true] {
            for stage in [None, Some(Done), Some(Cancelled), Some(MailProven { at: now - minutes })] {
                check(stage, verified, LostFactorStep::ProveMailbox);
            }
            check(Some(Waiting { until: now + tick }), verified, LostFactorStep::Wait { until: now + tick });
            check(Some(Waiting { until: now + hour }), verified, LostFactorStep::Wait { until: now + hour });
            check(Some(Waiting { until: now }), verified, LostFactorStep::Remove);
            let last = now - LOST_FACTOR_REMOVAL_LIFETIME;
            check(Some(Waiting { until: last + tick }), verified, LostFactorStep::Remove);
            check(Some(Waiting { until: last }), verified, LostFactorStep::ProveMailbox);
        }
        let proven = Some(MailProven { at: now - minutes + tick });
        check(proven, false, LostFactorStep::Begin);
        check(proven, true, LostFactorStep::ProveIdentity);
    }
}
