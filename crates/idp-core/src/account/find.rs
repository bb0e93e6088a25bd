//! What members are found by: words folded alike when an account is written and when somebody searches, so that a search
//! is one range of one index.

use super::Profile;
use crate::email::EmailAddress;
use crate::id::AccountId;
use crate::thai::{ascii_digits, comparison_key};

/// The letter before a name in the index.
const NAME: u8 = b'n';
/// The letter before an address.
const ADDRESS: u8 = b'e';
/// A name is sought by so many letters at least: fewer would list half the country.
const FEWEST_LETTERS: usize = 2;
/// Longer text is nobody's name or address.
const MOST_BYTES: usize = 600;

/// The words under which an account is found, in ascending order: its address, and its names with the given name and with
/// the surname first, in Thai and in Latin letters.
pub fn search_words(email: &EmailAddress, profile: &Profile) -> Vec<Vec<u8>> {
    let (first, last) = (profile.first_name.key(), profile.last_name.key());
    let middle = profile.middle_name.as_ref().map_or("", |name| name.key());
    let mut words = vec![
        word(ADDRESS, &[email.key()]),
        word(NAME, &[first, last]),
        word(NAME, &[first, middle, last]),
        word(NAME, &[last, first]),
    ];
    let (first, last) = (profile.first_name_en.as_ref(), profile.last_name_en.as_ref());
    let (first, last) = (first.map_or("", |name| name.key()), last.map_or("", |name| name.key()));
    for latin in [word(NAME, &[first, last]), word(NAME, &[last, first])] {
        words.extend((latin.len() > 1).then_some(latin));
    }
    words.sort_unstable();
    words.dedup();
    words
}

fn word(kind: u8, parts: &[&str]) -> Vec<u8> {
    let mut word = vec![kind];
    for part in parts {
        word.extend_from_slice(part.to_lowercase().as_bytes());
    }
    word
}

/// What somebody typed into the one box for searching members.
#[derive(Clone, PartialEq, Eq)]
pub enum Sought {
    /// The account with this id.
    Account(AccountId),
    /// Accounts with a word that begins like this: an address or a name.
    Word(Vec<u8>),
}

impl std::fmt::Debug for Sought {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.what())
    }
}

/// Why nothing can be searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SoughtError {
    /// Nothing was typed, or too little.
    #[error("type two letters of a name at least, an address, or an account's id")]
    TooShort,
    /// Longer than any name or address.
    #[error("that is longer than any name or address")]
    TooLong,
    /// A 13-digit number: it has a form of its own, which asks for a reason.
    #[error("a 13-digit number is sought in its own form, with a reason")]
    Number,
}

impl SoughtError {
    /// The locale key of the text that tells the person what to do.
    pub fn message_key(self) -> &'static str {
        match self {
            Self::TooShort => "error-sought-short",
            Self::TooLong => "error-sought-long",
            Self::Number => "error-sought-number",
        }
    }
}

impl Sought {
    /// Reads what was typed: an account's id, the beginning of an address up to its `@` or beyond, or of a name, given
    /// name or surname first, with or without its title.
    ///
    /// # Errors
    /// [`SoughtError`].
    pub fn parse(typed: &str) -> Result<Self, SoughtError> {
        let typed = typed.trim();
        if typed.len() > MOST_BYTES {
            return Err(SoughtError::TooLong);
        }
        if let Some(id) = AccountId::parse(typed) {
            return Ok(Self::Account(id));
        }
        let digits = ascii_digits(typed);
        if digits.len() == 13 && digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(SoughtError::Number);
        }
        if typed.contains('@') {
            return match typed.starts_with('@') {
                true => Err(SoughtError::TooShort),
                false => Ok(Self::Word(word(ADDRESS, &[typed]))),
            };
        }
        let folded = comparison_key(typed);
        match folded.chars().count() >= FEWEST_LETTERS {
            true => Ok(Self::Word(word(NAME, &[&folded]))),
            false => Err(SoughtError::TooShort),
        }
    }

    /// By what, in a word for the audit log.
    pub fn what(&self) -> &'static str {
        match self {
            Self::Account(_) => "account",
            Self::Word(word) if word.first() == Some(&ADDRESS) => "email",
            Self::Word(_) => "name",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{PersonnelType, Sex};
    use crate::thai::{BuddhistDate, LatinName, ThaiName, Title};

    fn profile(first: &str, middle: Option<&str>, last: &str, latin: Option<(&str, &str)>) -> Profile {
        Profile {
            title: Title::parse("นาย").unwrap(),
            first_name: ThaiName::parse(first).unwrap(),
            middle_name: middle.map(|name| ThaiName::parse(name).unwrap()),
            last_name: ThaiName::parse(last).unwrap(),
            first_name_en: latin.map(|names| LatinName::parse(names.0).unwrap()),
            last_name_en: latin.map(|names| LatinName::parse(names.1).unwrap()),
            sex: Sex::Unspecified,
            birth_date: BuddhistDate::from_registry_form("25330520").unwrap(),
            phone: None,
            personnel_type: PersonnelType::Outside,
            organization: "-".to_owned(),
            department: "-".to_owned(),
            position: "-".to_owned(),
        }
    }

    #[track_caller]
    fn check(typed: &str, found: bool) {
        let email = EmailAddress::parse("Somchai.J@example.com").unwrap();
        let words = search_words(&email, &profile("สมชาย", Some("กลาง"), "น้ำใจ", Some(("Somchai", "Namjai"))));
        assert!(words.is_sorted());
        let Ok(Sought::Word(prefix)) = Sought::parse(typed) else { panic!("{typed} is sought as no word") };
        assert_eq!(words.iter().any(|word| word.starts_with(&prefix)), found, "{typed}");
    }

    #[test]
    fn a_member_is_found_however_the_name_is_typed() {
        for typed in ["สมชาย", "สม", "สมชาย น้ำใจ", "สมชาย กลาง น้ำใจ", "น้ำใจ สมชาย", "น้ำใจ", "นาย สมชาย", "น.ส. สมชาย"]
        {
            check(typed, true);
        }
        // ◌ํ + tone + า, tone + ◌ํ + า, ำ + tone, and what copying leaves behind.
        for typed in
            ["น\u{e4d}\u{e49}\u{e32}ใจ", "น\u{e49}\u{e4d}\u{e32}ใจ", "น\u{e33}\u{e49}ใจ", "\u{200b}สม\u{ad}ชาย  น้ำใจ "]
        {
            check(typed, true);
        }
        for typed in ["somchai", "NAMJAI somchai", "Somchai Nam", "somchai.j@EXAMPLE.com", "somchai.j@"] {
            check(typed, true);
        }
        for typed in ["ชาย", "สมชาย ใจดี", "somchai@", "chai"] {
            check(typed, false);
        }
    }

    #[test]
    fn a_number_and_too_little_are_not_sought_here() {
        for (typed, why) in [
            ("", SoughtError::TooShort),
            ("ส", SoughtError::TooShort),
            ("  - ", SoughtError::TooShort),
            ("@example.com", SoughtError::TooShort),
            ("1000000000017", SoughtError::Number),
            ("๑-๐๐๐๐-๐๐๐๐๐-๐๑-๗", SoughtError::Number),
            (&"ก".repeat(300), SoughtError::TooLong),
        ] {
            assert_eq!(Sought::parse(typed), Err(why), "{typed}");
        }
        let id = "6f1c0d52-5f43-4a7e-9a43-0d0f5a3c1b2e";
        assert_eq!(Sought::parse(id), Ok(Sought::Account(AccountId::parse(id).unwrap())));
    }
}
