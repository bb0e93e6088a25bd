//! A short name that services may use to address a member (`preferred_username`, OpenID Connect Core §5.1).
//!
//! It is a wish, never an identifier: nobody signs in with it, several may have the same, and it may change at any time
//! (§5.7). It has no `@`, so that it never passes for a mailbox, and is no number, so that it never passes for a person's.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::TOO_MANY_DIGITS;

/// The most characters.
const MAX_CHARS: usize = 32;

/// Names that would let a member speak for somebody else, without their dots and dashes.
const RESERVED: [&str; 16] = [
    "admin",
    "administrator",
    "root",
    "superuser",
    "system",
    "sysadmin",
    "support",
    "helpdesk",
    "security",
    "official",
    "staff",
    "moc",
    "mocaccount",
    "ministry",
    "anonymous",
    "null",
];

/// A name as services may write it. `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Username(String);

/// Why a name is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsernameError {
    /// Not of 1 to 32 letters, digits, dots, dashes and underscores, a letter or digit at both ends and a letter in it.
    #[error("the name has another form")]
    Form,
    /// A name that speaks for somebody else.
    #[error("the name is not for members")]
    Reserved,
    /// So many digits that it may be a citizen's number.
    #[error("the name has too many digits")]
    Number,
}

impl UsernameError {
    /// The locale key of the text that tells the person what to do.
    pub fn message_key(self) -> &'static str {
        match self {
            Self::Form => "error-username-form",
            Self::Reserved => "error-username-reserved",
            Self::Number => "error-about-number",
        }
    }
}

impl Username {
    /// Reads what was typed. The case stays as it is.
    ///
    /// # Errors
    /// [`UsernameError`].
    pub fn parse(typed: &str) -> Result<Self, UsernameError> {
        let name = typed.trim();
        let bytes = name.as_bytes();
        let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        let ends = [bytes.first(), bytes.last()];
        let sound = bytes.len() <= MAX_CHARS
            && bytes.iter().all(belongs)
            && bytes.iter().any(u8::is_ascii_alphabetic)
            && ends.iter().all(|end| end.is_some_and(u8::is_ascii_alphanumeric));
        if !sound {
            return Err(UsernameError::Form);
        }
        if bytes.iter().filter(|byte| byte.is_ascii_digit()).count() >= TOO_MANY_DIGITS {
            return Err(UsernameError::Number);
        }
        let bare: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        if RESERVED.iter().any(|reserved| bare.eq_ignore_ascii_case(reserved)) {
            return Err(UsernameError::Reserved);
        }
        Ok(Self(name.to_owned()))
    }

    /// The name as it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Username(…)")
    }
}

impl From<Username> for String {
    fn from(name: Username) -> String {
        name.0
    }
}

impl TryFrom<String> for Username {
    type Error = UsernameError;

    fn try_from(stored: String) -> Result<Username, UsernameError> {
        Username::parse(&stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(typed: &str, expected: Result<&str, UsernameError>) {
        assert_eq!(
            Username::parse(typed).as_ref().map(Username::as_str).map_err(|error| *error),
            expected,
            "{typed:?}"
        );
    }

    #[test]
    fn a_name_is_short_and_plain() {
        for typed in
            ["som", "Som.O", "s", "som_o-2", "2som", "a".repeat(32).as_str(), "mocha", "rooted", "x123456789012"]
        {
            check(typed, Ok(typed));
        }
        check("  som ", Ok("som"));
    }

    #[test]
    fn what_could_pass_for_something_else_is_refused() {
        use UsernameError::*;
        for typed in [
            "",
            " ",
            ".som",
            "som.",
            "-som",
            "som_",
            "so m",
            "som@mail.example",
            "ส้ม",
            "s\u{043E}m",
            "som\u{202E}",
            "som\0",
            "som/o",
            "<som>",
            "12345",
            "1000000000017",
            "a".repeat(33).as_str(),
        ] {
            check(typed, Err(Form));
        }
        for typed in ["admin", "ADMIN", "Ad.min", "m.o.c", "MOC-Account", "root", "system"] {
            check(typed, Err(Reserved));
        }
        check("x1000000000017", Err(Number));
        check("1-0000-00000-01-7x", Err(Number));
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_parser_and_what_is_read_reads_the_same(typed: String) {
            if let Ok(name) = Username::parse(&typed) {
                prop_assert_eq!(Username::parse(name.as_str()), Ok(name));
            }
        }

        #[test]
        fn plain_names_that_are_read_read_the_same(typed in "[a-zA-Z0-9._-]{1,40}") {
            if let Ok(name) = Username::parse(&typed) {
                prop_assert_eq!(name.as_str(), typed);
            }
        }
    }
}
