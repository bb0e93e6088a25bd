//! `[keys]`: where the secrets lie; none of them is a setting.

use std::path::PathBuf;

use serde::Deserialize;

use super::{Findings, KeyFile, KeyFileError, KeyFileFor};

/// The key file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// The key file, made by `idp keys create`: mode 0600, backed up apart from the database. Nothing is readable without it.
    pub file: PathBuf,
}

impl Keys {
    /// Reads the key file; the demonstration's is refused elsewhere.
    pub fn read(&self, demo: bool) -> Result<KeyFile, KeyFileError> {
        KeyFile::read(&self.file, if demo { KeyFileFor::Demo } else { KeyFileFor::Production })
    }

    pub(super) fn validate(&self, demo: bool, findings: &mut Findings) {
        if let Err(error) = self.read(demo) {
            findings.refuse("keys.file", error.to_string(), error.what_to_do(&self.file));
        }
    }
}
