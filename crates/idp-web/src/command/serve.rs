//! `idp serve`

use super::{Configured, Failure, outside, stop_signal};
use crate::config::Severity;
use crate::{log, run};

pub(super) async fn run(configured: &Configured) -> Result<(), Failure> {
    let config = configured.load()?;
    let findings = config.check();
    let unsafe_ones: Vec<String> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Refuse)
        .map(|finding| format!("{}: {}; {}", finding.setting, finding.what, finding.what_to_do))
        .collect();
    if !unsafe_ones.is_empty() {
        return Err(Failure::refused(format!(
            "these settings are not safe to serve with:\n  {}",
            unsafe_ones.join("\n  ")
        )));
    }
    log::init(&config.log)?;
    for finding in findings {
        tracing::warn!(setting = finding.setting, "{}; {}", finding.what, finding.what_to_do);
    }
    // The port first: of two programs started by mistake only one touches the database.
    let listener = run::listen(config.server.listen).await?;
    let stop = stop_signal();
    let app = run::build(config, outside()).await?;
    tracing::info!("serving {} on {}", app.issuer(), app.config.server.listen);
    run::serve(app, listener, stop).await?;
    Ok(())
}
