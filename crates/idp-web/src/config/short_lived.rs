//! `[short_lived]`: the store for what costs a person one repeated step when lost.

use serde::Deserialize;

use super::{Findings, Location};

/// Memory on one node, Redis (or Valkey) on several.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShortLived {
    /// Where pages under way, rates and short caches live: "memory" on one node, redis://host or rediss://host on several.
    pub url: Location,
    /// Most entries held in memory. When full, new sign-ins are refused for a while, nothing is dropped.
    pub max_entries: usize,
    /// Most bytes held in memory.
    pub max_bytes: usize,
}

impl ShortLived {
    /// Is it this process's own memory?
    pub fn is_memory(&self) -> bool {
        self.url.expose() == "memory"
    }

    pub(super) fn validate(&self, findings: &mut Findings) {
        const SETTING: &str = "short_lived.url";
        match self.url.scheme() {
            _ if self.is_memory() => {}
            "redis" if !self.url.is_local() => findings.warn(
                SETTING,
                "requests under way cross the network unencrypted",
                "use rediss://, unless that network is private to the nodes",
            ),
            "redis" | "rediss" | "unix" | "redis+unix" => {}
            other => findings.refuse(
                SETTING,
                format!("no store is called “{other}”"),
                "write memory, redis://host:6379 or rediss://host:6379",
            ),
        }
        findings.within("short_lived.max_entries", self.max_entries as u64, 1_000..=100_000_000);
        findings.within("short_lived.max_bytes", self.max_bytes as u64, 1_048_576..=1_099_511_627_776);
    }
}
