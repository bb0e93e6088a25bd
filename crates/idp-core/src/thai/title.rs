//! Titles (คำนำหน้าชื่อ): those the form offers, and how one typed into a name box is noticed.

use serde::{Deserialize, Serialize};

use super::fold;

/// A person's title: one of the five of everyday life, or what else a person wrote (a rank, an academic or royal style).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Title {
    /// นาย, Mr.
    Nai,
    /// นาง, Mrs.
    Nang,
    /// นางสาว, Miss
    NangSao,
    /// เด็กชาย, Master: a boy under 15
    DekChai,
    /// เด็กหญิง, Miss: a girl under 15
    DekYing,
    /// อื่น ๆ (ระบุ): as written, cleaned
    Other(String),
}

/// Why a title is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TitleError {
    /// Nothing was chosen or written.
    #[error("no title")]
    Empty,
    /// More than [`Title::MAX_CHARS`] characters.
    #[error("the title is too long")]
    TooLong,
    /// A character that no title has.
    #[error("the title has a character that does not belong there")]
    BadCharacter(char),
}

impl TitleError {
    /// The locale key of the text that tells the person what to do.
    pub fn message_key(&self) -> &'static str {
        match self {
            TitleError::Empty => "error-title-empty",
            TitleError::TooLong => "error-title-too-long",
            TitleError::BadCharacter(_) => "error-title-bad-character",
        }
    }
}

impl Title {
    /// Those the form offers, in its order; "อื่น ๆ" follows them.
    pub const OFFERED: [Title; 5] = [Title::Nai, Title::Nang, Title::NangSao, Title::DekChai, Title::DekYing];

    /// The most characters another title may have.
    pub const MAX_CHARS: usize = 50;

    /// Reads a title: one of the five, their abbreviations, or any other in Thai or Latin letters.
    pub fn parse(typed: &str) -> Result<Title, TitleError> {
        let typed = typed.trim();
        if typed.chars().nth(Title::MAX_CHARS).is_some() {
            return Err(TitleError::TooLong);
        }
        let written = fold::spelling(typed);
        if written.is_empty() {
            return Err(TitleError::Empty);
        }
        let joined = fold::key(&written);
        if let Some((_, title)) = WORDS.iter().chain(&ABBREVIATIONS).find(|(word, _)| *word == joined) {
            return Ok(title.clone());
        }
        match written.chars().find(|&c| !may_stand_in_a_title(c)) {
            Some(c) => Err(TitleError::BadCharacter(c)),
            None => Ok(Title::Other(written)),
        }
    }

    /// The title in Thai, as it is stored and serialised.
    pub fn as_thai(&self) -> &str {
        match self {
            Title::Nai => "นาย",
            Title::Nang => "นาง",
            Title::NangSao => "นางสาว",
            Title::DekChai => "เด็กชาย",
            Title::DekYing => "เด็กหญิง",
            Title::Other(written) => written,
        }
    }

    /// The title in English; `None` for one that has no set translation.
    pub fn as_english(&self) -> Option<&'static str> {
        match self {
            Title::Nai => Some("Mr."),
            Title::Nang => Some("Mrs."),
            Title::NangSao | Title::DekYing => Some("Miss"),
            Title::DekChai => Some("Master"),
            Title::Other(_) => None,
        }
    }
}

impl From<Title> for String {
    fn from(title: Title) -> String {
        title.as_thai().to_owned()
    }
}

impl TryFrom<String> for Title {
    type Error = TitleError;

    fn try_from(stored: String) -> Result<Title, TitleError> {
        Title::parse(&stored)
    }
}

/// Longest first: นางสาว begins with นาง.
static WORDS: [(&str, Title); 5] = [
    ("เด็กหญิง", Title::DekYing),
    ("เด็กชาย", Title::DekChai),
    ("นางสาว", Title::NangSao),
    ("นาย", Title::Nai),
    ("นาง", Title::Nang),
];

static ABBREVIATIONS: [(&str, Title); 3] =
    [("น.ส.", Title::NangSao), ("ด.ช.", Title::DekChai), ("ด.ญ.", Title::DekYing)];

static LATIN_WORDS: [&str; 5] = ["Master", "Miss", "Mrs", "Mr", "Ms"];

fn may_stand_in_a_title(c: char) -> bool {
    c.is_ascii_alphabetic()
        || matches!(c, '\u{0E01}'..='\u{0E2E}' | '\u{0E30}'..='\u{0E3A}' | '\u{0E40}'..='\u{0E45}' | '\u{0E47}'..='\u{0E4D}')
        || matches!(c, ' ' | '-' | '.' | '(' | ')')
}

/// Splits off a title that the person seems to have typed into the name box; `None` leaves the name alone.
///
/// Names may begin with a title's letters, so the title is offered for removal, never removed, and only where it reads
/// as one:
/// 1. the whole text is a title, and the name is still missing (นาย);
/// 2. white space follows it (นาย สมชาย), or it is abbreviated with full stops (น.ส.สมหญิง);
/// 3. what follows can stand as a name by itself: it begins a syllable, so that in นายิกา the ย belongs to the name,
///    and is more than a lone or silent consonant, so that นายก and นางค์ are names.
///
/// The longest title that reads so wins: นางสาวิตรี is นาง + สาวิตรี, since ิตรี begins no syllable.
/// นางนวล is both a title with a name and a name; the page offers, and the person confirms the name as typed.
pub(super) fn at_start(name: &str) -> Option<(&'static str, &str)> {
    before_space(name).or_else(|| abbreviated(name)).or_else(|| {
        WORDS.iter().find_map(|(word, _)| {
            let rest = name.strip_prefix(word)?;
            (rest.is_empty() || could_be_a_name(rest)).then_some((*word, rest))
        })
    })
}

/// A title, abbreviated or not, that white space sets apart from what follows.
pub(super) fn before_space(name: &str) -> Option<(&'static str, &str)> {
    let (first, rest) = name.split_once(' ')?;
    let (word, _) = WORDS.iter().chain(&ABBREVIATIONS).find(|(word, _)| *word == first)?;
    Some((word, rest))
}

/// A title abbreviated with full stops, glued to the name or not: no name begins that way.
pub(super) fn abbreviated(name: &str) -> Option<(&'static str, &str)> {
    ABBREVIATIONS.iter().find_map(|(word, _)| Some((*word, name.strip_prefix(word)?.trim_start())))
}

/// An English title before a space or a full stop (Mr. Somchai), or alone.
pub(super) fn latin_at_start(name: &str) -> Option<(&'static str, &str)> {
    LATIN_WORDS.iter().find_map(|word| {
        let (first, rest) = name.split_at_checked(word.len())?;
        let set_apart = rest.is_empty() || rest.starts_with([' ', '.']);
        (set_apart && first.eq_ignore_ascii_case(word)).then(|| (*word, rest.trim_start_matches([' ', '.'])))
    })
}

/// Whether Thai text could be a name of its own: it begins with a syllable, and has two sounded consonants, or one with
/// a vowel (ลี, โต).
fn could_be_a_name(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let begins_a_syllable = match chars.as_slice() {
        [vowel, consonant, ..] if is_leading_vowel(*vowel) => is_consonant(*consonant),
        [first, ..] => is_consonant(*first),
        [] => false,
    };
    let silenced = |at: usize| {
        // ◌์ silences its consonant, also over a vowel sign (พันธุ์).
        let next = |n: usize| chars.get(at + n).copied().unwrap_or(' ');
        next(1) == THANTHAKHAT || fold::is_vowel_mark(next(1)) && next(2) == THANTHAKHAT
    };
    let consonants = (0..chars.len()).filter(|&at| is_consonant(chars[at]) && !silenced(at)).count();
    let vowels = chars.iter().any(|&c| is_leading_vowel(c) || is_following_vowel(c) || fold::is_vowel_mark(c));
    begins_a_syllable && (consonants >= 2 || consonants == 1 && vowels)
}

const THANTHAKHAT: char = '\u{0E4C}';

/// ก–ฮ, with ฤ and ฦ, which carry their vowel with them.
pub(super) fn is_consonant(c: char) -> bool {
    matches!(c, '\u{0E01}'..='\u{0E2E}')
}

/// เ แ โ ใ ไ: written before the consonant they are spoken after.
pub(super) fn is_leading_vowel(c: char) -> bool {
    matches!(c, '\u{0E40}'..='\u{0E44}')
}

/// ะ า ำ ๅ: written after their consonant, on the line.
pub(super) fn is_following_vowel(c: char) -> bool {
    matches!(c, '\u{0E30}' | '\u{0E32}' | '\u{0E33}' | '\u{0E45}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(typed: &str, expected: Result<Title, TitleError>) {
        assert_eq!(Title::parse(typed), expected, "{typed:?}");
    }

    #[test]
    fn the_five_are_known_by_word_and_abbreviation() {
        for title in Title::OFFERED {
            check(title.as_thai(), Ok(title.clone()));
        }
        check(" น.ส. ", Ok(Title::NangSao));
        check("น. ส.", Ok(Title::NangSao));
        check("ด.ญ.", Ok(Title::DekYing));
        check("\u{0E40}ด\u{0E47}กชาย", Ok(Title::DekChai));
    }

    #[test]
    fn other_titles_are_kept_as_written() {
        for written in ["ว่าที่ร้อยตรี (หญิง)", "ม.ร.ว.", "Dr.", "พันตำรวจโท"]
        {
            check(written, Ok(Title::Other(written.to_owned())));
            assert_eq!(Title::parse(written).unwrap().as_english(), None);
        }
        check("", Err(TitleError::Empty));
        check(" \u{200B}", Err(TitleError::Empty));
        check(&"ก".repeat(51), Err(TitleError::TooLong));
        check("<b>", Err(TitleError::BadCharacter('<')));
        check("นาย๑", Err(TitleError::BadCharacter('๑')));
    }

    #[test]
    fn a_title_is_serialised_as_its_thai_word() {
        let json = serde_json::to_string(&Title::NangSao).unwrap();
        assert_eq!(json, "\"นางสาว\"");
        assert_eq!(serde_json::from_str::<Title>(&json).unwrap(), Title::NangSao);
        assert!(serde_json::from_str::<Title>("\"<\"").is_err());
    }

    #[test]
    fn a_typed_title_is_noticed_longest_first() {
        for (name, title, rest) in [
            ("นาย สมชาย", "นาย", "สมชาย"),
            ("นายสมชาย", "นาย", "สมชาย"),
            ("นางสาวสมหญิง", "นางสาว", "สมหญิง"),
            ("นางสาว สมหญิง", "นางสาว", "สมหญิง"),
            ("นางสมหญิง", "นาง", "สมหญิง"),
            ("นางสาวิตรี", "นาง", "สาวิตรี"),
            ("น.ส.สมหญิง", "น.ส.", "สมหญิง"),
            ("ด.ช. โต", "ด.ช.", "โต"),
            ("เด็กชายโต", "เด็กชาย", "โต"),
            ("เด็กหญิงใจดี", "เด็กหญิง", "ใจดี"),
            ("นายลี", "นาย", "ลี"),
            ("นาย", "นาย", ""),
        ] {
            assert_eq!(at_start(name), Some((title, rest)), "{name}");
        }
    }

    #[test]
    fn names_that_begin_with_a_titles_letters_pass() {
        for name in ["นายิกา", "นายก", "นางค์", "นายะ", "นายาว", "สมนาย", "นา", "นารี", "นางุ์", "น", ""]
        {
            assert_eq!(at_start(name), None, "{name}");
        }
    }

    #[test]
    fn english_titles_are_noticed_before_a_space_or_full_stop() {
        for (name, expected) in [
            ("Mr. Somchai", Some(("Mr", "Somchai"))),
            ("mr.somchai", Some(("Mr", "somchai"))),
            ("MISS Somying", Some(("Miss", "Somying"))),
            ("Mrs", Some(("Mrs", ""))),
            ("Missana", None),
            ("Mre", None),
            ("é", None),
        ] {
            assert_eq!(latin_at_start(name), expected, "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(typed: String) {
            let _ = Title::parse(&typed);
            let _ = at_start(&typed);
            let _ = latin_at_start(&typed);
        }

        #[test]
        fn what_is_stored_reads_back(typed in "[ก-ฮa-zA-Z .()-]{0,60}") {
            if let Ok(title) = Title::parse(&typed) {
                prop_assert_eq!(Title::parse(title.as_thai()), Ok(title.clone()));
            }
        }
    }
}
