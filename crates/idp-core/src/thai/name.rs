//! A person's names: Thai as on the card, and English where the person gives it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{fold, title};

/// One Thai name: a first name, a middle name or a surname, without its title.
///
/// Two names are equal when their keys are. `Debug` hides the name.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ThaiName {
    spelled: String,
    key: String,
}

/// One name in Latin letters, as on the card or passport.
///
/// Two names are equal when their keys are, so in any case. `Debug` hides the name.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LatinName {
    spelled: String,
    key: String,
}

/// Why a typed name is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing was typed, or no letter.
    #[error("no name was typed")]
    Empty,
    /// More than 100 characters.
    #[error("the name is too long")]
    TooLong,
    /// Letters of another script where Thai is asked for.
    #[error("the name has letters that are not Thai")]
    NotThai,
    /// Letters of another script where English is asked for.
    #[error("the name has letters that are not Latin")]
    NotLatin,
    /// A digit, a sign or a mark that no name has.
    #[error("the name has a character that does not belong there")]
    BadCharacter(char),
    /// A vowel or tone mark where none can stand.
    #[error("the name has a vowel or tone mark out of place")]
    BadOrder,
    /// A title seems to stand before the name. Offer to remove it; if the person says that the name is right, take it
    /// with `parse_as_typed`.
    #[error("the name seems to begin with a title")]
    TitleInName {
        /// The title found.
        title: &'static str,
        /// The name without it; empty when the title is all that was typed.
        rest: String,
    },
}

impl NameError {
    /// The locale key of the text that tells the person what to do.
    pub fn message_key(&self) -> &'static str {
        match self {
            NameError::Empty => "error-name-empty",
            NameError::TooLong => "error-name-too-long",
            NameError::NotThai => "error-name-not-thai",
            NameError::NotLatin => "error-name-not-latin",
            NameError::BadCharacter(_) => "error-name-bad-character",
            NameError::BadOrder => "error-name-bad-order",
            NameError::TitleInName { rest, .. } if rest.is_empty() => "error-name-only-title",
            NameError::TitleInName { .. } => "error-name-title",
        }
    }
}

/// The most characters a name may have, checked before anything else is done with it.
const MAX_CHARS: usize = 100;

impl ThaiName {
    /// Reads a name; a title before it is reported, not removed.
    pub fn parse(typed: &str) -> Result<ThaiName, NameError> {
        let name = ThaiName::parse_as_typed(typed)?;
        match title::at_start(&name.spelled) {
            Some((title, rest)) => Err(NameError::TitleInName { title, rest: rest.to_owned() }),
            None => Ok(name),
        }
    }

    /// Reads a name that the person has confirmed as typed: what looks like a title is part of it (นางนวล).
    pub fn parse_as_typed(typed: &str) -> Result<ThaiName, NameError> {
        let spelled = cleaned(typed)?;
        for c in spelled.chars() {
            if !may_stand_in_a_thai_name(c) {
                return Err(if is_thai_block(c) || !c.is_alphabetic() {
                    NameError::BadCharacter(c)
                } else {
                    NameError::NotThai
                });
            }
        }
        if !spelled.chars().any(title::is_consonant) {
            return Err(if spelled.chars().any(is_thai_block) { NameError::BadOrder } else { NameError::Empty });
        }
        if !in_thai_order(&spelled) {
            return Err(NameError::BadOrder);
        }
        let key = fold::key(&spelled);
        Ok(ThaiName { spelled, key })
    }

    /// The name as the person sees it, in one encoding: for pages, claims and the registry.
    pub fn as_str(&self) -> &str {
        &self.spelled
    }

    /// What names are compared by: no spaces, no hyphens.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl LatinName {
    /// Reads a name; a title before it is reported, not removed.
    pub fn parse(typed: &str) -> Result<LatinName, NameError> {
        let name = LatinName::parse_as_typed(typed)?;
        match title::latin_at_start(&name.spelled) {
            Some((title, rest)) => Err(NameError::TitleInName { title, rest: rest.to_owned() }),
            None => Ok(name),
        }
    }

    /// Reads a name that the person has confirmed as typed.
    pub fn parse_as_typed(typed: &str) -> Result<LatinName, NameError> {
        let spelled = cleaned(typed)?;
        for c in spelled.chars() {
            if !(is_latin_letter(c) || matches!(c, ' ' | '-' | '.' | '\'' | '\u{2019}')) {
                return Err(if c.is_alphabetic() { NameError::NotLatin } else { NameError::BadCharacter(c) });
            }
        }
        if !spelled.chars().any(is_latin_letter) {
            return Err(NameError::Empty);
        }
        let key = fold::key(&spelled.to_lowercase());
        Ok(LatinName { spelled, key })
    }

    /// The name as typed, cleaned.
    pub fn as_str(&self) -> &str {
        &self.spelled
    }

    /// What names are compared by: lower case, no spaces, no hyphens.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// The spelling of what was typed, once it is short enough to look at.
fn cleaned(typed: &str) -> Result<String, NameError> {
    let typed = typed.trim();
    if typed.chars().nth(MAX_CHARS).is_some() {
        return Err(NameError::TooLong);
    }
    let spelled = fold::spelling(typed);
    if spelled.is_empty() { Err(NameError::Empty) } else { Ok(spelled) }
}

fn is_thai_block(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{0E7F}')
}

/// Thai without ฿, ฯ, ๆ, digits and the signs of old manuscripts; space, hyphen and full stop.
fn may_stand_in_a_thai_name(c: char) -> bool {
    matches!(c, '\u{0E01}'..='\u{0E2E}' | '\u{0E30}'..='\u{0E3A}' | '\u{0E40}'..='\u{0E45}' | '\u{0E47}'..='\u{0E4D}' | ' ' | '-' | '.')
}

pub(crate) fn is_latin_letter(c: char) -> bool {
    c.is_ascii_alphabetic()
        || (matches!(c, '\u{00C0}'..='\u{024F}' | '\u{1E00}'..='\u{1EFF}') && !matches!(c, '\u{00D7}' | '\u{00F7}'))
}

/// The order that Thai writing allows, after ICANN's label generation rules for the Thai root zone: a mark follows its
/// consonant, a leading vowel precedes one. The text has been through `fold::spelling`.
pub(crate) fn in_thai_order(spelled: &str) -> bool {
    let mut before = ' ';
    // Whether the consonant that is being written already carries a vowel sign.
    let mut voweled = false;
    for c in spelled.chars() {
        let after_consonant = title::is_consonant(before);
        let fits = if title::is_leading_vowel(before) {
            title::is_consonant(c)
        } else if fold::is_vowel_mark(c) {
            after_consonant
        } else if fold::is_tone(c) || fold::is_top_mark(c) {
            after_consonant || fold::is_vowel_mark(before)
        } else if title::is_following_vowel(c) {
            // After a vowel on the line comes only the ะ of เ◌าะ.
            ((after_consonant || fold::is_tone(before)) && !voweled) || (before == '\u{0E32}' && c == '\u{0E30}')
        } else {
            true
        };
        if !fits {
            return false;
        }
        voweled = fold::is_vowel_mark(c) || (voweled && fold::is_tone(c));
        before = c;
    }
    !title::is_leading_vowel(before)
}

impl PartialEq for ThaiName {
    fn eq(&self, other: &ThaiName) -> bool {
        self.key == other.key
    }
}

impl Eq for ThaiName {}

impl PartialEq for LatinName {
    fn eq(&self, other: &LatinName) -> bool {
        self.key == other.key
    }
}

impl Eq for LatinName {}

impl fmt::Debug for ThaiName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ThaiName(…)")
    }
}

impl fmt::Debug for LatinName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LatinName(…)")
    }
}

impl From<ThaiName> for String {
    fn from(name: ThaiName) -> String {
        name.spelled
    }
}

impl From<LatinName> for String {
    fn from(name: LatinName) -> String {
        name.spelled
    }
}

/// A stored name was confirmed when it was typed, so nothing is asked about titles again.
impl TryFrom<String> for ThaiName {
    type Error = NameError;

    fn try_from(stored: String) -> Result<ThaiName, NameError> {
        ThaiName::parse_as_typed(&stored)
    }
}

/// A stored name was confirmed when it was typed, so nothing is asked about titles again.
impl TryFrom<String> for LatinName {
    type Error = NameError;

    fn try_from(stored: String) -> Result<LatinName, NameError> {
        LatinName::parse_as_typed(&stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn thai(typed: &str, expected: Result<&str, NameError>) {
        let parsed = ThaiName::parse(typed);
        assert_eq!(parsed.as_ref().map(ThaiName::as_str).map_err(Clone::clone), expected, "{typed:?}");
    }

    fn latin(typed: &str, expected: Result<&str, NameError>) {
        let parsed = LatinName::parse(typed);
        assert_eq!(parsed.as_ref().map(LatinName::as_str).map_err(Clone::clone), expected, "{typed:?}");
    }

    fn title(title: &'static str, rest: &str) -> NameError {
        NameError::TitleInName { title, rest: rest.to_owned() }
    }

    #[test]
    fn thai_names_are_taken_as_typed() {
        for name in [
            "สมชาย",
            "น้ำผึ้ง",
            "ณ อยุธยา",
            "เกาะแก้ว",
            "ฤทธิ์",
            "ฤๅชา",
            "สิทธิพันธุ์",
            "เพ็ญ-ศรี",
            "ม.ล.",
            "ธมฺม",
            "เสาวลักษณ์",
            "นายิกา",
            "โต๊ะ",
            "ไอ",
            "เอื้อ",
            "เปี๊ยะ",
            "ก็",
        ] {
            thai(name, Ok(name));
        }
        thai("  ณ \u{200B} อยุธยา\u{00A0}", Ok("ณ อยุธยา"));
        thai("น\u{0E4D}\u{0E49}า", Ok("น้ำ"));
        thai("\u{0E40}\u{0E40}ก้ว", Ok("แก้ว"));
    }

    #[test]
    fn s109_surnames_with_a_space_compare_without_it() {
        let key = |typed| ThaiName::parse(typed).unwrap().key().to_owned();
        assert_eq!(key("ณ อยุธยา"), key("ณอยุธยา"));
        assert_ne!(key("ศักดิ์"), key("สักดิ์"));
        assert_ne!(key("พันธ์"), key("พันธ"));
    }

    #[test]
    fn each_fault_of_a_thai_name_has_its_own_answer() {
        thai("", Err(NameError::Empty));
        thai(" \u{200B}\u{FEFF} ", Err(NameError::Empty));
        thai("-", Err(NameError::Empty));
        thai("Somchai", Err(NameError::NotThai));
        thai("สมchai", Err(NameError::NotThai));
        thai("ສົມ", Err(NameError::NotThai));
        thai("สมชาย1", Err(NameError::BadCharacter('1')));
        thai("สมชาย๑", Err(NameError::BadCharacter('๑')));
        thai("ฯพณฯ", Err(NameError::BadCharacter('ฯ')));
        thai("ต่างๆ", Err(NameError::BadCharacter('ๆ')));
        thai("<สม>", Err(NameError::BadCharacter('<')));
        thai("สม\u{0000}ชาย", Err(NameError::BadCharacter('\0')));
        for typed in [
            "ิกา",
            "กเ",
            "เ ก",
            "คา\u{0E48}",
            "ะ",
            "เ",
            "ก\u{0E34}\u{0E35}",
            "เ\u{0E48}ก",
            "ก่า\u{0E47}",
            "กิ่า",
            "กำิ",
            "ก \u{0E48}",
        ] {
            thai(typed, Err(NameError::BadOrder));
        }
    }

    #[test]
    fn s109_length_is_checked_first() {
        thai(&"ก".repeat(100), Ok(&"ก".repeat(100)));
        for typed in ["ก".repeat(101), "ก".repeat(10_000), "\u{0E48}".repeat(50_000), "a\u{0301}".repeat(50_000)] {
            thai(&typed, Err(NameError::TooLong));
            latin(&typed, Err(NameError::TooLong));
        }
    }

    #[test]
    fn s109_a_title_is_offered_for_removal() {
        thai("นายสมชาย", Err(title("นาย", "สมชาย")));
        thai("นางสาว สมหญิง", Err(title("นางสาว", "สมหญิง")));
        thai("น.ส.สมหญิง", Err(title("น.ส.", "สมหญิง")));
        thai("นาย", Err(title("นาย", "")));
        thai("นางนวล", Err(title("นาง", "นวล")));
        let confirmed = ThaiName::parse_as_typed("นางนวล").unwrap();
        assert_eq!((confirmed.as_str(), confirmed.key()), ("นางนวล", "นางนวล"));
    }

    #[test]
    fn english_names_are_taken_as_typed() {
        for name in ["Somchai", "na Ayudhya", "O'Neil", "Smith-Jones", "José", "J."] {
            latin(name, Ok(name));
        }
        let key = |typed| LatinName::parse(typed).unwrap().key().to_owned();
        assert_eq!(key("NA AYUDHYA"), key("na-Ayudhya"));
        assert_eq!(key("Jose\u{0301}"), key("José"));
        assert_ne!(key("Jose"), key("José"));
    }

    #[test]
    fn each_fault_of_an_english_name_has_its_own_answer() {
        latin("", Err(NameError::Empty));
        latin("-'.", Err(NameError::Empty));
        latin("สมชาย", Err(NameError::NotLatin));
        // Cyrillic а, the twin of Latin a.
        latin("Somch\u{0430}i", Err(NameError::NotLatin));
        latin("Somchai2", Err(NameError::BadCharacter('2')));
        latin("a×b", Err(NameError::BadCharacter('×')));
        latin("Mr. Somchai", Err(title("Mr", "Somchai")));
        assert_eq!(LatinName::parse_as_typed("Miss Ing").unwrap().as_str(), "Miss Ing");
    }

    #[test]
    fn names_are_strings_to_serde_and_hidden_from_debug() {
        let name = ThaiName::parse_as_typed("นางนวล").unwrap();
        let json = serde_json::to_string(&name).unwrap();
        assert_eq!(json, "\"นางนวล\"");
        assert_eq!(serde_json::from_str::<ThaiName>(&json).unwrap(), name);
        assert!(serde_json::from_str::<ThaiName>("\"x\"").is_err());
        assert_eq!(format!("{name:?}"), "ThaiName(…)");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parsers_panic(typed: String) {
            let _ = ThaiName::parse(&typed);
            let _ = LatinName::parse(&typed);
        }

        #[test]
        fn s109_a_parsed_thai_name_parses_to_itself(typed in "[\u{0E01}-\u{0E4D} .\u{200B}-]{1,24}") {
            if let Ok(name) = ThaiName::parse_as_typed(&typed) {
                let again = ThaiName::parse_as_typed(name.as_str()).unwrap();
                prop_assert_eq!(again.as_str(), name.as_str());
                prop_assert_eq!(again.key(), name.key());
                prop_assert_eq!(fold::key(name.key()), name.key());
            }
        }

        #[test]
        fn a_parsed_latin_name_parses_to_itself(typed in "[A-Za-zÀ-ɏ .'-]{1,24}") {
            if let Ok(name) = LatinName::parse_as_typed(&typed) {
                let again = LatinName::parse_as_typed(name.as_str()).unwrap();
                prop_assert_eq!(again.as_str(), name.as_str());
                prop_assert_eq!(again.key(), name.key());
            }
        }
    }
}
