//! `[contact]`: whom members turn to.

use serde::Deserialize;

use super::Findings;

/// Shown on pages, in mails and in the privacy notice.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Telephone number shown to members who need help.
    pub phone: String,
    /// How to reach the data protection officer, shown in the privacy notice; empty: the telephone number.
    pub data_protection_officer: String,
}

impl Contact {
    pub(super) fn validate(&self, findings: &mut Findings) {
        if self.phone.trim().is_empty() {
            findings.refuse(
                "contact.phone",
                "members with a problem would have nobody to turn to",
                "set a telephone number",
            );
        }
    }
}
