//! Files that only the program may read: the key file and the secrets of the services it asks.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use zeroize::Zeroizing;

/// No secret file of ours is longer.
const LONGEST: u64 = 65_536;

/// The content of a secret file. Wiped when dropped, never printed.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The secret itself, to be handed to whoever is called with it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A secret file cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrivateFileError {
    /// There is none.
    #[error("the file does not exist")]
    Missing,
    /// It, or a folder on the way, cannot be read.
    #[error("the file cannot be read ({0})")]
    Unreadable(std::io::ErrorKind),
    /// Group or others have a right to it.
    #[error("the file's mode is {mode:04o}: others than its owner have rights to it")]
    OpenToOthers {
        /// The permission bits.
        mode: u32,
    },
    /// It is longer than any secret file is.
    #[error("the file is too long to be a secret")]
    TooLong,
    /// It is not UTF-8.
    #[error("the file is not text")]
    NotText,
    /// It holds nothing.
    #[error("the file is empty")]
    Empty,
}

impl PrivateFileError {
    /// What an operator does about it.
    pub fn what_to_do(&self, path: &Path) -> String {
        let path = path.display();
        match self {
            Self::Missing => format!("put it at {path}, or name the right path"),
            Self::Unreadable(_) => format!("let the program's user read {path}, and nobody else"),
            Self::OpenToOthers { .. } => format!("chmod 600 {path}"),
            Self::TooLong | Self::NotText | Self::Empty => format!("write the secret alone into {path}"),
        }
    }
}

/// Reads a file that holds one secret; space around it does not count.
pub fn read_secret(path: &Path) -> Result<Secret, PrivateFileError> {
    let text = read_private(path)?;
    match text.trim() {
        "" => Err(PrivateFileError::Empty),
        secret => Ok(Secret(Zeroizing::new(secret.to_owned()))),
    }
}

/// Reads a file after making sure that nobody but its owner can.
pub(super) fn read_private(path: &Path) -> Result<Zeroizing<String>, PrivateFileError> {
    let unreadable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => PrivateFileError::Missing,
        kind => PrivateFileError::Unreadable(kind),
    };
    let file = File::open(path).map_err(unreadable)?;
    // Asked of the opened file, so that it cannot be exchanged between the question and the reading.
    let metadata = file.metadata().map_err(unreadable)?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(PrivateFileError::OpenToOthers { mode });
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(metadata.len().min(LONGEST) as usize + 1));
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LONGEST {
        return Err(PrivateFileError::TooLong);
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| PrivateFileError::NotText)?;
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(content: &[u8], mode: u32) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        (folder, path)
    }

    #[test]
    fn a_secret_is_read_without_the_space_around_it() {
        let (_folder, path) = file(b" s3cret\n", 0o600);
        let secret = read_secret(&path).unwrap();
        assert_eq!(secret.expose(), "s3cret");
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        let (_folder, path) = file(b"s3cret", 0o400);
        assert!(read_secret(&path).is_ok());
    }

    #[test]
    fn a_file_that_is_no_secret_is_refused() {
        let long = vec![b'x'; LONGEST as usize + 1];
        for (content, mode, error) in [
            (&b"s3cret"[..], 0o644, PrivateFileError::OpenToOthers { mode: 0o644 }),
            (b"s3cret", 0o620, PrivateFileError::OpenToOthers { mode: 0o620 }),
            (b" \n", 0o600, PrivateFileError::Empty),
            (b"\xff\xfe", 0o600, PrivateFileError::NotText),
            (&long, 0o600, PrivateFileError::TooLong),
        ] {
            let (_folder, path) = file(content, mode);
            assert_eq!(read_secret(&path).unwrap_err(), error);
        }
        assert_eq!(read_secret(Path::new("/nowhere/secret")).unwrap_err(), PrivateFileError::Missing);
    }
}
