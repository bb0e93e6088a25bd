//! Spans of time in which is counted, and the ranges that are shown. Days and months are those of Bangkok.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, Utc};

/// Seven hours east of Greenwich, the whole year.
const BANGKOK: TimeDelta = TimeDelta::hours(7);

/// A span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Span {
    /// An hour.
    Hour,
    /// A day in Bangkok.
    Day,
    /// A month in Bangkok.
    Month,
}

impl Span {
    /// Every span.
    pub const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Month];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    /// When the span that holds `at` began.
    pub fn begin(self, at: DateTime<Utc>) -> DateTime<Utc> {
        const HOUR: i64 = 3_600_000;
        if self == Self::Hour {
            let millis = at.timestamp_millis();
            return DateTime::from_timestamp_millis(millis - millis.rem_euclid(HOUR)).unwrap_or(at);
        }
        let day = (at + BANGKOK).date_naive();
        midnight(if self == Self::Month { day.with_day(1).unwrap_or(day) } else { day })
    }

    /// When the span `back` spans before the one that begins at `begin` began.
    pub fn before(self, begin: DateTime<Utc>, back: u32) -> DateTime<Utc> {
        let day = (begin + BANGKOK).date_naive();
        match self {
            Self::Hour => begin - TimeDelta::hours(back.into()),
            Self::Day => midnight(day.checked_sub_days(Days::new(back.into())).unwrap_or(day)),
            Self::Month => midnight(day.checked_sub_months(Months::new(back)).unwrap_or(day)),
        }
    }
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_hms_opt(0, 0, 0).unwrap_or_default().and_utc() - BANGKOK
}

/// A range that the dashboard shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Range {
    /// The last 24 hours, by hour.
    #[default]
    Day,
    /// The last seven days, by day.
    Week,
    /// The last thirty days, by day.
    Month,
    /// The last twelve months, by month.
    Year,
}

impl Range {
    /// Every range, the shortest first.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Year];

    /// The word in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// Reads [`Range::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|range| range.as_str() == text)
    }

    /// The span it is counted in, and how many of them it has.
    pub fn spans(self) -> (Span, u32) {
        match self {
            Self::Day => (Span::Hour, 24),
            Self::Week => (Span::Day, 7),
            Self::Month => (Span::Day, 30),
            Self::Year => (Span::Month, 12),
        }
    }

    /// The beginnings of its spans, the oldest first; the last holds `now`.
    pub fn begins(self, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let (span, count) = self.spans();
        let last = span.begin(now);
        (0..count).rev().map(|back| span.before(last, back)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn days_and_months_begin_at_midnight_in_bangkok() {
        let check = |span: Span, moment: &str, begin: &str| {
            assert_eq!(span.begin(at(moment)), at(begin), "{span:?} {moment}");
        };
        check(Span::Hour, "2026-11-23T11:59:59.999Z", "2026-11-23T11:00:00Z");
        check(Span::Day, "2026-11-23T16:59:59Z", "2026-11-22T17:00:00Z");
        check(Span::Day, "2026-11-23T17:00:00Z", "2026-11-23T17:00:00Z");
        check(Span::Month, "2026-11-30T16:59:59Z", "2026-10-31T17:00:00Z");
        check(Span::Month, "2026-11-30T17:00:00Z", "2026-11-30T17:00:00Z");
        check(Span::Hour, "1969-12-31T23:30:00Z", "1969-12-31T23:00:00Z");
    }

    #[test]
    fn a_range_ends_with_the_span_of_now() {
        let now = at("2026-11-23T11:25:00Z");
        for range in Range::ALL {
            let (span, count) = range.spans();
            let begins = range.begins(now);
            assert_eq!(begins.len(), count as usize);
            assert_eq!(begins.last(), Some(&span.begin(now)));
            assert!(begins.windows(2).all(|pair| pair[0] < pair[1]), "{range:?}");
            assert!(begins.iter().all(|begin| span.begin(*begin) == *begin), "{range:?}");
            assert_eq!(Range::parse(range.as_str()), Some(range));
        }
        assert_eq!(Range::Year.begins(now)[0], at("2025-11-30T17:00:00Z"));
    }
}
