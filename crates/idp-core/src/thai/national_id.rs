//! The 13-digit citizen number (เลขประจำตัวประชาชน): its syntax, and a form that never prints whole.

use std::fmt;

use zeroize::Zeroizing;

use super::digits::ascii_digits;

/// A citizen number whose syntax is right: 13 digits, first digit 1–8, check digit correct.
///
/// That is a typo filter, never proof that the number exists: the third digit weighs 11, so the check digit does not
/// see it at all. `Debug` and `Display` show the mask; there is no `Serialize`, so the number enters a page, a log or a
/// claim only where code asks for [`NationalId::digits`] by name.
#[derive(Clone, PartialEq, Eq)]
pub struct NationalId(Zeroizing<String>);

/// Which numbers this installation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcceptedNumbers {
    /// Production: numbers that no registrar's office can have issued are refused.
    Real,
    /// Demo and tests: those numbers are welcome too.
    WithTestNumbers,
}

/// Why a typed number is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NationalIdError {
    /// Nothing was typed.
    #[error("no number was typed")]
    Empty,
    /// A number that a school issued to a pupil without papers: starts with G and is not a citizen number.
    #[error("a school's G-code is not a citizen number")]
    GCode,
    /// Something other than digits, spaces and dashes.
    #[error("the number has characters that are not digits")]
    NotDigits,
    /// Not 13 digits.
    #[error("the number has {digits} digits, not 13")]
    WrongLength {
        /// How many digits were typed.
        digits: usize,
    },
    /// The check digit does not fit: a typing error.
    #[error("the check digit does not fit")]
    Checksum,
    /// First digit 0 or 9: not on a citizen ID card, so a person at the staff counter has to look.
    #[error("numbers beginning with 0 or 9 are handled at the staff counter")]
    StaffCounter,
    /// A number for tests, in an installation that takes real ones only.
    #[error("a test number, where only real ones are taken")]
    TestNumber,
}

impl NationalIdError {
    /// The locale key of the text that tells the person what to do.
    pub fn message_key(&self) -> &'static str {
        match self {
            NationalIdError::Empty => "error-national-id-empty",
            NationalIdError::GCode => "error-national-id-g-code",
            NationalIdError::NotDigits => "error-national-id-not-digits",
            NationalIdError::WrongLength { .. } => "error-national-id-length",
            NationalIdError::Checksum => "error-national-id-checksum",
            NationalIdError::StaffCounter => "error-national-id-staff-counter",
            NationalIdError::TestNumber => "error-national-id-test-number",
        }
    }
}

impl NationalId {
    /// Reads a number typed with Thai or other digits, with spaces and dashes anywhere.
    pub fn parse(typed: &str, accept: AcceptedNumbers) -> Result<NationalId, NationalIdError> {
        let digits = Zeroizing::new(ascii_digits(typed));
        match digits.chars().next() {
            None => return Err(NationalIdError::Empty),
            Some('G' | 'g' | 'Ｇ' | 'ｇ') => return Err(NationalIdError::GCode),
            Some(_) => {}
        }
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NationalIdError::NotDigits);
        }
        let Ok(numbers) = <[u8; 13]>::try_from(digits.as_bytes()) else {
            return Err(NationalIdError::WrongLength { digits: digits.len() });
        };
        // A typing error is the likelier story than a rare first digit, so it is told first.
        if !check_digit_fits(&numbers) {
            return Err(NationalIdError::Checksum);
        }
        if matches!(numbers[0], b'0' | b'9') {
            return Err(NationalIdError::StaffCounter);
        }
        if accept == AcceptedNumbers::Real && is_test_number(&digits) {
            return Err(NationalIdError::TestNumber);
        }
        Ok(NationalId(digits))
    }

    /// The 13 ASCII digits. For the registry, the cipher and the blind index; never for a page or a log.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// What a page may show: `x-xxxx-xxxxx-12-3`, the last three digits only.
    pub fn masked(&self) -> String {
        format!("x-xxxx-xxxxx-{}-{}", &self.0[10..12], &self.0[12..])
    }
}

impl fmt::Debug for NationalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NationalId({})", self.masked())
    }
}

impl fmt::Display for NationalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// d13 = (11 − Σ d1..d12 × 13..2 mod 11) mod 10.
fn check_digit_fits(numbers: &[u8; 13]) -> bool {
    let sum: u32 = numbers[..12].iter().zip((2..=13).rev()).map(|(b, weight)| u32::from(b - b'0') * weight).sum();
    u32::from(numbers[12] - b'0') == (11 - sum % 11) % 10
}

/// Digits 2–5 are the registrar's office, whose first digit is a region from 1: no office begins with 0. The two others
/// are what people type to try a form, and their check digit happens to fit.
fn is_test_number(digits: &str) -> bool {
    digits[1..].starts_with('0') || matches!(digits, "1234567890121" | "1111111111119")
}

#[cfg(test)]
mod tests {
    use super::*;
    use AcceptedNumbers::{Real, WithTestNumbers};
    use proptest::prelude::*;

    const VALID: [&str; 11] = [
        "1000000000017",
        "1000000000025",
        "1000000000033",
        "1000000000106",
        "1000000000254",
        "2000000000015",
        "3000000000013",
        "5000000000010",
        "6000000000018",
        "7000000000016",
        "8000000000014",
    ];

    fn check(typed: &str, expected: Result<&str, NationalIdError>) {
        let parsed = NationalId::parse(typed, WithTestNumbers);
        assert_eq!(parsed.as_ref().map(NationalId::digits).map_err(|e| *e), expected, "{typed:?}");
    }

    #[test]
    fn s100_one_canonical_form_however_it_is_typed() {
        for number in VALID {
            check(number, Ok(number));
        }
        let canonical = Ok("1000000000017");
        check("1-0000-00000-01-7", canonical);
        check(" 1 0000 00000 01 7 ", canonical);
        check("๑๐๐๐๐๐๐๐๐๐๐๑๗", canonical);
        check("１００００００００００１７", canonical);
        check("١٠٠٠٠٠٠٠٠٠٠١٧", canonical);
        check("\u{FEFF}1\u{200B}0000-00000–01\u{200D}7\u{202C}", canonical);
    }

    #[test]
    fn s100_each_fault_has_its_own_answer() {
        check("", Err(NationalIdError::Empty));
        check(" - \u{200B}", Err(NationalIdError::Empty));
        check("G000000000017", Err(NationalIdError::GCode));
        check("g-12345", Err(NationalIdError::GCode));
        check("10000000000l7", Err(NationalIdError::NotDigits));
        check("1000000000017.", Err(NationalIdError::NotDigits));
        check("100000000001", Err(NationalIdError::WrongLength { digits: 12 }));
        check("10000000000178", Err(NationalIdError::WrongLength { digits: 14 }));
        check("1000000000018", Err(NationalIdError::Checksum));
        check("0000000000000", Err(NationalIdError::Checksum));
        check("1234567890123", Err(NationalIdError::Checksum));
        check("9000000000012", Err(NationalIdError::StaffCounter));
        check("0000000000019", Err(NationalIdError::StaffCounter));
        check("0000000000001", Err(NationalIdError::StaffCounter));
    }

    #[test]
    fn s100_a_typo_in_digit_three_is_left_to_the_registry() {
        check("1050000000017", Ok("1050000000017"));
    }

    #[test]
    fn production_refuses_numbers_no_office_can_have_issued() {
        for number in VALID.into_iter().chain(["1234567890121", "1111111111119"]) {
            check(number, Ok(number));
            assert_eq!(NationalId::parse(number, Real), Err(NationalIdError::TestNumber), "{number}");
        }
        // Office 1000 may exist. (The check digit is wrong: this is nobody's number.)
        assert!(!is_test_number("1100000000000"));
    }

    #[test]
    fn only_the_mask_is_ever_printed() {
        let id = NationalId::parse("1000000000254", WithTestNumbers).unwrap();
        assert_eq!(id.masked(), "x-xxxx-xxxxx-25-4");
        assert_eq!(format!("{id} {id:?}"), "x-xxxx-xxxxx-25-4 NationalId(x-xxxx-xxxxx-25-4)");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(typed: String) {
            let _ = NationalId::parse(&typed, Real);
        }

        #[test]
        fn what_passes_is_thirteen_digits_and_reads_back(typed in "[1-8]0000[0-9]{8}") {
            if let Ok(id) = NationalId::parse(&typed, WithTestNumbers) {
                prop_assert_eq!(id.digits(), &typed);
                prop_assert_eq!(NationalId::parse(id.digits(), WithTestNumbers), Ok(id));
            }
        }

        #[test]
        fn a_wrong_digit_is_found_unless_it_is_the_third(at in 0_usize..13, digit in 0_u8..10) {
            let mut typed = VALID[0].to_owned();
            typed.replace_range(at..=at, &digit.to_string());
            let unchanged = typed == VALID[0];
            // Remainders 0 and 10 share the check digit 1; this number's remainder is neither.
            let passes = !matches!(NationalId::parse(&typed, WithTestNumbers), Err(NationalIdError::Checksum));
            prop_assert_eq!(passes, unchanged || at == 2);
        }
    }
}
