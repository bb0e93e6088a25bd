//! ชื่อเล่น: what friends say, in Thai or Latin letters.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::TOO_MANY_DIGITS;
use crate::thai::{in_thai_order, is_latin_letter, spelling};

/// The most characters, checked before anything else is done with them.
const MAX_CHARS: usize = 60;

/// A nickname in one encoding. `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Nickname(String);

/// Why a nickname is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NicknameError {
    /// No letter.
    #[error("no letter was typed")]
    Empty,
    /// More than 60 characters.
    #[error("the nickname is too long")]
    TooLong,
    /// Neither a Thai or Latin letter, a Thai mark, a digit nor a space.
    #[error("the nickname has a character that does not belong there")]
    BadCharacter,
    /// A vowel or tone mark where none can stand.
    #[error("the nickname has a vowel or tone mark out of place")]
    BadOrder,
    /// So many digits that it may be a citizen's number.
    #[error("the nickname has too many digits")]
    Number,
}

impl NicknameError {
    /// The locale key of the text that tells the person what to do.
    pub fn message_key(self) -> &'static str {
        match self {
            Self::Empty => "error-nickname-empty",
            Self::TooLong => "error-nickname-long",
            Self::BadCharacter => "error-nickname-character",
            Self::BadOrder => "error-name-bad-order",
            Self::Number => "error-about-number",
        }
    }
}

impl Nickname {
    /// Reads what was typed.
    ///
    /// # Errors
    /// [`NicknameError`].
    pub fn parse(typed: &str) -> Result<Self, NicknameError> {
        let too_long = |text: &str| text.chars().nth(MAX_CHARS).is_some();
        let typed = typed.trim();
        if too_long(typed) {
            return Err(NicknameError::TooLong);
        }
        // Marks that turn the direction of writing are gone here as invisible ones are.
        let spelled = spelling(typed);
        // One encoding may be longer than another.
        if too_long(&spelled) {
            return Err(NicknameError::TooLong);
        }
        if !spelled.chars().all(belongs) {
            return Err(NicknameError::BadCharacter);
        }
        if !spelled.chars().any(char::is_alphabetic) {
            return Err(NicknameError::Empty);
        }
        if spelled.chars().filter(|c| c.is_numeric()).count() >= TOO_MANY_DIGITS {
            return Err(NicknameError::Number);
        }
        if !in_thai_order(&spelled) {
            return Err(NicknameError::BadOrder);
        }
        Ok(Self(spelled))
    }

    /// The nickname as it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Thai letters, vowels, marks, ๆ and digits; Latin letters; a space.
fn belongs(c: char) -> bool {
    let thai = matches!(c, '\u{0E01}'..='\u{0E2E}' | '\u{0E30}'..='\u{0E3A}' | '\u{0E40}'..='\u{0E4D}' | '\u{0E50}'..='\u{0E59}');
    thai || is_latin_letter(c) || c.is_ascii_digit() || c == ' '
}

impl fmt::Debug for Nickname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nickname(…)")
    }
}

impl From<Nickname> for String {
    fn from(nickname: Nickname) -> String {
        nickname.0
    }
}

impl TryFrom<String> for Nickname {
    type Error = NicknameError;

    fn try_from(stored: String) -> Result<Nickname, NicknameError> {
        Nickname::parse(&stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(typed: &str, expected: Result<&str, NicknameError>) {
        assert_eq!(
            Nickname::parse(typed).as_ref().map(Nickname::as_str).map_err(|error| *error),
            expected,
            "{typed:?}"
        );
    }

    #[test]
    fn nicknames_are_taken_as_people_write_them() {
        for typed in ["ส้ม", "น้ำ", "จิ๊บๆ", "ก้อย 2", "Bee", "José", "แพร Prae", "หมู๑", "ก", "X"]
        {
            check(typed, Ok(typed));
        }
        check("  พี่   ส้ม ", Ok("พี่ ส้ม"));
        check("Jose\u{0301}", Ok("José"));
        check("น\u{0E4D}\u{0E49}า", Ok("น้ำ"));
        check(&"ก".repeat(60), Ok(&"ก".repeat(60)));
    }

    #[test]
    fn what_is_no_nickname_says_why() {
        use NicknameError::*;
        for typed in ["", "   ", "12", "๑๒", " \u{200B} "] {
            check(typed, Err(Empty));
        }
        check(&"ก".repeat(61), Err(TooLong));
        check(&"\u{0E48}".repeat(100_000), Err(TooLong));
        for typed in [
            "<b>",
            "ส้ม!",
            "a@b.example",
            "som/o",
            "ส้ม\u{0000}",
            "Сергей",
            "小明",
            "😀",
            "Z\u{0361}o",
            "a\u{0301}\u{0301}",
            "฿ส้ม",
            "ฯพณ",
        ] {
            check(typed, Err(BadCharacter));
        }
        for typed in ["ิก", "ก่\u{0E48}\u{0E49}า", "เ", "a\u{0E48}", "1\u{0E34}ก"] {
            check(typed, Err(BadOrder));
        }
        for typed in ["ส้ม 1000000000017", "ส้ม ๑ ๐๐๐๐ ๐๐๐๐๐ ๐๑ ๗", "x1234567890123"]
        {
            check(typed, Err(Number));
        }
        check("ส้ม 123456789012", Ok("ส้ม 123456789012"));
    }

    #[test]
    fn s109_marks_that_turn_the_writing_around_do_not_get_in() {
        for mark in ['\u{202E}', '\u{202A}', '\u{2066}', '\u{200F}', '\u{061C}', '\u{FEFF}'] {
            check(&format!("ส้ม{mark}Bee"), Ok("ส้มBee"));
        }
        check("ส้ม\u{0007}", Err(NicknameError::BadCharacter));
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_parser_and_what_is_read_reads_the_same(typed: String) {
            if let Ok(nickname) = Nickname::parse(&typed) {
                prop_assert_eq!(Nickname::parse(nickname.as_str()), Ok(nickname));
            }
        }

        #[test]
        fn thai_that_is_read_reads_the_same(typed in "[\u{0E01}-\u{0E59} a1\u{200B}]{1,24}") {
            if let Ok(nickname) = Nickname::parse(&typed) {
                prop_assert_eq!(Nickname::parse(nickname.as_str()), Ok(nickname));
            }
        }
    }
}
