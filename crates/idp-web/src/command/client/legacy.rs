//! What `idp client` says about the dialect of the system before this one.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use idp_core::client::{Client, Legacy, LegacyUse};

use super::super::Failure;

/// Bangkok is seven hours ahead, all year.
const BANGKOK: TimeDelta = TimeDelta::hours(7);

/// The end of a day in Bangkok.
pub(super) fn day_end(text: &str) -> Result<DateTime<Utc>, String> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| "a day such as 2027-03-31".to_owned())?;
    let next = day.succ_opt().and_then(|next| next.and_hms_opt(0, 0, 0)).ok_or("a day such as 2027-03-31")?;
    Ok(next.and_utc() - BANGKOK)
}

/// The dialect for a client that is registered already.
pub(super) fn allowed(client: &Client, until: DateTime<Utc>) -> Result<Legacy, Failure> {
    Legacy::allow(until, &client.legacy_terms()).map_err(|error| Failure::refused(format!("{}: {error}", client.id)))
}

/// What stands behind the name of a client in the list.
pub(super) fn warning(client: &Client, now: DateTime<Utc>) -> Option<String> {
    // The last day on which it is allowed, in Bangkok.
    let day = (client.legacy?.until + BANGKOK - TimeDelta::milliseconds(1)).date_naive();
    match client.legacy_use(now) {
        LegacyUse::Allowed => Some(format!("  (legacy dialect, weak, until {day})")),
        LegacyUse::Over | LegacyUse::NotFlagged => Some(format!("  (legacy dialect refused: {day} is over)")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_midnight_in_bangkok() {
        assert_eq!(day_end("2027-03-31").unwrap().to_rfc3339(), "2027-03-31T17:00:00+00:00");
        for wrong in ["", "31.3.2027", "2570-13-01", "2027-02-30", "+262142-12-31"] {
            assert!(day_end(wrong).is_err(), "{wrong}");
        }
    }
}
