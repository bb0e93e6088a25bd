//! What is wrong with a configuration, in words an operator can act on.

use std::fmt;

/// One thing wrong or weak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Does it forbid to serve?
    pub severity: Severity,
    /// The setting, as in `server.issuer`.
    pub setting: &'static str,
    /// What is wrong with it.
    pub what: String,
    /// What to do about it.
    pub what_to_do: String,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The program serves, and the operator should know.
    Warn,
    /// `idp serve` does not start.
    Refuse,
}

/// The findings so far.
#[derive(Debug, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn refuse(&mut self, setting: &'static str, what: impl Into<String>, what_to_do: impl Into<String>) {
        self.add(Severity::Refuse, setting, what.into(), what_to_do.into());
    }

    pub(super) fn warn(&mut self, setting: &'static str, what: impl Into<String>, what_to_do: impl Into<String>) {
        self.add(Severity::Warn, setting, what.into(), what_to_do.into());
    }

    /// Refuses a number outside `range`.
    pub(super) fn within(&mut self, setting: &'static str, value: u64, range: std::ops::RangeInclusive<u64>) {
        if !range.contains(&value) {
            let (least, most) = (range.start(), range.end());
            let what = format!("{value} is outside {least} to {most}");
            self.refuse(setting, what, format!("choose a number from {least} to {most}"));
        }
    }

    pub(super) fn into_vec(self) -> Vec<Finding> {
        self.0
    }

    fn add(&mut self, severity: Severity, setting: &'static str, what: String, what_to_do: String) {
        self.0.push(Finding { severity, setting, what, what_to_do });
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.severity {
            Severity::Refuse => "refused",
            Severity::Warn => "warning",
        };
        write!(f, "{word}: {}: {}; {}", self.setting, self.what, self.what_to_do)
    }
}
