//! `[keys]`: where the secrets lie (none of them is a setting), and when signing keys change.

use std::path::PathBuf;

use serde::Deserialize;

use super::{Findings, KeyFile, KeyFileError, KeyFileFor};

/// The key file, and the life of signing keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// The key file, made by `idp keys create`: mode 0600, backed up apart from the database. Nothing is readable without it.
    pub file: PathBuf,
    /// Days a signing key is used before the next one takes over by itself; 0: only by `idp keys rotate`.
    pub rotate_every_days: u32,
    /// Hours a signing key is published before it signs, so that every service knows it by then.
    pub publish_ahead_hours: u32,
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
        findings.within("keys.rotate_every_days", self.rotate_every_days.into(), 0..=3650);
        // At least an hour: caches may hold the published keys for some minutes, and many hold them longer than told.
        findings.within("keys.publish_ahead_hours", self.publish_ahead_hours.into(), 1..=720);
        if self.rotate_every_days > 0 && self.rotate_every_days.saturating_mul(24) < self.publish_ahead_hours {
            findings.refuse(
                "keys.publish_ahead_hours",
                "longer than keys.rotate_every_days: keys would change later than that setting says",
                "make it shorter; 24 hours is the default",
            );
        }
    }
}
