//! `[passwords]`: the price of one hash, and how many may be computed or wait.

use serde::Deserialize;

use super::Findings;

/// Argon2id, at or above OWASP's minimum (19 MiB, two passes, one lane).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passwords {
    /// Memory of one Argon2id hash, in KiB; at least 19456.
    pub memory_kib: u32,
    /// Passes of one Argon2id hash; at least 2.
    pub iterations: u32,
    /// Hashes computed at once; 0 is one less than the processors, at least one.
    pub threads: usize,
    /// Sign-ins that may wait for a hash; further ones are answered with 503 and Retry-After.
    pub queue: usize,
    /// Longest time a sign-in waits for its hash, in seconds.
    pub deadline_seconds: u64,
}

impl Passwords {
    /// How many hashes to compute at once on a machine with so many processors; the rest keeps a share of them.
    pub fn threads_on(&self, processors: usize) -> usize {
        match self.threads {
            0 => processors.saturating_sub(1).max(1),
            chosen => chosen,
        }
    }

    pub(super) fn validate(&self, findings: &mut Findings) {
        findings.within("passwords.memory_kib", self.memory_kib.into(), 19_456..=1_048_576);
        findings.within("passwords.iterations", self.iterations.into(), 2..=20);
        findings.within("passwords.threads", self.threads as u64, 0..=256);
        findings.within("passwords.queue", self.queue as u64, 1..=10_000);
        findings.within("passwords.deadline_seconds", self.deadline_seconds, 1..=15);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn hashing_leaves_a_processor_to_the_rest() {
        let mut passwords = crate::config::Config::defaults().passwords;
        for (processors, threads) in [(0, 1), (1, 1), (2, 1), (8, 7)] {
            assert_eq!(passwords.threads_on(processors), threads);
        }
        passwords.threads = 3;
        assert_eq!(passwords.threads_on(2), 3);
    }
}
