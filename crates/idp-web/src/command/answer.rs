//! How a command ends: its exit code, and why, in a line for people or as a problem object for programs.

use std::fmt::Display;
use std::io::Write as _;
use std::process::ExitCode;

use idp_store::StoreError;
use serde_json::{Value, json};

use crate::config::ConfigError;
use crate::demo::run::DemoError;
use crate::keys::KeysError;
use crate::log::LogError;
use crate::roles::RoleRefused;
use crate::run::StartError;

/// How a command ended that did not do what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// A rule, a setting, or how things stand.
    Refused,
    /// The command line itself.
    Usage,
    /// What was named is not there.
    NotFound,
    /// Database, file, port or network.
    Unavailable,
    /// `--dry-run` found something to change.
    Difference,
    /// The audit log is not as it was sealed.
    BrokenChain,
}

impl Exit {
    /// Every ending but the good one, in the order of the codes.
    pub const ALL: [Self; 6] =
        [Self::Refused, Self::Usage, Self::NotFound, Self::Unavailable, Self::Difference, Self::BrokenChain];

    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Refused => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::Unavailable => 4,
            Self::Difference => 5,
            Self::BrokenChain => 6,
        }
    }

    /// The word in a problem object.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Usage => "usage",
            Self::NotFound => "not-found",
            Self::Unavailable => "unavailable",
            Self::Difference => "difference",
            Self::BrokenChain => "broken-chain",
        }
    }

    /// What it means, in the words of `idp --help`.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Refused => "refused by a rule, a setting, or how things stand: nothing was changed",
            Self::Usage => "the command line is wrong: see --help",
            Self::NotFound => "there is no such thing",
            Self::Unavailable => "the database, a file, a port or the network is not to be had: try again",
            Self::Difference => "--dry-run found something that would be changed",
            Self::BrokenChain => "the audit log is not as it was sealed",
        }
    }
}

/// The table of codes at the foot of `idp --help`.
pub(super) fn exit_codes() -> String {
    let line = |exit: Exit| format!("\n  {}  {}", exit.code(), exit.meaning());
    let others: String = Exit::ALL.into_iter().map(line).collect();
    format!(
        "Exit codes:\n  0  done{others}\n\nWith --json a command writes one JSON document to standard output and nothing else, and a \
         problem object to\nstandard error when it ends otherwise; docs/command-line.md tells what is in them."
    )
}

/// A command that did not do what it was asked for, and why.
pub(super) struct Failure {
    exit: Exit,
    why: String,
}

impl Failure {
    fn of(exit: Exit, why: impl Into<String>) -> Self {
        Self { exit, why: why.into() }
    }

    /// A rule, a setting, or how things stand.
    pub(super) fn refused(why: impl Into<String>) -> Self {
        Self::of(Exit::Refused, why)
    }

    /// The command line itself.
    pub(super) fn usage(why: impl Into<String>) -> Self {
        Self::of(Exit::Usage, why)
    }

    /// What was named is not there.
    pub(super) fn missing(why: impl Into<String>) -> Self {
        Self::of(Exit::NotFound, why)
    }

    /// Database, file, port or network.
    pub(super) fn unavailable(why: impl Into<String>) -> Self {
        Self::of(Exit::Unavailable, why)
    }

    /// `--dry-run` found something to change.
    pub(super) fn difference(why: impl Into<String>) -> Self {
        Self::of(Exit::Difference, why)
    }

    /// The audit log is not as it was sealed.
    pub(super) fn broken(why: impl Into<String>) -> Self {
        Self::of(Exit::BrokenChain, why)
    }

    /// Writes why to standard error, and gives the code.
    pub(super) fn end(&self, json: bool) -> ExitCode {
        let text = match json {
            true => self.problem().to_string(),
            false => format!("idp: {}", self.why),
        };
        let _ = writeln!(std::io::stderr(), "{text}");
        ExitCode::from(self.exit.code())
    }

    /// As RFC 9457 has it, on one line.
    fn problem(&self) -> Value {
        json!({
            "type": format!("idp:{}", self.exit.as_str()),
            "title": self.exit.meaning(),
            "detail": self.why,
            "exit_code": self.exit.code(),
        })
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::unavailable(error.to_string())
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Setting { .. } => Self::refused(error.to_string()),
            other => Self::unavailable(other.to_string()),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::refused(error.to_string())
    }
}

impl From<RoleRefused> for Failure {
    fn from(error: RoleRefused) -> Self {
        match error {
            RoleRefused::Store(error) => error.into(),
            other => Self::refused(other.to_string()),
        }
    }
}

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Self {
        Self::unavailable(error.to_string())
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        Self::refused(error.to_string())
    }
}

impl From<KeysError> for Failure {
    fn from(error: KeysError) -> Self {
        Self::unavailable(error.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::unavailable(error.to_string())
    }
}

/// Writes to standard output; a reader that went away is nobody's fault.
pub(super) fn say(text: impl Display) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// The one document of a command with `--json`.
pub(super) fn print(value: &impl serde::Serialize) {
    say(serde_json::to_string_pretty(value).expect("what is printed are names, numbers and text"));
}
