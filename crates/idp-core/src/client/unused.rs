//! Clients that nobody uses: a list that staff tidy up by.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Client, ClientStatus};

/// Whether a client is in use by its status, and by nobody: nothing was given through it for longer than `after`, or ever
/// since it was registered.
pub fn is_unused(client: &Client, last_used: Option<DateTime<Utc>>, after: TimeDelta, now: DateTime<Utc>) -> bool {
    client.status == ClientStatus::Active && now - last_used.unwrap_or(client.created_at) > after
}

/// The night that a moment belongs to, as its report is named: the day in Bangkok, from two in the morning on. `None` before
/// two: that night's report is still to come.
pub fn night(now: DateTime<Utc>) -> Option<String> {
    const BANGKOK: TimeDelta = TimeDelta::hours(7);
    const BEGINS: TimeDelta = TimeDelta::hours(2);
    let there = now + BANGKOK;
    let since_midnight = there.time() - chrono::NaiveTime::MIN;
    (since_midnight >= BEGINS).then(|| there.date_naive().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{Bilingual, ClientDraft};
    use crate::id::ClientId;
    use crate::scope::ScopeSet;
    use crate::secret::Secret;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_client_is_unused_when_nothing_was_given_for_so_long() {
        let made = at("2026-01-01T00:00:00Z");
        let check = |status, used: Option<&str>, now: &str, expected: bool| {
            let both = |text: &str| Bilingual { th: text.to_owned(), en: text.to_owned() };
            let draft = ClientDraft {
                name: both("Service"),
                owner: both("Department"),
                purpose: both("serve"),
                redirect_uris: vec!["https://service.example/cb".to_owned()],
                scopes: ScopeSet::parse("openid"),
                ..ClientDraft::new(ClientId::parse("rp").unwrap())
            };
            let client = Client { status, ..draft.accept(&Secret::presented("one"), made).unwrap() };
            let found = is_unused(&client, used.map(at), TimeDelta::days(90), at(now));
            assert_eq!(found, expected, "{status:?} {used:?} {now}");
        };
        check(ClientStatus::Active, None, "2026-04-01T00:00:00Z", false);
        check(ClientStatus::Active, None, "2026-04-01T00:00:01Z", true);
        check(ClientStatus::Active, Some("2026-03-01T00:00:00Z"), "2026-04-01T00:00:01Z", false);
        check(ClientStatus::Active, Some("2026-03-01T00:00:00Z"), "2026-06-01T00:00:00Z", true);
        check(ClientStatus::Suspended, None, "2027-01-01T00:00:00Z", false);
        check(ClientStatus::Draft, None, "2027-01-01T00:00:00Z", false);
        check(ClientStatus::Retired, None, "2027-01-01T00:00:00Z", false);
    }

    #[test]
    fn a_night_begins_at_two_in_bangkok_and_is_named_after_its_day() {
        let check = |now: &str, expected: Option<&str>| assert_eq!(night(at(now)).as_deref(), expected, "{now}");
        check("2026-11-22T18:59:59Z", None);
        check("2026-11-22T19:00:00Z", Some("2026-11-23"));
        check("2026-11-23T16:59:59Z", Some("2026-11-23"));
        check("2026-11-23T17:00:00Z", None);
    }
}
