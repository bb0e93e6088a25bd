//! The network address in a line of the audit log: it can be taken away, and cannot be changed.
//!
//! The seals over the log cover what stands in `origin`. That is a mark, SHA-256 over a salt drawn for this line and the
//! address; address and salt stand beside it. While they are there they have to fit the mark; once both are gone, the
//! mark says nothing about the address any more, because the salt cannot be guessed, and the seal fits as before. Lines
//! older than the mark have the address itself in `origin`.

use sha2::{Digest as _, Sha256};

use crate::secret::base64url;

/// Bytes of a salt.
pub const SALT_LENGTH: usize = 16;
/// What a mark begins with, and no network address does.
const SIGN: char = '~';

/// What stands in a line in the place of its address.
pub fn origin_mark(salt: &[u8; SALT_LENGTH], address: &str) -> String {
    let digest = Sha256::new().chain_update(salt).chain_update(address).finalize();
    format!("{SIGN}{}", base64url(&digest))
}

/// Where a line came from, as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptOrigin {
    /// What the seal covers: the mark, or in an older line the address.
    pub sealed: Option<String>,
    /// The address, until it is taken away.
    pub address: Option<String>,
    /// Its salt, which goes with it.
    pub salt: Option<Vec<u8>>,
}

impl KeptOrigin {
    /// The address, if there is one (still).
    pub fn shown(&self) -> Option<&str> {
        self.address.as_deref().or(self.sealed.as_deref().filter(|text| !text.starts_with(SIGN)))
    }

    /// Whether the address is the one that was marked. One that is gone is neither right nor wrong.
    pub fn is_sound(&self) -> bool {
        match (&self.sealed, &self.address, &self.salt) {
            (_, None, None) => true,
            (Some(mark), Some(address), Some(salt)) => match salt.as_slice().try_into() {
                Ok(salt) => origin_mark(salt, address) == *mark,
                Err(_) => false,
            },
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: [u8; SALT_LENGTH] = [7; SALT_LENGTH];

    fn kept(sealed: Option<&str>, address: Option<&str>, salt: Option<&[u8]>) -> KeptOrigin {
        KeptOrigin {
            sealed: sealed.map(str::to_owned),
            address: address.map(str::to_owned),
            salt: salt.map(<[u8]>::to_vec),
        }
    }

    #[test]
    fn an_address_fits_its_own_mark_alone() {
        let mark = origin_mark(&SALT, "203.0.113.9");
        let check = |address: Option<&str>, salt: Option<&[u8]>, sound: bool| {
            let kept = kept(Some(&mark), address, salt);
            assert_eq!(kept.is_sound(), sound, "{kept:?}");
            assert_eq!(kept.shown(), address, "{kept:?}");
        };
        check(Some("203.0.113.9"), Some(&SALT), true);
        check(None, None, true);
        check(Some("203.0.113.66"), Some(&SALT), false);
        check(Some("203.0.113.9"), Some(&[8; SALT_LENGTH]), false);
        check(Some("203.0.113.9"), Some(&SALT[1..]), false);
        check(Some("203.0.113.9"), None, false);
        check(None, Some(&SALT), false);
    }

    #[test]
    fn a_line_without_a_mark_shows_what_it_has_and_takes_no_address() {
        assert_eq!(kept(Some("203.0.113.9"), None, None).shown(), Some("203.0.113.9"));
        assert!(kept(Some("203.0.113.9"), None, None).is_sound());
        assert!(!kept(Some("203.0.113.9"), Some("203.0.113.66"), Some(&SALT)).is_sound());
        assert!(!kept(None, Some("203.0.113.66"), Some(&SALT)).is_sound());
        assert_eq!(kept(None, None, None).shown(), None);
        assert!(kept(None, None, None).is_sound());
    }

    #[test]
    fn a_mark_depends_on_its_salt() {
        let mark = origin_mark(&SALT, "203.0.113.9");
        assert_eq!(mark.len(), 44);
        assert_ne!(mark, origin_mark(&[8; SALT_LENGTH], "203.0.113.9"));
        assert_ne!(mark, origin_mark(&SALT, "203.0.113.10"));
    }
}
