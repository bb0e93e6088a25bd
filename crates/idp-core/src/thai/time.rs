//! Days and clock times in Thailand: Asia/Bangkok, UTC+7 the whole year.

use chrono::{DateTime, Duration, FixedOffset, Timelike, Utc};

use super::date::{BuddhistDate, MONTHS_ENGLISH};

/// The last millisecond of the day that comes `days` days after the day of `start`, both as days in Thailand. Sixty days
/// from any moment of 1 March end with 30 April.
pub fn end_of_day_after(start: DateTime<Utc>, days: u32) -> DateTime<Utc> {
    let next_day = day_number(start) + i64::from(days) + 1;
    DateTime::from_timestamp_millis(next_day * DAY_MS - OFFSET_MS - 1).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// How many days in Thailand lie between today and the day of `end`: 0 when it ends today or has ended.
pub fn days_left(now: DateTime<Utc>, end: DateTime<Utc>) -> u32 {
    u32::try_from((day_number(end) - day_number(now)).max(0)).unwrap_or(u32::MAX)
}

/// 20 พฤษภาคม 2569
pub fn date_thai(at: DateTime<Utc>) -> String {
    BuddhistDate::on(at).in_thai()
}

/// 20 May 2026
pub fn date_english(at: DateTime<Utc>) -> String {
    let date = BuddhistDate::on(at);
    let month = date.month_name(&MONTHS_ENGLISH).unwrap_or_default();
    format!("{} {month} {}", date.day().unwrap_or_default(), date.christian_year())
}

/// 14.30 น.
pub fn clock_thai(at: DateTime<Utc>) -> String {
    let local = in_thailand(at);
    format!("{:02}.{:02} น.", local.hour(), local.minute())
}

/// 14:30
pub fn clock_english(at: DateTime<Utc>) -> String {
    let local = in_thailand(at);
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// 20 พ.ค., for the axis of a plot.
pub fn day_short_thai(at: DateTime<Utc>) -> String {
    let date = BuddhistDate::on(at);
    format!("{} {}", date.day().unwrap_or_default(), month_short(&date, &SHORT_THAI))
}

/// 20 May
pub fn day_short_english(at: DateTime<Utc>) -> String {
    let date = BuddhistDate::on(at);
    format!("{} {}", date.day().unwrap_or_default(), month_short(&date, &SHORT_ENGLISH))
}

/// พ.ค. 69
pub fn month_short_thai(at: DateTime<Utc>) -> String {
    let date = BuddhistDate::on(at);
    format!("{} {:02}", month_short(&date, &SHORT_THAI), (date.christian_year() + 543) % 100)
}

/// May 2026
pub fn month_short_english(at: DateTime<Utc>) -> String {
    let date = BuddhistDate::on(at);
    format!("{} {}", month_short(&date, &SHORT_ENGLISH), date.christian_year())
}

fn month_short(date: &BuddhistDate, names: &[&'static str; 12]) -> &'static str {
    date.month_name(names).unwrap_or_default()
}

const SHORT_THAI: [&str; 12] =
    ["ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."];
const SHORT_ENGLISH: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const DAY_MS: i64 = Duration::days(1).num_milliseconds();
const OFFSET_MS: i64 = Duration::hours(7).num_milliseconds();

pub(super) fn in_thailand(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.with_timezone(&FixedOffset::east_opt(7 * 3600).expect("seven hours are less than a day"))
}

/// Days in Thailand since 1 January 1970.
fn day_number(at: DateTime<Utc>) -> i64 {
    (at.timestamp_millis() + OFFSET_MS).div_euclid(DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn sixty_days_end_with_day_sixty_in_thailand() {
        let end = at("2026-04-30T16:59:59.999Z");
        for start in ["2026-02-28T17:00:00Z", "2026-03-01T03:00:00Z", "2026-03-01T16:59:59.999Z"] {
            assert_eq!(end_of_day_after(at(start), 60), end, "{start}");
            assert_eq!(days_left(at(start), end), 60, "{start}");
        }
        assert_eq!(days_left(at("2026-04-29T17:00:00Z"), end), 0);
        assert_eq!(days_left(at("2026-04-29T16:59:59Z"), end), 1);
        assert_eq!(days_left(at("2026-06-01T00:00:00Z"), end), 0);
    }

    #[test]
    fn instants_are_written_in_thai_time() {
        let instant = at("2026-05-20T17:05:00Z");
        assert_eq!(date_thai(instant), "21 พฤษภาคม 2569");
        assert_eq!(date_english(instant), "21 May 2026");
        assert_eq!(clock_thai(instant), "00.05 น.");
        assert_eq!(clock_english(instant), "00:05");
    }

    #[test]
    fn the_edges_of_time_are_no_panic() {
        for edge in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            let _ = (
                end_of_day_after(edge, u32::MAX),
                days_left(edge, edge),
                date_thai(edge),
                date_english(edge),
                clock_thai(edge),
            );
        }
        let _ = days_left(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
    }

    proptest! {
        #[test]
        fn days_left_counts_down_from_the_days_given(seconds in 0_i64..5_000_000_000, days in 0_u32..1000) {
            let start = DateTime::from_timestamp(seconds, 0).unwrap();
            let end = end_of_day_after(start, days);
            prop_assert!(end > start);
            prop_assert_eq!(days_left(start, end), days);
            prop_assert_eq!(days_left(end, end), 0);
        }
    }
}
