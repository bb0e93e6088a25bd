//! A calendar date in the Buddhist era, whose day or month may be unknown.

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};

use super::digits::ascii_digits;
use super::time::in_thailand;

/// A date as a Thai card and the civil registry write it. An unknown day or month stays unknown; it never becomes the
/// first. Kept as the triple that was typed: the Christian-era date is derived only for the `birthdate` claim.
///
/// Serialised as [`BuddhistDate::registry_form`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BuddhistDate {
    year: u16,
    /// 1–12; 0 when unknown.
    month: u8,
    /// 1–31; 0 when unknown, and always when the month is.
    day: u8,
}

/// Why typed parts make no date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// No year.
    #[error("the year is missing")]
    YearMissing,
    /// The year has something other than digits.
    #[error("the year is not a number")]
    YearNotANumber,
    /// A year of neither era in which somebody living was born, two-digit years among them.
    #[error("the year is out of range")]
    YearOutOfRange,
    /// Probably a Christian-era year: ask, never convert silently.
    #[error("the year seems to be of the Christian era")]
    ChristianEra {
        /// The Buddhist-era year that was probably meant.
        suggestion: u16,
    },
    /// Not a month, or one that the year did not have.
    #[error("the month is not valid")]
    MonthInvalid,
    /// Not a day of that month.
    #[error("the day is not valid in that month")]
    DayInvalid,
    /// A day of an unknown month.
    #[error("a day needs its month")]
    DayWithoutMonth,
    /// After today.
    #[error("the date is in the future")]
    Future,
}

impl DateError {
    /// The locale key of the text that tells the person what to do.
    pub fn message_key(&self) -> &'static str {
        match self {
            DateError::YearMissing => "error-date-year-missing",
            DateError::YearNotANumber => "error-date-year-not-a-number",
            DateError::YearOutOfRange => "error-date-year-range",
            DateError::ChristianEra { .. } => "error-date-christian-era",
            DateError::MonthInvalid => "error-date-month",
            DateError::DayInvalid => "error-date-day",
            DateError::DayWithoutMonth => "error-date-day-without-month",
            DateError::Future => "error-date-future",
        }
    }
}

/// มกราคม first.
pub const MONTHS_THAI: [&str; 12] = [
    "มกราคม",
    "กุมภาพันธ์",
    "มีนาคม",
    "เมษายน",
    "พฤษภาคม",
    "มิถุนายน",
    "กรกฎาคม",
    "สิงหาคม",
    "กันยายน",
    "ตุลาคม",
    "พฤศจิกายน",
    "ธันวาคม",
];

/// January first.
pub const MONTHS_ENGLISH: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The first year anybody now living can have been born in, and then some: 1857 C.E.
const FIRST_YEAR: u16 = 2400;

impl BuddhistDate {
    /// Reads the three controls of a form. An empty day or month, or `0`, is unknown.
    ///
    /// Years 2400 to this year are of the Buddhist era. 1857 to this year in the Christian era are answered with a
    /// question; everything else, two-digit years too, is out of range.
    pub fn parse(day: &str, month: &str, year: &str, today: BuddhistDate) -> Result<BuddhistDate, DateError> {
        let typed_year = ascii_digits(year);
        let typed_year = match typed_year.as_str() {
            "" | "0" | "00" | "0000" => return Err(DateError::YearMissing),
            digits if !digits.bytes().all(|b| b.is_ascii_digit()) => return Err(DateError::YearNotANumber),
            digits => number(digits).ok_or(DateError::YearOutOfRange)?,
        };
        let month = number(&ascii_digits(month)).filter(|&m| m <= 12).ok_or(DateError::MonthInvalid)? as u8;
        let day = number(&ascii_digits(day)).filter(|&d| d <= 31).ok_or(DateError::DayInvalid)? as u8;

        if typed_year > today.year {
            return Err(DateError::Future);
        }
        if typed_year < FIRST_YEAR {
            let this_year = today.christian_year();
            return Err(if (FIRST_YEAR - 543..=this_year).contains(&typed_year) {
                DateError::ChristianEra { suggestion: buddhist_year(typed_year, month) }
            } else {
                DateError::YearOutOfRange
            });
        }
        let date = BuddhistDate::checked(typed_year, month, day)?;
        if date.is_after(today) { Err(DateError::Future) } else { Ok(date) }
    }

    /// The calendar day in Thailand at an instant.
    pub fn on(at: DateTime<Utc>) -> BuddhistDate {
        let local = in_thailand(at);
        // Clocks outside of years 1–9999 do not exist; clamping keeps that from being a panic.
        let christian = local.year().clamp(1, 9999) as u16;
        let month = local.month() as u8;
        BuddhistDate { year: buddhist_year(christian, month), month, day: local.day() as u8 }
    }

    /// `YYYYMMDD` in the Buddhist era, zeros where unknown: the form of the civil registry, of storage and of serde.
    pub fn registry_form(&self) -> String {
        format!("{:04}{:02}{:02}", self.year, self.month, self.day)
    }

    /// Reads [`BuddhistDate::registry_form`]; `None` for anything that is no such date, an unknown year too.
    pub fn from_registry_form(form: &str) -> Option<BuddhistDate> {
        if form.len() != 8 || !form.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (year, month, day) = (number(&form[..4])?, number(&form[4..6])?, number(&form[6..])?);
        if year < FIRST_YEAR || month > 12 || day > 31 {
            return None;
        }
        BuddhistDate::checked(year, month as u8, day as u8).ok()
    }

    /// The `birthdate` claim in the Christian era (OpenID Connect Core 1.0 §5.1): `YYYY-MM-DD`, or `YYYY` when the day
    /// or the month is unknown.
    pub fn birthdate_claim(&self) -> String {
        let year = self.christian_year();
        if self.day == 0 { format!("{year:04}") } else { format!("{year:04}-{:02}-{:02}", self.month, self.day) }
    }

    /// The year in the Buddhist era.
    pub fn year(&self) -> u16 {
        self.year
    }

    /// The month, 1–12, if known.
    pub fn month(&self) -> Option<u8> {
        (self.month != 0).then_some(self.month)
    }

    /// The day of the month, if known.
    pub fn day(&self) -> Option<u8> {
        (self.day != 0).then_some(self.day)
    }

    /// Completed years of life; `None` when the day or month is unknown, or the date is after today.
    pub fn full_years_at(&self, today: BuddhistDate) -> Option<u16> {
        if self.day == 0 || today.day == 0 {
            return None;
        }
        let not_yet = (today.month, today.day) < (self.month, self.day);
        today.christian_year().checked_sub(self.christian_year())?.checked_sub(u16::from(not_yet))
    }

    /// For Thai pages: 20 พฤษภาคม 2533, พฤษภาคม 2533, or พ.ศ. 2533.
    pub fn in_thai(&self) -> String {
        match (self.day(), self.month_name(&MONTHS_THAI)) {
            (Some(day), Some(month)) => format!("{day} {month} {}", self.year),
            (_, Some(month)) => format!("{month} {}", self.year),
            (_, None) => format!("พ.ศ. {}", self.year),
        }
    }

    /// For English pages: 20 May 1990 (B.E. 2533), May 1990 (B.E. 2533), or 1990 (B.E. 2533).
    pub fn in_english(&self) -> String {
        let years = format!("{} (B.E. {})", self.christian_year(), self.year);
        match (self.day(), self.month_name(&MONTHS_ENGLISH)) {
            (Some(day), Some(month)) => format!("{day} {month} {years}"),
            (_, Some(month)) => format!("{month} {years}"),
            (_, None) => years,
        }
    }

    /// The year in the Christian era. Of a year before 2484 whose month is unknown, the one that held April to December.
    pub(super) fn christian_year(&self) -> u16 {
        self.year - christian_offset(self.year, self.month)
    }

    pub(super) fn month_name(&self, names: &[&'static str; 12]) -> Option<&'static str> {
        self.month().map(|month| names[usize::from(month) - 1])
    }

    /// A date of a calendar that exists, its parts in range.
    fn checked(year: u16, month: u8, day: u8) -> Result<BuddhistDate, DateError> {
        // B.E. 2483 ended with December, so that 2484 could begin in January: it had no January to March.
        if year == 2483 && (1..=3).contains(&month) {
            return Err(DateError::MonthInvalid);
        }
        let date = BuddhistDate { year, month, day };
        if day != 0 && month == 0 {
            return Err(DateError::DayWithoutMonth);
        }
        if month != 0 && day > days_in(month, date.christian_year()) {
            return Err(DateError::DayInvalid);
        }
        Ok(date)
    }

    /// Whether every day this date can mean is after today.
    fn is_after(self, today: BuddhistDate) -> bool {
        if self.year != today.year {
            return self.year > today.year;
        }
        if self.month == 0 || today.month == 0 || self.month != today.month {
            return self.month > today.month && today.month != 0;
        }
        today.day != 0 && self.day > today.day
    }
}

/// Until B.E. 2482 the year began in April: January to March belong to the year that began before them.
fn christian_offset(buddhist_year: u16, month: u8) -> u16 {
    if buddhist_year <= 2482 && (1..=3).contains(&month) { 542 } else { 543 }
}

/// The Buddhist-era year of a month of the Christian era; month 0 is unknown.
fn buddhist_year(christian: u16, month: u8) -> u16 {
    christian + if christian <= 1940 && (1..=3).contains(&month) { 542 } else { 543 }
}

fn days_in(month: u8, christian_year: u16) -> u8 {
    let leap =
        christian_year.is_multiple_of(4) && (!christian_year.is_multiple_of(100) || christian_year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A number of at most four digits; nothing typed is 0, which means unknown.
fn number(digits: &str) -> Option<u16> {
    match digits.len() {
        0 => Some(0),
        1..=4 if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok(),
        _ => None,
    }
}

impl From<BuddhistDate> for String {
    fn from(date: BuddhistDate) -> String {
        date.registry_form()
    }
}

impl TryFrom<String> for BuddhistDate {
    type Error = &'static str;

    fn try_from(form: String) -> Result<BuddhistDate, &'static str> {
        BuddhistDate::from_registry_form(&form).ok_or("not a date in the form YYYYMMDD of the Buddhist era")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 15 July 2569 (2026 C.E.)
    const TODAY: BuddhistDate = BuddhistDate { year: 2569, month: 7, day: 15 };

    fn check(typed: (&str, &str, &str), expected: Result<&str, DateError>) {
        let (day, month, year) = typed;
        let parsed = BuddhistDate::parse(day, month, year, TODAY).map(|date| date.registry_form());
        assert_eq!(parsed.as_deref().map_err(|e| *e), expected, "{typed:?}");
    }

    #[test]
    fn s110_one_stored_triple() {
        check(("20", "5", "2533"), Ok("25330520"));
        check(("๒๐", "๐๕", "๒๕๓๓"), Ok("25330520"));
        check((" 20 ", "05", "２５３３"), Ok("25330520"));
        check(("15", "7", "2569"), Ok("25690715"));
        check(("1", "4", "2400"), Ok("24000401"));
    }

    #[test]
    fn s110_unknown_parts_stay_unknown_and_are_never_the_first() {
        check(("", "", "2538"), Ok("25380000"));
        check(("0", "0", "2538"), Ok("25380000"));
        check(("00", "00", "2538"), Ok("25380000"));
        check(("", "5", "2538"), Ok("25380500"));
        check(("", "", "2569"), Ok("25690000"));
        check(("5", "", "2538"), Err(DateError::DayWithoutMonth));
    }

    #[test]
    fn s110_a_christian_year_is_a_question() {
        check(("20", "5", "1990"), Err(DateError::ChristianEra { suggestion: 2533 }));
        check(("", "", "1857"), Err(DateError::ChristianEra { suggestion: 2400 }));
        check(("", "", "2026"), Err(DateError::ChristianEra { suggestion: 2569 }));
        check(("1", "2", "1940"), Err(DateError::ChristianEra { suggestion: 2482 }));
        check(("1", "4", "1940"), Err(DateError::ChristianEra { suggestion: 2483 }));
        check(("1", "2", "1941"), Err(DateError::ChristianEra { suggestion: 2484 }));
    }

    #[test]
    fn s110_each_fault_of_a_year_has_its_own_answer() {
        check(("1", "1", ""), Err(DateError::YearMissing));
        check(("1", "1", "0000"), Err(DateError::YearMissing));
        check(("1", "1", "สอง"), Err(DateError::YearNotANumber));
        check(("1", "1", "25.3"), Err(DateError::YearNotANumber));
        check(("1", "1", "33"), Err(DateError::YearOutOfRange));
        check(("1", "1", "25330"), Err(DateError::YearOutOfRange));
        check(("1", "1", "1856"), Err(DateError::YearOutOfRange));
        check(("1", "1", "2027"), Err(DateError::YearOutOfRange));
        check(("1", "1", "2399"), Err(DateError::YearOutOfRange));
        check(("1", "1", "2570"), Err(DateError::Future));
        check(("16", "7", "2569"), Err(DateError::Future));
        check(("", "8", "2569"), Err(DateError::Future));
    }

    #[test]
    fn s110_days_and_months_are_of_the_calendar() {
        check(("1", "13", "2533"), Err(DateError::MonthInvalid));
        check(("1", "x", "2533"), Err(DateError::MonthInvalid));
        check(("32", "1", "2533"), Err(DateError::DayInvalid));
        check(("31", "4", "2533"), Err(DateError::DayInvalid));
        check(("x", "4", "2533"), Err(DateError::DayInvalid));
    }

    #[test]
    fn s110_leap_years_are_those_of_the_christian_era() {
        check(("29", "2", "2543"), Ok("25430229"));
        check(("29", "2", "2531"), Ok("25310229"));
        check(("29", "2", "2532"), Err(DateError::DayInvalid));
        check(("29", "2", "2544"), Err(DateError::DayInvalid));
        // 1940 by the old new year: February of B.E. 2482.
        check(("29", "2", "2482"), Ok("24820229"));
        check(("29", "2", "2481"), Err(DateError::DayInvalid));
    }

    #[test]
    fn s110_before_2484_the_year_began_in_april() {
        let claim = |form| BuddhistDate::from_registry_form(form).unwrap().birthdate_claim();
        assert_eq!(claim("24820331"), "1940-03-31");
        assert_eq!(claim("24820401"), "1939-04-01");
        assert_eq!(claim("24830401"), "1940-04-01");
        assert_eq!(claim("24831231"), "1940-12-31");
        assert_eq!(claim("24840101"), "1941-01-01");
        check(("31", "3", "2483"), Err(DateError::MonthInvalid));
        assert_eq!(BuddhistDate::from_registry_form("24830101"), None);
        check(("", "", "2483"), Ok("24830000"));
    }

    #[test]
    fn the_birthdate_claim_is_only_as_exact_as_the_date() {
        let claim = |form| BuddhistDate::from_registry_form(form).unwrap().birthdate_claim();
        assert_eq!(claim("25380520"), "1995-05-20");
        assert_eq!(claim("25380500"), "1995");
        assert_eq!(claim("25380000"), "1995");
        assert_eq!(claim("24820200"), "1940");
    }

    #[test]
    fn only_registry_forms_of_real_dates_are_read() {
        for form in [
            "",
            "2538052",
            "253805200",
            "25381301",
            "25380532",
            "25380005",
            "00000000",
            "19900520",
            "2538๐๕20",
            "+2380520",
        ] {
            assert_eq!(BuddhistDate::from_registry_form(form), None, "{form}");
        }
        let json = serde_json::to_string(&TODAY).unwrap();
        assert_eq!(json, "\"25690715\"");
        assert_eq!(serde_json::from_str::<BuddhistDate>(&json).unwrap(), TODAY);
        assert!(serde_json::from_str::<BuddhistDate>("\"25690230\"").is_err());
    }

    #[test]
    fn today_is_the_day_in_thailand() {
        let on = |at: &str| BuddhistDate::on(at.parse().unwrap()).registry_form();
        assert_eq!(on("2026-07-15T16:59:59Z"), "25690715");
        assert_eq!(on("2026-07-15T17:00:00Z"), "25690716");
        assert_eq!(on("2025-12-31T17:00:00Z"), "25690101");
        let _ = (BuddhistDate::on(DateTime::<Utc>::MAX_UTC), BuddhistDate::on(DateTime::<Utc>::MIN_UTC));
    }

    #[test]
    fn dates_are_written_as_people_write_them() {
        let date = |form| BuddhistDate::from_registry_form(form).unwrap();
        assert_eq!(date("25330520").in_thai(), "20 พฤษภาคม 2533");
        assert_eq!(date("25330500").in_thai(), "พฤษภาคม 2533");
        assert_eq!(date("25330000").in_thai(), "พ.ศ. 2533");
        assert_eq!(date("25330520").in_english(), "20 May 1990 (B.E. 2533)");
        assert_eq!(date("25330500").in_english(), "May 1990 (B.E. 2533)");
        assert_eq!(date("25330000").in_english(), "1990 (B.E. 2533)");
    }

    #[test]
    fn years_of_life_are_counted_by_birthday() {
        let years = |form| BuddhistDate::from_registry_form(form).unwrap().full_years_at(TODAY);
        assert_eq!(years("25490715"), Some(20));
        assert_eq!(years("25490716"), Some(19));
        assert_eq!(years("25690715"), Some(0));
        assert_eq!(years("25690716"), None);
        assert_eq!(years("24820331"), Some(86));
        assert_eq!(years("25490700"), None);
        assert_eq!(years("25490000"), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(day: String, month: String, year: String) {
            let _ = BuddhistDate::parse(&day, &month, &year, TODAY);
            let _ = BuddhistDate::from_registry_form(&year);
        }

        #[test]
        fn every_parsed_date_reads_back_and_is_not_after_today(day in 0_u8..40, month in 0_u8..15, year in 2300_u16..2700) {
            let typed = (day.to_string(), month.to_string(), year.to_string());
            if let Ok(date) = BuddhistDate::parse(&typed.0, &typed.1, &typed.2, TODAY) {
                prop_assert_eq!((date.day().unwrap_or(0), date.month().unwrap_or(0), date.year()), (day, month, year));
                prop_assert_eq!(BuddhistDate::from_registry_form(&date.registry_form()), Some(date));
                prop_assert!(day == 0 || date.full_years_at(TODAY).is_some());
            }
        }

        #[test]
        fn every_instant_since_the_reform_is_its_own_day(seconds in -900_000_000_i64..7_000_000_000) {
            let at = DateTime::from_timestamp(seconds, 0).unwrap();
            let date = BuddhistDate::on(at);
            prop_assert_eq!(date.birthdate_claim(), in_thailand(at).format("%Y-%m-%d").to_string());
        }
    }
}
