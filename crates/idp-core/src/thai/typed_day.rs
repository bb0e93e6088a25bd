//! A day as officials type it, in either era: the year tells which, since no year that is looked for could be of both.

use chrono::NaiveDate;

use super::digits::with_ascii_digits;

/// The first and the last year of ours that is taken.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2156;
/// The Buddhist era began so many years earlier.
const EARLIER: i32 = 543;

/// Reads `23/11/2569`, `23-11-2026`, `2569-11-23` and the like, with Thai digits as well.
pub fn typed_day(text: &str) -> Option<NaiveDate> {
    let text = with_ascii_digits(text);
    let parts: Vec<&str> = text.split(['-', '/', '.']).map(str::trim).collect();
    let &[first, second, third] = parts.as_slice() else { return None };
    let (year, day) = match (first.len(), third.len()) {
        (4, 1 | 2) => (first, third),
        (1 | 2, 4) => (third, first),
        _ => return None,
    };
    let number = |part: &str| -> Option<u32> {
        let plain = (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| part.parse().ok()).flatten()
    };
    let year = i32::try_from(number(year)?).ok()?;
    let year = [year, year - EARLIER].into_iter().find(|year| YEARS.contains(year))?;
    NaiveDate::from_ymd_opt(year, number(second).filter(|month| *month <= 12)?, number(day)?)
}

/// The same in the Buddhist era, as Thai officials write it: `23/11/2569`.
pub fn day_in_thai(day: NaiveDate) -> String {
    use chrono::Datelike as _;
    format!("{:02}/{:02}/{}", day.day(), day.month(), day.year() + EARLIER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(i32, u32, u32)>) {
        let expected = expected.and_then(|(year, month, day)| NaiveDate::from_ymd_opt(year, month, day));
        assert_eq!(typed_day(text), expected, "{text}");
    }

    #[test]
    fn a_day_is_read_in_either_era() {
        let day = Some((2026, 11, 23));
        for text in [
            "2026-11-23",
            "2569-11-23",
            "23/11/2569",
            "23/11/2026",
            "23-11-2569",
            "23.11.2569",
            " 23 / 11 / 2569 ",
            "๒๓/๑๑/๒๕๖๙",
            "2569/11/23",
        ] {
            check(text, day);
        }
        check("1/2/2569", Some((2026, 2, 1)));
        check("29/02/2567", Some((2024, 2, 29)));
        assert_eq!(day_in_thai(NaiveDate::from_ymd_opt(2026, 2, 1).unwrap()), "01/02/2569");
    }

    #[test]
    fn what_is_no_day_or_could_be_another_is_not_guessed() {
        for text in [
            "",
            "yesterday",
            "9",
            "2026-13-01",
            "29/02/2569",
            "31/04/2569",
            "23/11/69",
            "23/11/26",
            "2300-01-01",
            "1899-01-01",
            "2700-01-01",
            "2026-11",
            "2026-11-23-01",
            "-2026-11-23",
            "+023-11-2026",
            "20261123",
            "1/2/3",
        ] {
            check(text, None);
        }
    }
}
