//! One spelling for every encoding of a Thai name, and the key by which names are compared.
//!
//! Unicode's own forms do not do this. NFC never joins ◌ํ + า into ำ, since that is a compatibility decomposition, and
//! leaves tone + ◌ิ in typing order, since ◌ิ has combining class 0; NFKC splits every ำ. So: NFC first, then the
//! repairs below, which change only what looks the same on a screen. Nothing that spells a different legal name is
//! folded: ศ, ษ and ส stay apart, ◌์ stays.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

use super::digits::is_dash;
use super::title;

const SARA_AA: char = '\u{0E32}';
const SARA_AM: char = '\u{0E33}';
const SARA_E: char = '\u{0E40}';
const SARA_AE: char = '\u{0E41}';
const NIKHAHIT: char = '\u{0E4D}';

/// The key of a name from another source (a registry, a directory), comparable to `ThaiName::key`. A title is taken off
/// where it cannot be part of the name: before white space, or abbreviated with full stops (น.ส.สมหญิง).
///
/// Takes any text, in linear time; idempotent.
pub fn comparison_key(text: &str) -> String {
    let spelled = spelling(text);
    let mut name = spelled.as_str();
    while let Some((_, rest)) = title::before_space(name) {
        name = rest;
    }
    let joined = key(name);
    let mut name = joined.as_str();
    while let Some((_, rest)) = title::abbreviated(name) {
        name = rest;
    }
    name.to_owned()
}

/// The text as its writer sees it, in one encoding: NFC, without invisible characters, with single spaces and ordinary
/// hyphens, and with the Thai repairs made. Idempotent.
pub(crate) fn spelling(typed: &str) -> String {
    let mut clean = String::with_capacity(typed.len());
    for c in typed.chars().filter(|&c| !is_invisible(c)) {
        if c.is_whitespace() {
            if !clean.is_empty() && !clean.ends_with(' ') {
                clean.push(' ');
            }
        } else {
            clean.push(if is_dash(c) { '-' } else { c });
        }
    }
    repair(clean.trim_end())
}

/// What two names are compared by: the spelling without spaces and hyphens. Only equality has a meaning.
pub(super) fn key(spelled: &str) -> String {
    let joined: String = spelled.chars().filter(|&c| c != ' ' && c != '-').collect();
    // Taking a space away can bring marks together, so the repairs are made once more.
    repair(&joined)
}

/// Zero-width characters, direction marks and the soft hyphen: they come with copied text and cannot be seen.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}' | '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}'
    )
}

/// Vowel signs and others that sit above or below a consonant and come before its tone mark: ◌ั ◌ิ–◌ฺ ◌็.
pub(super) fn is_vowel_mark(c: char) -> bool {
    matches!(c, '\u{0E31}' | '\u{0E34}'..='\u{0E3A}' | '\u{0E47}')
}

/// ◌่ ◌้ ◌๊ ◌๋
pub(super) fn is_tone(c: char) -> bool {
    matches!(c, '\u{0E48}'..='\u{0E4B}')
}

/// ◌์ ◌ํ ◌๎: above the consonant, after any vowel sign.
pub(super) fn is_top_mark(c: char) -> bool {
    matches!(c, '\u{0E4C}'..='\u{0E4E}')
}

/// NFC around the Thai repairs: the first joins what Unicode can join, the last keeps the result in NFC where marks of
/// other scripts stand among Thai ones.
fn repair(text: &str) -> String {
    let composed: String = text.nfc().collect();
    order_marks(&composed).nfc().collect()
}

/// One pass over the text: เเ becomes แ, and every run of marks on a letter is put into the order vowel, tone, top, each
/// once, with ◌ํ + า joined to ำ and marks typed after ำ moved before it.
fn order_marks(text: &str) -> String {
    let mut spelled = String::with_capacity(text.len());
    let mut marks: Vec<char> = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(&c) = rest.peek() {
        if c == SARA_AM || is_mark(c) {
            let ends_in_am = take_run(&mut rest, &mut marks);
            // Stable, so marks of other scripts keep the order NFC gave them.
            marks.sort_by_key(|&mark| place(mark));
            marks.dedup_by(|mark, before| mark == before && place(*mark) != OTHER_SCRIPT);
            spelled.extend(marks.drain(..));
            if ends_in_am {
                spelled.push(SARA_AM);
            }
            continue;
        }
        rest.next();
        if c == SARA_E && rest.peek() == Some(&SARA_E) {
            rest.next();
            spelled.push(SARA_AE);
        } else {
            spelled.push(c);
        }
    }
    spelled
}

/// Moves one run of marks out of the text; true when the run makes a ำ, whose own ◌ํ is then not among the marks.
fn take_run(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, marks: &mut Vec<char>) -> bool {
    let mut am = false;
    while let Some(&c) = rest.peek() {
        match c {
            SARA_AM => am = true,
            SARA_AA if !am && marks.contains(&NIKHAHIT) => am = true,
            _ if is_mark(c) => marks.push(c),
            _ => break,
        }
        rest.next();
    }
    if am {
        marks.retain(|&mark| mark != NIKHAHIT);
    }
    am
}

/// Where marks of other scripts stand: after the Thai ones, among themselves as they were.
const OTHER_SCRIPT: (u8, char) = (2, '\0');

fn is_mark(c: char) -> bool {
    is_vowel_mark(c) || is_tone(c) || is_top_mark(c) || canonical_combining_class(c) != 0
}

/// Where a mark stands in its run: Thai marks by group and code point, marks of other scripts after them.
fn place(mark: char) -> (u8, char) {
    if is_vowel_mark(mark) {
        (0, mark)
    } else if is_tone(mark) || is_top_mark(mark) {
        (1, mark)
    } else {
        OTHER_SCRIPT
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use proptest::prelude::*;

    fn same(variants: &[&str], expected: &str) {
        for variant in variants {
            assert_eq!(comparison_key(variant), expected, "{}", variant.escape_unicode());
        }
    }

    fn differ(a: &str, b: &str) {
        assert_ne!(comparison_key(a), comparison_key(b), "{a} {b}");
    }

    #[test]
    fn s109_water_in_every_encoding_is_one_word() {
        same(
            &[
                "น\u{0E49}\u{0E33}",         // tone, am: as keyboards send it
                "น\u{0E33}\u{0E49}",         // am, tone
                "น\u{0E49}\u{0E4D}\u{0E32}", // tone, nikhahit, aa: what NFKC makes of the first
                "น\u{0E4D}\u{0E49}\u{0E32}", // nikhahit, tone, aa
                "น\u{0E4D}\u{0E32}\u{0E49}", // nikhahit, aa, tone: what NFKC makes of the second
                "น\u{0E49}\u{0E49}\u{0E33}", // a tone typed twice
            ],
            "น\u{0E49}\u{0E33}",
        );
    }

    #[test]
    fn s109_every_normal_form_has_the_same_key() {
        for name in ["น้ำผึ้ง", "กุ้ง", "สุทธิพันธุ์", "แก้ว", "ณ อยุธยา", "ธรรม\u{0E4D}าภรณ์"]
        {
            let key = comparison_key(name);
            same(
                &[
                    &name.nfc().collect::<String>(),
                    &name.nfd().collect::<String>(),
                    &name.nfkc().collect::<String>(),
                    &name.nfkd().collect::<String>(),
                ],
                &key,
            );
        }
    }

    #[test]
    fn s109_marks_in_any_typing_order() {
        same(&["ก\u{0E34}\u{0E48}ง", "ก\u{0E48}\u{0E34}ง", "ก\u{0E48}\u{0E34}\u{0E48}ง"], "ก\u{0E34}\u{0E48}ง");
        same(&["ก\u{0E38}\u{0E49}ง", "ก\u{0E49}\u{0E38}ง"], "ก\u{0E38}\u{0E49}ง");
        same(&["พันธ\u{0E38}\u{0E4C}", "พันธ\u{0E4C}\u{0E38}"], "พันธ\u{0E38}\u{0E4C}");
    }

    #[test]
    fn s109_two_e_are_ae() {
        same(&["แสง", "\u{0E40}\u{0E40}สง"], "แสง");
        same(&["\u{0E40}\u{0E40}\u{0E40}\u{0E40}ก"], "แแก");
    }

    #[test]
    fn s109_what_cannot_be_seen_does_not_count() {
        same(
            &[
                "\u{FEFF}สม\u{200B}ชาย\u{200E}",
                "\u{202A}สม\u{00AD}ชาย\u{202C}",
                "สม\u{2060}\u{2068}ชาย\u{2069}",
                " สม\tชาย\u{3000}",
            ],
            "สมชาย",
        );
        same(&["ณ อยุธยา", "ณ  อยุธยา", "ณ\u{00A0}อยุธยา", "ณอยุธยา", "ณ-อยุธยา", "ณ\u{2013}อยุธยา"], "ณอยุธยา");
    }

    #[test]
    fn s109_different_legal_names_stay_different() {
        differ("ศักดิ์", "สักดิ์");
        differ("ษา", "สา");
        differ("พันธ์", "พันธ");
        differ("สิทธิ์", "สิทธิ");
        differ("สมชาย", "สมชัย");
        differ("กา", "ก่า");
        differ("ข้าว", "ขาว");
        differ("เก", "แก");
        differ("ฤทธิ", "ฤๅทธิ");
        differ("พา", "พำ");
        // Letters that look alike in another script are other letters.
        differ("นu", "นน");
    }

    #[test]
    fn s109_a_million_unequal_pairs_stay_unequal() {
        let mut keys = HashSet::new();
        let mut names = 0_usize;
        for consonant in "กขคจชญฐณดตถทธนบปผพภมยรลวศษสหอ".chars()
        {
            for vowel in ["", "ั", "ิ", "ี", "ึ", "ื", "ุ", "ู", "า", "ำ"] {
                for tone in ["", "่", "้", "๊", "๋"] {
                    let syllable = match vowel {
                        "า" | "ำ" => format!("{consonant}{tone}{vowel}"),
                        _ => format!("{consonant}{vowel}{tone}"),
                    };
                    keys.insert(comparison_key(&format!("{syllable}ศักดิ์")));
                    names += 1;
                }
            }
        }
        assert!(names * (names - 1) / 2 > 1_000_000);
        assert_eq!(keys.len(), names);
    }

    #[test]
    fn a_title_that_cannot_be_part_of_the_name_is_taken_off() {
        same(&["นาย สมชาย", "สมชาย"], "สมชาย");
        same(&["นางสาว สมหญิง", "น.ส. สมหญิง", "น.ส.สมหญิง", "น. ส. สมหญิง"], "สมหญิง");
        same(&["นายิกา"], "นายิกา");
        // Glued, it may be the name itself (นางนวล, a gull): only the person can say.
        same(&["นางนวล"], "นางนวล");
    }

    /// Thai marks and letters, spaces, hyphens, invisible characters, marks and letters of other scripts.
    fn hostile() -> impl Strategy<Value = String> {
        proptest::collection::vec(
            prop_oneof![
                6 => proptest::char::range('\u{0E00}', '\u{0E5B}'),
                3 => proptest::sample::select(vec![SARA_AA, SARA_AM, SARA_E, NIKHAHIT, '\u{0E49}', '\u{0E34}', '\u{0E38}', '\u{0E3A}', 'น', 'ส', '.']),
                2 => proptest::sample::select(vec![' ', '-', '\u{200B}', '\u{2011}', '\u{00AD}', '\u{00A0}']),
                1 => proptest::sample::select(vec!['a', 'e', '\u{0301}', '\u{0327}', '\u{0334}', '\u{05B0}', '\u{0345}', '\u{0958}', '\u{3099}', 'か']),
            ],
            0..40,
        )
        .prop_map(|chars| chars.into_iter().collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn s109_spelling_and_key_are_idempotent(text in hostile()) {
            let spelled = spelling(&text);
            prop_assert_eq!(spelling(&spelled), spelled.clone());
            let folded = key(&spelled);
            prop_assert_eq!(key(&spelling(&folded)), folded);
            let compared = comparison_key(&text);
            prop_assert_eq!(comparison_key(&compared), compared);
        }

        #[test]
        fn the_key_never_grows_beyond_what_nfc_gives(text in hostile()) {
            // One pass that only moves, joins and drops: no input makes it write more than it read.
            prop_assert!(comparison_key(&text).chars().count() <= text.nfd().count());
        }

        #[test]
        fn any_text_has_an_idempotent_key(text: String) {
            let compared = comparison_key(&text);
            prop_assert_eq!(comparison_key(&compared), compared);
        }
    }
}
