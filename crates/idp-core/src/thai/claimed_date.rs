//! A birth date as another provider writes it.

use super::date::{BuddhistDate, DateError};

/// Reads a `birthdate` claim: `1990-05-20`, `1990-05`, `1990` (OpenID Connect Core §5.1), the registry's `25330520`, or
/// `20/05/2533`; zeros where something is unknown. Which era ThaID writes is not documented, but no year of somebody
/// living is a year of both: from 2400 on it is the Buddhist era. `None` for anything that is no such date.
pub fn claimed_birth_date(text: &str, today: BuddhistDate) -> Option<BuddhistDate> {
    let (day, month, year) = parts(text.trim())?;
    match BuddhistDate::parse(day, month, year, today) {
        Ok(date) => Some(date),
        // Typed by a person this is a question; a program means what it says.
        Err(DateError::ChristianEra { suggestion }) => {
            BuddhistDate::parse(day, month, &suggestion.to_string(), today).ok()
        }
        Err(_) => None,
    }
}

/// Day, month and year; empty where the form has none.
fn parts(text: &str) -> Option<(&str, &str, &str)> {
    let all_digits = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if text.len() == 8 && all_digits(&text) {
        return Some((&text[6..], &text[4..6], &text[..4]));
    }
    let separator = if text.contains('/') { '/' } else { '-' };
    let split: Vec<&str> = text.split(separator).collect();
    if !split.iter().all(all_digits) {
        return None;
    }
    match (separator, split.as_slice()) {
        ('-', [year]) if year.len() == 4 => Some(("", "", year)),
        ('-', [year, month]) if year.len() == 4 => Some(("", month, year)),
        ('-', [year, month, day]) if year.len() == 4 => Some((day, month, year)),
        ('/', [day, month, year]) if year.len() == 4 => Some((day, month, year)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s110_a_claimed_date_becomes_one_triple_whatever_its_era() {
        let today = BuddhistDate::from_registry_form("25690715").expect("a date");
        let check = |text: &str, expected: Option<&str>| {
            let read = claimed_birth_date(text, today).map(|date| date.registry_form());
            assert_eq!(read.as_deref(), expected, "{text}");
        };
        check("1990-05-20", Some("25330520"));
        check("2533-05-20", Some("25330520"));
        check("25330520", Some("25330520"));
        check("19900520", Some("25330520"));
        check("20/05/2533", Some("25330520"));
        check(" 20/5/1990 ", Some("25330520"));
        // Before 1941 the year began in April.
        check("1940-02-15", Some("24820215"));
        check("2000-02-29", Some("25430229"));
    }

    #[test]
    fn s110_what_a_claimed_date_does_not_say_stays_unknown() {
        let today = BuddhistDate::from_registry_form("25690715").expect("a date");
        let check = |text: &str, expected: Option<&str>| {
            let read = claimed_birth_date(text, today).map(|date| date.registry_form());
            assert_eq!(read.as_deref(), expected, "{text}");
        };
        check("1995", Some("25380000"));
        check("2538", Some("25380000"));
        check("1999-07", Some("25420700"));
        check("25380000", Some("25380000"));
        check("1995-00-00", Some("25380000"));
        for nothing in [
            "",
            "-",
            "0000-05-20",
            "33-05-20",
            "1990-13-01",
            "2001-02-29",
            "2030-01-01",
            "20 พ.ค. 2533",
            "1990-05-20T00:00",
        ] {
            check(nothing, None);
        }
    }
}
