//! `idp check`

use super::{Configured, Failure, print, say};
use crate::config::Severity;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    configured: Configured,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let findings = arguments.configured.load()?.check();
    let refused = findings.iter().filter(|finding| finding.severity == Severity::Refuse).count();
    if arguments.json {
        let rows: Vec<_> = findings
            .iter()
            .map(|finding| {
                serde_json::json!({
                    "setting": finding.setting,
                    "severity": if finding.severity == Severity::Refuse { "refused" } else { "warning" },
                    "what": finding.what,
                    "what_to_do": finding.what_to_do,
                })
            })
            .collect();
        print(&rows);
    } else {
        for finding in &findings {
            let word = if finding.severity == Severity::Refuse { "refused" } else { "warning" };
            say(format!("{word}: {}: {}\n  {}", finding.setting, finding.what, finding.what_to_do));
        }
        if findings.is_empty() {
            say("the settings are sound");
        }
    }
    match refused {
        0 => Ok(()),
        count => Err(Failure::refused(format!("{count} of these settings keep `idp serve` from starting"))),
    }
}
