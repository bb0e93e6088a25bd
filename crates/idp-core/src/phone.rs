//! Thai telephone numbers.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::thai::ascii_digits;

/// A Thai telephone number, mobile or fixed, in E.164. `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

/// Why a typed number is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Nothing was typed.
    #[error("no number was typed")]
    Empty,
    /// Something other than digits and the signs between them.
    #[error("the number has characters that are not digits")]
    NotDigits,
    /// Too few or too many digits for its kind.
    #[error("the number has a wrong number of digits")]
    WrongLength,
    /// Another country's number, or a prefix that Thailand does not use.
    #[error("not a Thai number")]
    NotThai,
}

impl PhoneError {
    /// The locale key of the text that tells the person what to do.
    pub fn message_key(&self) -> &'static str {
        match self {
            PhoneError::Empty => "error-phone-empty",
            PhoneError::NotDigits => "error-phone-not-digits",
            PhoneError::WrongLength => "error-phone-length",
            PhoneError::NotThai => "error-phone-not-thai",
        }
    }
}

impl PhoneNumber {
    /// Reads a number in national (081-234-5678) or international form (+66 81 234 5678, +66 (0)81…, 0066…), in any
    /// digits.
    pub fn parse(typed: &str) -> Result<PhoneNumber, PhoneError> {
        let mut typed = ascii_digits(typed);
        typed.retain(|c| !matches!(c, '(' | ')' | '.'));
        if typed.is_empty() {
            return Err(PhoneError::Empty);
        }
        let (international, digits) = match typed.strip_prefix('+').or_else(|| typed.strip_prefix("00")) {
            Some(digits) => (true, digits),
            None => (false, typed.as_str()),
        };
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(PhoneError::NotDigits);
        }
        let subscriber = match digits.strip_prefix("66") {
            Some(rest) => rest.strip_prefix('0').unwrap_or(rest),
            None if international => return Err(PhoneError::NotThai),
            // Without its 0 a number may still be to the point, but a guess here would be a message to a stranger.
            None => digits.strip_prefix('0').ok_or(PhoneError::NotThai)?,
        };
        let expected = match subscriber.bytes().next() {
            Some(b'6' | b'8' | b'9') => MOBILE_DIGITS,
            Some(b'2'..=b'5' | b'7') => FIXED_DIGITS,
            Some(_) => return Err(PhoneError::NotThai),
            None => return Err(PhoneError::WrongLength),
        };
        if subscriber.len() != expected {
            return Err(PhoneError::WrongLength);
        }
        Ok(PhoneNumber(format!("{COUNTRY}{subscriber}")))
    }

    /// The number in E.164, as in the `phone_number` claim: +66812345678.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number as Thai people write it: 081-234-5678, 02-123-4567, 053-123-456.
    pub fn shown(&self) -> String {
        let subscriber = self.subscriber();
        let (area, rest) = subscriber.split_at(if subscriber.starts_with('2') { 1 } else { 2 });
        let (first, last) = rest.split_at(3);
        format!("0{area}-{first}-{last}")
    }

    /// Whether a text message can reach it.
    pub fn is_mobile(&self) -> bool {
        self.subscriber().len() == MOBILE_DIGITS
    }

    fn subscriber(&self) -> &str {
        &self.0[COUNTRY.len()..]
    }
}

const COUNTRY: &str = "+66";
/// 06, 08 or 09 and eight digits, the 0 not counted.
const MOBILE_DIGITS: usize = 9;
/// 02 and seven digits, or 03x–07x and six, the 0 not counted.
const FIXED_DIGITS: usize = 8;

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(…)")
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> String {
        number.0
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = PhoneError;

    fn try_from(stored: String) -> Result<PhoneNumber, PhoneError> {
        PhoneNumber::parse(&stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(typed: &str, expected: Result<&str, PhoneError>) {
        let parsed = PhoneNumber::parse(typed);
        assert_eq!(parsed.as_ref().map(PhoneNumber::as_str).map_err(|e| *e), expected, "{typed:?}");
    }

    #[test]
    fn one_form_however_it_is_typed() {
        for typed in [
            "0812345678",
            "081-234-5678",
            "๐๘๑ ๒๓๔ ๕๖๗๘",
            "+66 81 234 5678",
            "+66 (0)81-234-5678",
            "66812345678",
            "0066812345678",
            "081.234.5678\u{200B}",
        ] {
            check(typed, Ok("+66812345678"));
        }
        check("02-123-4567", Ok("+6621234567"));
        check("053 123 456", Ok("+6653123456"));
    }

    #[test]
    fn each_fault_has_its_own_answer() {
        check("", Err(PhoneError::Empty));
        check(" - ", Err(PhoneError::Empty));
        check("+", Err(PhoneError::NotDigits));
        check("081-CALL-ME", Err(PhoneError::NotDigits));
        check("08123456789", Err(PhoneError::WrongLength));
        check("081234567", Err(PhoneError::WrongLength));
        check("0", Err(PhoneError::WrongLength));
        check("021234567890", Err(PhoneError::WrongLength));
        check("+1 202 555 0100", Err(PhoneError::NotThai));
        check("812345678", Err(PhoneError::NotThai));
        check("0112345678", Err(PhoneError::NotThai));
    }

    #[test]
    fn numbers_are_shown_in_their_groups() {
        let shown = |typed| PhoneNumber::parse(typed).unwrap().shown();
        assert_eq!(shown("+66812345678"), "081-234-5678");
        assert_eq!(shown("021234567"), "02-123-4567");
        assert_eq!(shown("053123456"), "053-123-456");
        assert!(PhoneNumber::parse("0812345678").unwrap().is_mobile());
        assert!(!PhoneNumber::parse("021234567").unwrap().is_mobile());
    }

    #[test]
    fn a_number_is_a_string_to_serde_and_hidden_from_debug() {
        let number = PhoneNumber::parse("0812345678").unwrap();
        assert_eq!(serde_json::to_string(&number).unwrap(), "\"+66812345678\"");
        assert_eq!(format!("{number:?}"), "PhoneNumber(…)");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(typed: String) {
            let _ = PhoneNumber::parse(&typed);
        }

        #[test]
        fn what_passes_reads_back_in_both_forms(typed in "[+0]?[0-9]{8,12}") {
            if let Ok(number) = PhoneNumber::parse(&typed) {
                prop_assert_eq!(PhoneNumber::parse(number.as_str()), Ok(number.clone()));
                prop_assert_eq!(PhoneNumber::parse(&number.shown()), Ok(number));
            }
        }
    }
}
