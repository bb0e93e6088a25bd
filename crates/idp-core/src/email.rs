//! E-mail addresses: what can be written to, and the key that makes them unique.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::thai::is_invisible;

/// An address that mail can be sent to: ASCII, a dot-atom before the @, a host name with at least two labels after it.
///
/// Mail goes to [`EmailAddress::as_str`], the address as typed; two addresses are the same when their keys are. Only
/// ASCII is taken, since folding other scripts is how one person's address becomes another's. `Debug` hides it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress {
    typed: String,
    key: String,
}

/// Why a typed address is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Nothing was typed.
    #[error("no address was typed")]
    Empty,
    /// Longer than 254 characters, or 64 before the @ (RFC 5321 §4.5.3.1).
    #[error("the address is too long")]
    TooLong,
    /// No @, or more than one.
    #[error("the address does not have one @")]
    NotOneAt,
    /// A Thai letter, a space or another character that addresses do not have.
    #[error("the address has a character that does not belong there")]
    BadCharacter(char),
    /// Nothing before the @, or full stops that are doubled or at an end.
    #[error("the part before the @ is not valid")]
    LocalPart,
    /// What follows the @ is not a domain.
    #[error("the part after the @ is not a domain")]
    Domain,
}

impl EmailError {
    /// The locale key of the text that tells the person what to do.
    pub fn message_key(&self) -> &'static str {
        match self {
            EmailError::Empty => "error-email-empty",
            EmailError::TooLong => "error-email-too-long",
            EmailError::NotOneAt => "error-email-at",
            EmailError::BadCharacter(_) => "error-email-bad-character",
            EmailError::LocalPart => "error-email-local-part",
            EmailError::Domain => "error-email-domain",
        }
    }
}

const MAX_ADDRESS: usize = 254;
const MAX_LOCAL_PART: usize = 64;
const MAX_LABEL: usize = 63;

impl EmailAddress {
    /// Reads an address. White space and invisible characters around it, which come with copying, are dropped.
    pub fn parse(typed: &str) -> Result<EmailAddress, EmailError> {
        let typed = typed.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
        if typed.is_empty() {
            return Err(EmailError::Empty);
        }
        if typed.len() > MAX_ADDRESS {
            return Err(EmailError::TooLong);
        }
        if let Some(c) = typed.chars().find(|&c| c != '@' && c != '.' && !is_atom_character(c)) {
            return Err(EmailError::BadCharacter(c));
        }
        let Some((local_part, domain)) = typed.split_once('@').filter(|(_, domain)| !domain.contains('@')) else {
            return Err(EmailError::NotOneAt);
        };
        if local_part.len() > MAX_LOCAL_PART {
            return Err(EmailError::TooLong);
        }
        if local_part.split('.').any(str::is_empty) {
            return Err(EmailError::LocalPart);
        }
        if !is_domain(domain) {
            return Err(EmailError::Domain);
        }
        Ok(EmailAddress { typed: typed.to_owned(), key: typed.to_ascii_lowercase() })
    }

    /// The address as typed: where mail goes.
    pub fn as_str(&self) -> &str {
        &self.typed
    }

    /// The address in lower case: what must be unique.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What follows the @, in lower case.
    pub fn domain(&self) -> &str {
        self.split().1
    }

    /// What precedes the @, in lower case: a password must not be made of it.
    pub fn local_part(&self) -> &str {
        self.split().0
    }

    fn split(&self) -> (&str, &str) {
        self.key.split_once('@').expect("parse takes only addresses with an @")
    }
}

/// `atext` (RFC 5322 §3.2.3).
fn is_atom_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

/// A host name of at least two labels, the last of which is not a number.
fn is_domain(domain: &str) -> bool {
    let label_fits = |label: &str| {
        (1..=MAX_LABEL).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain
        .rsplit_once('.')
        .is_some_and(|(_, last)| domain.split('.').all(label_fits) && !last.bytes().all(|b| b.is_ascii_digit()))
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &EmailAddress) -> bool {
        self.key == other.key
    }
}

impl Eq for EmailAddress {}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> String {
        address.typed
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = EmailError;

    fn try_from(stored: String) -> Result<EmailAddress, EmailError> {
        EmailAddress::parse(&stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(typed: &str, expected: Result<&str, EmailError>) {
        let parsed = EmailAddress::parse(typed);
        assert_eq!(parsed.as_ref().map(EmailAddress::as_str).map_err(|e| *e), expected, "{typed:?}");
    }

    #[test]
    fn ordinary_addresses_are_taken_as_typed() {
        for address in
            ["somchai@example.com", "Som.Chai+moc@mail.example.co.th", "o'neil@example.org", "a@b.xn--o3cw4h", "1@2.th"]
        {
            check(address, Ok(address));
        }
        check(" \u{FEFF}somchai@example.com\u{200B}\n", Ok("somchai@example.com"));
    }

    #[test]
    fn one_mailbox_has_one_key() {
        let address = EmailAddress::parse("Som.Chai@Example.COM").unwrap();
        assert_eq!(
            (address.key(), address.domain(), address.local_part()),
            ("som.chai@example.com", "example.com", "som.chai")
        );
        assert_eq!(address, EmailAddress::parse("som.chai@example.com").unwrap());
        assert_ne!(address, EmailAddress::parse("somchai@example.com").unwrap());
    }

    #[test]
    fn each_fault_has_its_own_answer() {
        check("", Err(EmailError::Empty));
        check(" \u{200B} ", Err(EmailError::Empty));
        check("somchai", Err(EmailError::NotOneAt));
        check("a@b@example.com", Err(EmailError::NotOneAt));
        check("@example.com", Err(EmailError::LocalPart));
        check(".a@example.com", Err(EmailError::LocalPart));
        check("a.@example.com", Err(EmailError::LocalPart));
        check("a..b@example.com", Err(EmailError::LocalPart));
        for domain in ["", "localhost", "example.", ".com", "a..com", "-a.com", "a-.com", "127.0.0.1", "exa_mple.com"] {
            check(&format!("a@{domain}"), Err(EmailError::Domain));
        }
        check("สมชาย@example.com", Err(EmailError::BadCharacter('ส')));
        check("somcha\u{0131}@example.com", Err(EmailError::BadCharacter('\u{0131}')));
        check("som chai@example.com", Err(EmailError::BadCharacter(' ')));
        check("a@example.com\r\nBcc: b@example.com", Err(EmailError::BadCharacter('\r')));
        check("a\u{200B}b@example.com", Err(EmailError::BadCharacter('\u{200B}')));
        check("\"a\"@example.com", Err(EmailError::BadCharacter('"')));
        check("a@[127.0.0.1]", Err(EmailError::BadCharacter('[')));
    }

    #[test]
    fn length_is_checked_before_content() {
        check(&format!("{}@example.com", "a".repeat(64)), Ok(&format!("{}@example.com", "a".repeat(64))));
        check(&format!("{}@example.com", "a".repeat(65)), Err(EmailError::TooLong));
        check(&format!("a@{}.com", "b".repeat(64)), Err(EmailError::Domain));
        check(&"ก@".repeat(50_000), Err(EmailError::TooLong));
    }

    #[test]
    fn an_address_is_a_string_to_serde_and_hidden_from_debug() {
        let address = EmailAddress::parse("Somchai@example.com").unwrap();
        assert_eq!(serde_json::to_string(&address).unwrap(), "\"Somchai@example.com\"");
        assert_eq!(format!("{address:?}"), "EmailAddress(…)");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(typed: String) {
            let _ = EmailAddress::parse(&typed);
        }

        #[test]
        fn what_passes_reads_back(typed in "[a-zA-Z.+-]{1,8}@[a-zA-Z.-]{1,12}") {
            if let Ok(address) = EmailAddress::parse(&typed) {
                prop_assert_eq!(EmailAddress::parse(address.key()), Ok(address.clone()));
                prop_assert_eq!(format!("{}@{}", address.local_part(), address.domain()), address.key());
            }
        }
    }
}
