//! Digits as people type and paste them, brought to ASCII.

use super::fold::is_invisible;

/// Brings Thai (๐–๙), Arabic-Indic and full-width digits to ASCII and removes spaces, dashes, zero-width characters and
/// direction marks. Every other character stays, so that the caller can say that it does not belong there.
pub fn ascii_digits(typed: &str) -> String {
    typed
        .chars()
        .filter(|&c| !(c.is_whitespace() || is_dash(c) || is_invisible(c)))
        .map(|c| digit(c).unwrap_or(c))
        .collect()
}

/// Brings Thai, Arabic-Indic and full-width digits to ASCII, and leaves everything else as it is.
pub(super) fn with_ascii_digits(typed: &str) -> String {
    typed.chars().map(|c| digit(c).unwrap_or(c)).collect()
}

/// The hyphens, dashes and minus signs that phones and word processors put between groups of digits or parts of a name.
pub(super) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}')
}

fn digit(c: char) -> Option<char> {
    const ZEROS: [char; 4] = ['\u{0E50}', '\u{0660}', '\u{06F0}', '\u{FF10}'];
    ZEROS.iter().find_map(|&zero| {
        let value = u32::from(c).checked_sub(u32::from(zero))?;
        char::from_digit(value, 10)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(typed: &str, expected: &str) {
        assert_eq!(ascii_digits(typed), expected, "{typed:?}");
    }

    #[test]
    fn digits_of_every_keyboard_become_ascii() {
        check("๐๑๒๓๔๕๖๗๘๙", "0123456789");
        check("٠١٢٣٤٥٦٧٨٩", "0123456789");
        check("۰۱۲۳۴۵۶۷۸۹", "0123456789");
        check("０１２３４５６７８９", "0123456789");
        check("0123456789", "0123456789");
    }

    #[test]
    fn what_only_groups_digits_disappears() {
        check(" 1-0000–00000\u{2011}01 7\u{00A0}", "1000000000017");
        check("1\u{200B}0\u{2060}0\u{FEFF}0\u{202A}0\u{2069}0\u{00AD}", "100000");
    }

    #[test]
    fn anything_else_stays_to_be_refused() {
        check("G12a²½", "G12a²½");
        check("1.5", "1.5");
    }

    proptest! {
        #[test]
        fn idempotent_on_any_text(typed: String) {
            let once = ascii_digits(&typed);
            prop_assert_eq!(ascii_digits(&once), once);
        }
    }
}
