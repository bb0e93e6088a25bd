//! `[egress]`: requests of ours to addresses that clients name.

use std::path::PathBuf;

use ipnet::IpNet;
use serde::Deserialize;

use super::Findings;
use super::server::networks;

/// Where a request may go that a client's registration causes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Egress {
    /// Ask servers on this machine too, also by plain http. For development only.
    pub allow_loopback: bool,
    /// Private networks in which clients' servers may be asked, as in "10.20.0.0/16"; all others are refused.
    #[serde(deserialize_with = "networks")]
    pub allowed_networks: Vec<IpNet>,
    /// Time for one whole request to a client's server, in seconds.
    pub timeout_seconds: u64,
    /// File with a further root certificate to trust, in PEM; empty: those of the system alone.
    pub trust_root_file: PathBuf,
}

impl Egress {
    pub(super) fn validate(&self, trial: bool, findings: &mut Findings) {
        findings.within("egress.timeout_seconds", self.timeout_seconds, 1..=5);
        if self.allow_loopback && !trial {
            findings.refuse(
                "egress.allow_loopback",
                "whoever registers a client could reach what listens on this machine alone",
                "set it to false",
            );
        }
        if self.allowed_networks.iter().any(|network| network.prefix_len() == 0) {
            findings.refuse(
                "egress.allowed_networks",
                "every private network could be reached by whoever registers a client",
                "list the networks of the services",
            );
        }
    }
}
