//! Throttling: failures cost time, and never the owner's way in.

use chrono::TimeDelta;

/// How attempts on one key are slowed down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// So many failures cost nothing.
    pub free: u32,
    /// The first wait; each further failure doubles it.
    pub first_wait: TimeDelta,
    /// The longest wait.
    pub longest_wait: TimeDelta,
    /// After so long without an attempt all is forgotten.
    pub forget_after: TimeDelta,
}

impl Policy {
    /// How long the next attempt must wait after `failures` in a row.
    pub fn wait_after(&self, failures: u32) -> TimeDelta {
        let Some(beyond) = failures.checked_sub(self.free.max(1)) else { return TimeDelta::zero() };
        let factor = 1_i32 << beyond.min(20);
        self.first_wait.checked_mul(factor).map_or(self.longest_wait, |wait| wait.min(self.longest_wait))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let policy = Policy {
            free: 5,
            first_wait: TimeDelta::seconds(30),
            longest_wait: TimeDelta::minutes(15),
            forget_after: TimeDelta::hours(24),
        };
        let waits: Vec<i64> = (0..12).map(|failures| policy.wait_after(failures).num_seconds()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900]);
        assert_eq!(policy.wait_after(u32::MAX).num_seconds(), 900);
    }
}
