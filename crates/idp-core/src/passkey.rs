//! Passkeys: discoverable credentials of Web Authentication, as they are kept. Judging what an authenticator says is the
//! work of a library behind one door (`idp-web/src/passkey`); here is what is known about a credential, and the rules that
//! are ours.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::id::{AccountId, PasskeyId};

/// So many passkeys an account may have.
pub const MOST: usize = 20;

/// The longest name, in characters.
const LONGEST_NAME: usize = 60;
/// The longest credential id, in bytes (Web Authentication Level 3 §4, "Credential ID").
const LONGEST_ID: usize = 1023;

/// What a member calls a passkey: "โทรศัพท์ของฉัน".
#[derive(Clone, PartialEq, Eq)]
pub struct PasskeyName(String);

/// Why a name is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameFault {
    /// Nothing was typed.
    Empty,
    /// More than 60 characters.
    TooLong,
    /// A character that is not written: a line break, a control character, a mark that turns the direction of writing.
    Unwritable,
}

impl NameFault {
    /// The message about it.
    pub fn message_key(self) -> &'static str {
        match self {
            Self::Empty => "passkey-name-empty",
            Self::TooLong => "passkey-name-long",
            Self::Unwritable => "passkey-name-odd",
        }
    }
}

impl PasskeyName {
    /// Reads what was typed; spaces around it and double ones within are left out.
    ///
    /// # Errors
    /// [`NameFault`].
    pub fn parse(typed: &str) -> Result<Self, NameFault> {
        let odd = |c: char| {
            c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        if typed.chars().any(odd) {
            return Err(NameFault::Unwritable);
        }
        let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
        match name.chars().count() {
            0 => Err(NameFault::Empty),
            1..=LONGEST_NAME => Ok(Self(name)),
            _ => Err(NameFault::TooLong),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasskeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A member's own word.
        f.write_str("PasskeyName(…)")
    }
}

/// The name an authenticator gave to a credential. It is no secret, and personal all the same.
#[derive(Clone, PartialEq, Eq)]
pub struct CredentialId(Vec<u8>);

impl CredentialId {
    /// Takes the bytes; `None` when there are none or too many.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Option<Self> {
        let bytes = bytes.into();
        (1..=LONGEST_ID).contains(&bytes.len()).then_some(Self(bytes))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CredentialId({} bytes)", self.0.len())
    }
}

/// What changes about a credential with its use.
#[derive(Clone, PartialEq, Eq)]
pub struct CredentialState {
    /// The credential as the library writes it: public key, flags, counter. Nothing in it is secret.
    pub key: String,
    /// The signature counter; many authenticators leave it at zero.
    pub counter: u32,
    /// Whether a copy is kept elsewhere, so that the passkey outlives its device.
    pub backed_up: bool,
}

impl fmt::Debug for CredentialState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CredentialState {{ counter: {}, backed_up: {} }}", self.counter, self.backed_up)
    }
}

/// A passkey of an account.
#[derive(Clone, Debug)]
pub struct Passkey {
    /// Its identifier here.
    pub id: PasskeyId,
    /// Whose.
    pub account_id: AccountId,
    /// Its identifier at the authenticator, which nobody else's has.
    pub credential_id: CredentialId,
    /// What the member calls it.
    pub name: PasskeyName,
    /// What changes with its use.
    pub state: CredentialState,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it last proved somebody, if it has.
    pub last_used_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(typed: &str, name: Result<&str, NameFault>) {
        let read = PasskeyName::parse(typed);
        assert_eq!(read.as_ref().map(PasskeyName::as_str).map_err(|fault| *fault), name, "{typed:?}");
    }

    #[test]
    fn a_name_is_one_line_of_at_most_sixty_characters() {
        check("โทรศัพท์ของฉัน", Ok("โทรศัพท์ของฉัน"));
        check("  Chrome,   Windows ", Ok("Chrome, Windows"));
        check("", Err(NameFault::Empty));
        check(" \u{a0} ", Err(NameFault::Empty));
        check(&"ก".repeat(60), Ok(&"ก".repeat(60)));
        check(&"ก".repeat(61), Err(NameFault::TooLong));
        check("a\nb", Err(NameFault::Unwritable));
        check("a\u{202e}b", Err(NameFault::Unwritable));
    }

    #[test]
    fn a_credential_id_has_between_one_and_1023_bytes() {
        assert!(CredentialId::new(vec![]).is_none());
        assert!(CredentialId::new(vec![7; 1023]).is_some());
        assert!(CredentialId::new(vec![7; 1024]).is_none());
    }
}
