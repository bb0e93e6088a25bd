//! Whether a password is strong enough: long enough, not common, not made of what is known about its owner.
//!
//! No composition rules (NIST SP 800-63B-4 §3.1.1.2): a long phrase in any script passes, "Passw0rd!" does not.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;
use zxcvbn::{Score, zxcvbn};

/// The most characters a password may have.
pub const MAX_CHARS: usize = 128;
/// The fewest characters of a password that is the only factor (NIST SP 800-63B-4 §3.1.1.2).
pub const MIN_CHARS: usize = 15;
/// The fewest characters of a password beside a second factor.
pub const MIN_CHARS_WITH_SECOND_FACTOR: usize = 8;

/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordWeakness {
    /// Too few characters.
    #[error("the password has fewer than {min} characters")]
    TooShort {
        /// How many it needs.
        min: usize,
    },
    /// Too many characters.
    #[error("the password has more than {max} characters")]
    TooLong {
        /// How many it may have.
        max: usize,
    },
    /// Among the first that anybody would guess: a common password, a keyboard row, a repetition, this service's name.
    #[error("the password is common")]
    Common,
    /// Made of the owner's e-mail address, name, organisation or the like.
    #[error("the password is made of its owner's own data")]
    MadeOfOwnData,
}

impl PasswordWeakness {
    /// The locale key of the text that tells the person what to do; `min` and `max` are its arguments.
    pub fn message_key(&self) -> &'static str {
        match self {
            PasswordWeakness::TooShort { .. } => "error-password-too-short",
            PasswordWeakness::TooLong { .. } => "error-password-too-long",
            PasswordWeakness::Common => "error-password-common",
            PasswordWeakness::MadeOfOwnData => "error-password-own-data",
        }
    }
}

/// The one form in which a password is measured, hashed and compared: NFC, so that it is the same from every keyboard.
/// Too long a text is refused before anything is done with it.
pub fn normal_form(password: &str) -> Result<Zeroizing<String>, PasswordWeakness> {
    // Counts to 129 at most, whatever was sent.
    if password.chars().nth(MAX_CHARS).is_some() {
        return Err(PasswordWeakness::TooLong { max: MAX_CHARS });
    }
    Ok(Zeroizing::new(password.nfc().collect()))
}

/// Judges a new password. `own_words` are the e-mail address, names, organisation, telephone number and birth date of
/// its owner, each as it is; they are taken apart here.
pub fn check(password: &str, second_factor: bool, own_words: &[&str]) -> Result<(), PasswordWeakness> {
    let password = normal_form(password)?;
    let min = if second_factor { MIN_CHARS_WITH_SECOND_FACTOR } else { MIN_CHARS };
    if password.chars().count() < min {
        return Err(PasswordWeakness::TooShort { min });
    }

    let lower = Zeroizing::new(password.to_lowercase());
    let own = parts_of(own_words);
    if mostly_made_of(&lower, own.iter().map(String::as_str)) {
        return Err(PasswordWeakness::MadeOfOwnData);
    }
    let known = || own.iter().map(String::as_str).chain(COMMON_HERE);
    if mostly_made_of(&lower, known()) {
        return Err(PasswordWeakness::Common);
    }
    if is_guessable(&password, COMMON_HERE) {
        return Err(PasswordWeakness::Common);
    }
    if is_guessable(&password, known()) {
        return Err(PasswordWeakness::MadeOfOwnData);
    }
    Ok(())
}

/// What people here choose, beyond the lists that the strength library brings: this service and its ministry, everyday
/// Thai words, Thai words typed on an English keyboard, and rows of the Thai keyboard.
#[rustfmt::skip]
const COMMON_HERE: [&str; 32] = [
    "moc", "account", "mocaccount", "commerce", "ministry", "dbd", "ditp", "thailand", "bangkok",
    "พาณิชย์", "กระทรวง", "กระทรวงพาณิชย์", "บัญชี", "รหัสผ่าน", "รหัส", "ประเทศไทย", "กรุงเทพ", "สวัสดี", "ฉันรักเธอ", "รักเธอ",
    "isylzjko", "l;ylfu", "dit,k", "rahatphan", "sawasdee", "sawatdee",
    "ๆไำพะัีรนยบล", "ฟหกดเ้่าสวง", "ฟหกด", "ผปแอิืทมใฝ", "ๅ/_ภถุึคตจขช", "ๅ/-ภถุึคตจขช",
];

/// The fewest characters by which a word, or a number, says something about its owner.
const MIN_WORD: usize = 3;
const MIN_NUMBER: usize = 4;
/// The longest word and the most words that are looked for; a bound on the work, far beyond real data.
const MAX_WORD: usize = 32;
const MAX_WORDS: usize = 64;

/// The owner's data, lower-cased and in NFC, whole without punctuation (somchaij) and in its parts (somchai).
fn parts_of(own_words: &[&str]) -> Vec<String> {
    let separates = |c: char| c.is_whitespace() || c.is_ascii_punctuation();
    let mut parts = Vec::new();
    for word in own_words {
        let word: String = word.nfc().take(2 * MAX_CHARS).collect::<String>().to_lowercase();
        parts.push(word.replace(separates, ""));
        parts.extend(word.split(separates).map(str::to_owned));
    }
    parts.retain(|part| {
        let min = if part.bytes().all(|b| b.is_ascii_digit()) { MIN_NUMBER } else { MIN_WORD };
        part.chars().nth(min - 1).is_some()
    });
    for part in &mut parts {
        *part = part.chars().take(MAX_WORD).collect();
    }
    // Longest first, so that the bound drops what matters least.
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    parts.dedup();
    parts.truncate(MAX_WORDS);
    parts
}

/// Whether known words cover more than half of the password.
fn mostly_made_of<'a>(lower: &str, words: impl Iterator<Item = &'a str>) -> bool {
    let mut known = vec![false; lower.len()];
    for word in words {
        for (start, _) in lower.match_indices(word) {
            known[start..start + word.len()].fill(true);
        }
    }
    let (mut characters, mut covered) = (0, 0);
    for (at, _) in lower.char_indices() {
        characters += 1;
        covered += usize::from(known[at]);
    }
    covered * 2 > characters
}

/// The longest stretch that the strength library is asked about. Its estimates multiply without care for overflow, which
/// a stretch this short cannot reach (20! and 5¹⁹ fit), and its work grows faster than the length.
const STRETCH: usize = 20;

/// The fewest guesses that a password has to withstand; what the library calls a score of three.
const ENOUGH_GUESSES: u64 = 100_000_000;

/// Whether the password, or some stretch of a longer one, is among the first 10⁸ guesses: twenty dots add nothing to a
/// short password.
fn is_guessable<'a>(password: &str, words: impl IntoIterator<Item = &'a str>) -> bool {
    let words: Vec<&str> = words.into_iter().collect();
    let chars: Vec<char> = password.chars().collect();
    let estimate = |from: usize, to: usize| zxcvbn(&Zeroizing::new(with_few_substitutes(&chars[from..to])), &words);

    if chars.len() <= STRETCH {
        return estimate(0, chars.len()).score() < Score::Three;
    }
    let last = chars.len() - STRETCH;
    let weak_stretch = (0..last)
        .step_by(STRETCH / 2)
        .chain([last])
        .any(|start| estimate(start, start + STRETCH).score() < Score::Three);
    // A stretch may end within a word and not know it for one, so two long words are also looked for as two.
    weak_stretch
        || (last..=STRETCH).any(|cut| {
            let (first, second) = (estimate(0, cut), estimate(cut, chars.len()));
            first.guesses().saturating_mul(second.guesses()) < ENOUGH_GUESSES
        })
}

/// The most different substitutes (`4` for a, `(` for c …) for which the strength library is left to try every reading.
const MAX_SUBSTITUTES: usize = 6;

/// The library tries each combination of readings of `4@8({[<369!1|70$5+%2`: thousands, when all of them occur. So where
/// more than a few do, those that stand for the same letter are written alike, which its estimate hardly sees.
fn with_few_substitutes(stretch: &[char]) -> String {
    const SUBSTITUTES: &str = "4@8({[<369!1|70$5+%2";
    let different = SUBSTITUTES.chars().filter(|c| stretch.contains(c)).count();
    if different <= MAX_SUBSTITUTES {
        return stretch.iter().collect();
    }
    stretch
        .iter()
        .map(|&c| match c {
            '@' => '4',
            '{' | '[' | '<' => '(',
            '!' | '|' => '1',
            '$' => '5',
            '+' => '7',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OWN: [&str; 7] =
        ["somchai.jaidee@example.com", "สมชาย", "ใจดี", "Somchai", "Jaidee", "กรมการค้าต่างประเทศ", "081-234-5678"];

    fn judge(password: &str, expected: Result<(), PasswordWeakness>) {
        assert_eq!(check(password, false, &OWN), expected, "{password:?}");
    }

    fn judge_with_second_factor(password: &str, expected: Result<(), PasswordWeakness>) {
        assert_eq!(check(password, true, &OWN), expected, "{password:?}");
    }

    #[test]
    fn phrases_and_random_passwords_pass() {
        for password in [
            "correct horse battery staple",
            "แมวสามตัวนอนบนหลังคา",
            "ฝนตกที่หน้าต่างวันอังคาร 7 แก้ว",
            "vK8#qLw2!zRt5^mN",
            "tacit-orbit-muffin-glacier",
            "my dentist collects purple umbrellas in the rain and sings",
        ] {
            judge(password, Ok(()));
        }
        judge_with_second_factor("vK8#qLw2!", Ok(()));
    }

    #[test]
    fn length_is_counted_in_characters_after_nfc() {
        judge("vK8#qLw2!zRt5^", Err(PasswordWeakness::TooShort { min: 15 }));
        judge_with_second_factor("vK8#qLw", Err(PasswordWeakness::TooShort { min: 8 }));
        judge("", Err(PasswordWeakness::TooShort { min: 15 }));
        // Sixteen code points, fourteen after NFC.
        judge("vK8#qLw2!zRe\u{0301}o\u{0308}", Err(PasswordWeakness::TooShort { min: 15 }));
    }

    #[test]
    fn s062_too_long_is_refused_before_anything() {
        let too_long = Err(PasswordWeakness::TooLong { max: 128 });
        for length in [129, 4096, 10_000_000] {
            judge(&"a".repeat(length), too_long);
        }
        judge(&"ก".repeat(129), too_long);
        assert_eq!(normal_form(&"é".repeat(128)).unwrap().chars().count(), 128);
    }

    #[test]
    fn s062_byte_73_matters_and_normal_forms_are_one() {
        let base = "tacit-orbit-muffin-glacier/".repeat(3);
        let form = |end: &str| normal_form(&format!("{}{end}", &base[..72])).unwrap().to_string();
        assert_ne!(form("a"), form("b"));
        assert_eq!(normal_form("cafe\u{0301}\0x").unwrap().as_str(), "café\0x");
    }

    #[test]
    fn common_passwords_are_refused_however_long() {
        for password in [
            "passwordpassword",
            "Passw0rdPassw0rd!",
            "123456789012345",
            "qwertyuiopasdfghjkl",
            "aaaaaaaaaaaaaaaaaaaaaaaa",
            "1qaz2wsx3edc4rfv5tgb",
            "iloveyouiloveyou",
            "passwordadministration",
            "internationalcommunication",
            "passwordpasswordpasswordpasswordpasswordpassword",
            "รหัสผ่านรหัสผ่าน",
            "ฟหกดฟหกดฟหกดฟหกด",
            "ๆไำพะัีรนยบลฟหกด",
            "isylzjkoisylzjko",
        ] {
            judge(password, Err(PasswordWeakness::Common));
        }
        judge_with_second_factor("P@ssw0rd", Err(PasswordWeakness::Common));
        judge_with_second_factor("Thailand1", Err(PasswordWeakness::Common));
    }

    #[test]
    fn the_products_own_words_are_common() {
        for password in ["MOC Account 2569", "mocaccount123456", "กระทรวงพาณิชย์2569", "ministry of commerce"]
        {
            judge(password, Err(PasswordWeakness::Common));
        }
    }

    #[test]
    fn what_is_made_of_own_data_is_refused() {
        for password in [
            "somchai.jaidee@example.com",
            "SomchaiJaidee2533",
            "สมชายใจดีสมชายใจดี",
            "somchai0812345678",
            "กรมการค้าต่างประเทศ1",
            "jaidee!somchai!1",
        ] {
            judge(password, Err(PasswordWeakness::MadeOfOwnData));
        }
        judge_with_second_factor("Somchai1", Err(PasswordWeakness::MadeOfOwnData));
        judge_with_second_factor("5omch@i99", Err(PasswordWeakness::MadeOfOwnData));
        // A name in a strong password does no harm.
        judge("somchai-vK8#qLw2!zRt5", Ok(()));
    }

    #[test]
    fn own_data_that_says_nothing_changes_nothing() {
        for own in ["", "a", "jo", "...", " "] {
            assert_eq!(check("vK8#qLw2!zRt5^mN", false, &[own]), Ok(()), "{own:?}");
        }
        assert_eq!(check("vK8#qLw2!zRt5^mN", false, &[&"x".repeat(100_000)]), Ok(()));
    }

    #[test]
    fn substitutes_are_bounded_without_losing_keyboard_rows() {
        judge("!@#$%^&*()_+!@#$", Err(PasswordWeakness::Common));
        let all: Vec<char> = "4@8({[<369!1|70$5+%2".chars().collect();
        assert_eq!(with_few_substitutes(&all), "448((((36911170557%2");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn no_text_makes_the_check_panic(password: String, own: String) {
            let _ = check(&password, true, &[&own]);
        }

        #[test]
        fn no_walk_or_mixture_overflows_the_estimate(
            password in "([qwas]{8,60}|[aI1!]{8,128}|[4@8(\\{\\[<369!1|70$5+%2]{8,40}|[A-Za-z]{60,128})",
        ) {
            let _ = check(&password, true, &["aIaIaIaIaIaIaIaIaIaIaIaIaIaIaIaIaIaI"]);
        }

        #[test]
        fn weakness_does_not_depend_on_the_normal_form(password in "[a-zé-ü]{8,30}") {
            let decomposed: String = password.nfd().collect();
            prop_assert_eq!(check(&password, true, &OWN), check(&decomposed, true, &OWN));
        }
    }
}
