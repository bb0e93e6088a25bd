//! The key file: the secrets from which every other key is derived. It is all that the database alone does not give.
//!
//! ```toml
//! purpose = "production"
//! active = "k1"               # the master secret for what is written from now on
//!
//! [[master]]                  # older ones stay, for what they wrote
//! id = "k1"
//! secret = "…"                # 32 bytes in base64
//! ```

use std::collections::HashSet;
use std::fmt;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::private_file::{PrivateFileError, read_private};

/// Fewer different bytes than this among 32 are not chance (it happens once in about 10¹⁸ files) but a placeholder.
const FEWEST_DIFFERENT_BYTES: usize = 14;

/// The parsed key file. Purposes take keys from it by HKDF; none uses a master secret itself.
pub struct KeyFile {
    /// The active one first.
    masters: Vec<MasterSecret>,
}

/// A master secret and its name. Never printed, wiped when dropped.
pub struct MasterSecret {
    id: String,
    secret: Zeroizing<[u8; 32]>,
}

/// Whom a key file is for: a demonstration's never opens a production.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyFileFor {
    /// `idp serve`.
    Production,
    /// `idp demo` and tests.
    Demo,
}

impl KeyFile {
    /// Reads and checks the file, which nobody but its owner may be able to read.
    pub fn read(path: &Path, used_for: KeyFileFor) -> Result<Self, KeyFileError> {
        Self::parse(&read_private(path)?, used_for)
    }

    /// The master secret for what is written from now on.
    pub fn active(&self) -> &MasterSecret {
        &self.masters[0]
    }

    /// The master secret with this name, for what was written under it.
    pub fn find(&self, id: &str) -> Option<&MasterSecret> {
        self.masters.iter().find(|master| master.id == id)
    }

    /// All master secrets, the active one first.
    pub fn masters(&self) -> &[MasterSecret] {
        &self.masters
    }

    fn parse(text: &str, used_for: KeyFileFor) -> Result<Self, KeyFileError> {
        let raw: RawKeyFile = toml::from_str(text).map_err(|error| {
            // The parser's own message quotes the line, which may hold a secret.
            let place = error.span().map_or(0, |span| span.start.min(text.len()));
            KeyFileError::Syntax { line: text.as_bytes()[..place].iter().filter(|byte| **byte == b'\n').count() + 1 }
        })?;
        if raw.purpose == KeyFileFor::Demo && used_for == KeyFileFor::Production {
            return Err(KeyFileError::ForDemo);
        }
        let mut seen = HashSet::new();
        let mut ids = HashSet::new();
        let mut masters = Vec::with_capacity(raw.master.len());
        for RawMaster { id, secret } in raw.master {
            let readable = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
            if id.is_empty() || id.len() > 16 || !id.chars().all(readable) {
                return Err(KeyFileError::BadName);
            }
            let secret = secret_from(&id, secret)?;
            if !ids.insert(id.clone()) {
                return Err(KeyFileError::RepeatedName { id });
            }
            if !seen.insert(*secret) {
                return Err(KeyFileError::RepeatedSecret { id });
            }
            masters.push(MasterSecret { id, secret });
        }
        let active = masters.iter().position(|master| master.id == raw.active).ok_or(KeyFileError::NoActive)?;
        masters[..=active].rotate_right(1);
        Ok(Self { masters })
    }
}

impl MasterSecret {
    /// The name stored beside what was made with it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The 256 bits from which purposes derive their keys.
    pub fn secret(&self) -> &[u8; 32] {
        &self.secret
    }
}

/// Makes a new key file at `path` with mode 0600; one that exists is left alone and is an error.
pub fn create_key_file(
    path: &Path,
    made_for: KeyFileFor,
    random: &mut dyn FnMut(&mut [u8]),
) -> Result<(), std::io::Error> {
    let mut master = Zeroizing::new([0; 32]);
    random(&mut master[..]);
    let purpose = match made_for {
        KeyFileFor::Production => "production",
        KeyFileFor::Demo => "demo",
    };
    let text = Zeroizing::new(format!(
        "# The key file of MOC Account. Keep it secret, and keep a copy apart from the database's: without it no\n\
         # account, key or number in the database can be read again. docs/operating.md tells how to rotate.\n\
         purpose = \"{purpose}\"\nactive = \"k1\"\n\n[[master]]\nid = \"k1\"\nsecret = \"{}\"\n",
        *Zeroizing::new(STANDARD.encode(*master)),
    ));
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a key file would only puzzle the next start; the first error is the one to tell.
        let _ = std::fs::remove_file(path);
    }
    written
}

/// The key file cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// It cannot be read, or others can read it too.
    #[error(transparent)]
    File(#[from] PrivateFileError),
    /// It is not a key file, or a part is missing.
    #[error("line {line} of the key file is not as expected")]
    Syntax {
        /// Counted from 1.
        line: usize,
    },
    /// It was made by the demonstration.
    #[error("the key file was made for the demonstration")]
    ForDemo,
    /// A master secret's name is empty, long or has other characters than a-z and 0-9.
    #[error("a master secret in the key file has no name of 1 to 16 letters a-z and digits")]
    BadName,
    /// Two master secrets have one name.
    #[error("the name “{id}” stands twice in the key file")]
    RepeatedName {
        /// The name.
        id: String,
    },
    /// Two secrets are equal.
    #[error("the secret “{id}” in the key file is a copy of another")]
    RepeatedSecret {
        /// The name of the second.
        id: String,
    },
    /// A secret is not 32 bytes in base64.
    #[error("the secret “{id}” in the key file is not 32 bytes in base64")]
    BadSecret {
        /// The name.
        id: String,
    },
    /// A secret was typed, not made by chance.
    #[error("the secret “{id}” in the key file is a placeholder, not chance")]
    Placeholder {
        /// The name.
        id: String,
    },
    /// `active` names none of the master secrets.
    #[error("“active” in the key file names none of its master secrets")]
    NoActive,
}

impl KeyFileError {
    /// What an operator does about it.
    pub fn what_to_do(&self, path: &Path) -> String {
        match self {
            Self::File(PrivateFileError::Missing) => {
                format!("make one with `idp keys create` at {}, or restore the backup's", path.display())
            }
            Self::File(error) => error.what_to_do(path),
            Self::ForDemo => "make one for production with `idp keys create`".to_owned(),
            Self::NoActive => "set active to the id of the newest [[master]]".to_owned(),
            Self::RepeatedSecret { .. } | Self::BadSecret { .. } | Self::Placeholder { .. } => {
                "restore the backup's file; a new secret is made with `openssl rand -base64 32`".to_owned()
            }
            Self::Syntax { .. } | Self::BadName | Self::RepeatedName { .. } => {
                "compare it with the form in docs/operating.md, or restore the backup's file".to_owned()
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKeyFile {
    purpose: KeyFileFor,
    active: String,
    master: Vec<RawMaster>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMaster {
    id: String,
    secret: String,
}

fn secret_from(id: &str, encoded: String) -> Result<Zeroizing<[u8; 32]>, KeyFileError> {
    let encoded = Zeroizing::new(encoded);
    let bytes = STANDARD.decode(encoded.trim()).map(Zeroizing::new).ok();
    let secret: Option<[u8; 32]> = bytes.and_then(|bytes| bytes.as_slice().try_into().ok());
    let secret = Zeroizing::new(secret.ok_or_else(|| KeyFileError::BadSecret { id: id.to_owned() })?);
    if secret.iter().collect::<HashSet<_>>().len() < FEWEST_DIFFERENT_BYTES {
        return Err(KeyFileError::Placeholder { id: id.to_owned() });
    }
    Ok(secret)
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyFile")
            .field("masters", &self.masters)
            .field("active", &self.active().id)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for MasterSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterSecret({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const A: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const B: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
    const C: &str = "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8=";

    fn text(active: &str, masters: &[(&str, &str)]) -> String {
        let masters: String =
            masters.iter().map(|(id, secret)| format!("[[master]]\nid = \"{id}\"\nsecret = \"{secret}\"\n")).collect();
        format!("purpose = \"production\"\nactive = \"{active}\"\n{masters}")
    }

    #[test]
    fn a_key_file_is_made_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.toml");
        let mut count = 0u8;
        let mut random = |bytes: &mut [u8]| {
            for byte in bytes {
                count += 1;
                *byte = count;
            }
        };
        create_key_file(&path, KeyFileFor::Production, &mut random).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let keys = KeyFile::read(&path, KeyFileFor::Production).unwrap();
        assert_eq!((keys.active().id(), keys.active().secret()[0]), ("k1", 1));
        assert_eq!(format!("{keys:?}"), "KeyFile { masters: [MasterSecret(k1)], active: \"k1\", .. }");

        let again = create_key_file(&path, KeyFileFor::Production, &mut random).unwrap_err();
        assert_eq!(again.kind(), std::io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn older_master_secrets_are_found_by_name() {
        let keys = KeyFile::parse(&text("k2", &[("k1", B), ("k2", C)]), KeyFileFor::Production).unwrap();
        assert_eq!(keys.active().id(), "k2");
        assert_eq!(keys.find("k1").map(|master| master.secret()[0]), Some(0x20));
        assert!(keys.find("k3").is_none());
        assert_eq!(keys.masters().iter().map(MasterSecret::id).collect::<Vec<_>>(), ["k2", "k1"]);
    }

    #[test]
    fn a_damaged_or_made_up_key_file_is_refused() {
        let zero = STANDARD.encode([0; 32]);
        let id = || "k1".to_owned();
        for (text, error) in [
            (text("k2", &[("k1", B)]), KeyFileError::NoActive),
            (text("k1", &[("k1", &zero)]), KeyFileError::Placeholder { id: id() }),
            (text("k1", &[("k1", A), ("k2", A)]), KeyFileError::RepeatedSecret { id: "k2".into() }),
            (text("k1", &[("k1", B), ("k1", C)]), KeyFileError::RepeatedName { id: id() }),
            (text("k1", &[("k1", "c2hvcnQ=")]), KeyFileError::BadSecret { id: id() }),
            (text("k1", &[("k1", "not base64")]), KeyFileError::BadSecret { id: id() }),
            (text("", &[("", B)]), KeyFileError::BadName),
            (text("K1", &[("K1", B)]), KeyFileError::BadName),
            ("purpose = \"production\"\nactive = k1".into(), KeyFileError::Syntax { line: 2 }),
            (text("k1", &[("k1", B)]).replace("production", "demo"), KeyFileError::ForDemo),
        ] {
            assert_eq!(KeyFile::parse(&text, KeyFileFor::Production).unwrap_err(), error);
        }
        assert!(matches!(KeyFile::parse("", KeyFileFor::Production), Err(KeyFileError::Syntax { .. })));
    }

    #[test]
    fn no_error_shows_a_secret() {
        let damaged = text("k1", &[("k1", B)]).replace("secret = \"", "secret = ");
        let error = KeyFile::parse(&damaged, KeyFileFor::Production).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(&B[..8]));
    }
}
