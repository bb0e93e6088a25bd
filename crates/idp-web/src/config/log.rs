//! `[log]`: form and level of the log.

use serde::Deserialize;

use super::Findings;

/// The log on standard error.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// One event per line as "json", or as "text" for reading.
    pub format: LogFormat,
    /// Least level written (error, warn, info, debug, trace), or a list such as "info,idp_web=debug".
    pub level: String,
}

/// The two forms of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For machines.
    Json,
    /// For people.
    Text,
}

impl Log {
    pub(super) fn validate(&self, findings: &mut Findings) {
        if let Err(error) = crate::log::filter(&self.level) {
            findings.refuse("log.level", error.to_string(), "set it to info");
        }
    }
}
