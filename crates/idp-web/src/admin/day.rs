//! Days in the forms of the console: typed in either era, shown in that of the page's language.

use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Utc};
use idp_core::thai::{day_in_thai, typed_day};

use crate::view::lang::Lang;

/// What was typed, as [`beginning`] reads it; what is no day stays as it is, and is refused there.
pub(super) fn read(typed: &str) -> String {
    typed_day(typed).map_or_else(|| typed.trim().to_owned(), |day| day.to_string())
}

/// A day that was [`read`], as the page writes it.
pub(super) fn shown(day: &str, lang: Lang) -> String {
    match (lang, day.parse::<NaiveDate>()) {
        (Lang::Th, Ok(day)) => day_in_thai(day),
        _ => day.to_owned(),
    }
}

/// The beginning of a day in Bangkok, written as 2026-11-23.
pub(super) fn beginning(text: &str) -> Result<Option<DateTime<Utc>>, ()> {
    if text.is_empty() {
        return Ok(None);
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| ())?;
    // No line is older than the program, and what is far beyond has no day after it.
    let midnight = Some(day).filter(|day| (1970..=9999).contains(&day.year())).and_then(|day| day.and_hms_opt(0, 0, 0));
    let midnight = midnight.ok_or(())?;
    // Seven hours before the same midnight in UTC: Thailand knows no summer time.
    Ok(Some(midnight.and_utc() - TimeDelta::hours(7)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_shown_in_the_era_of_the_page() {
        for typed in ["23/11/2569", "2026-11-23", "23/11/2026"] {
            let day = read(typed);
            assert_eq!(shown(&day, Lang::Th), "23/11/2569");
            assert_eq!(shown(&day, Lang::En), "2026-11-23");
            assert!(beginning(&day).unwrap().is_some());
        }
        assert_eq!(shown(&read("soon"), Lang::Th), "soon");
        assert!(beginning(&read("soon")).is_err());
    }
}
