//! The log: one line per event on standard error, as JSON or as text.

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{Log, LogFormat};

/// The log could not be started.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// `log.level` is not a filter, as in `info` or `info,idp_web=debug`.
    #[error(
        "log.level: “{level}” is not a level (error, warn, info, debug, trace) or a list such as info,idp_web=debug"
    )]
    Level {
        /// What the setting says.
        level: String,
    },
    /// Another log is installed already in this process.
    #[error("the log was already started in this process")]
    AlreadyStarted,
}

/// Starts the log for the whole process; called once, first thing, by the program and never by a test.
pub fn init(settings: &Log) -> Result<(), LogError> {
    let filter = filter(&settings.level)?;
    // A full disk under the log must not end the program: by default the layer answers a failed write with `eprintln!`,
    // which panics when standard error itself is what cannot be written.
    let lines = fmt::layer().with_writer(std::io::stderr).log_internal_errors(false);
    let registry = tracing_subscriber::registry().with(filter);
    match settings.format {
        LogFormat::Json => {
            registry.with(lines.json().flatten_event(true).with_current_span(true).with_span_list(false)).try_init()
        }
        LogFormat::Text => registry.with(lines.with_ansi(false)).try_init(),
    }
    .map_err(|_| LogError::AlreadyStarted)
}

/// The filter that `log.level` describes; `idp check` asks for it too.
pub(crate) fn filter(level: &str) -> Result<EnvFilter, LogError> {
    if level.trim().is_empty() {
        return Err(LogError::Level { level: level.to_owned() });
    }
    EnvFilter::try_new(level).map_err(|_| LogError::Level { level: level.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_a_word_or_a_list_of_parts() {
        for good in ["info", "warn", "info,idp_web=debug", "off"] {
            assert!(filter(good).is_ok(), "{good}");
        }
        for bad in ["", "  ", "loud,idp_web=very", "idp_web=loud"] {
            assert!(filter(bad).is_err(), "{bad}");
        }
    }
}
