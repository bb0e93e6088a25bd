//! Security Event Tokens (RFC 8417): something happened to a member whom the client knows, or to the client itself.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::client::EventKind;

/// The claims of an event. There is no `sub` beside the event and no `exp` (RFC 8417 §2.2, §4.6), so that it can never pass
/// for an ID token; the member stands in `sub_id` (RFC 9493).
#[derive(Debug, Serialize)]
pub struct EventClaims<'a> {
    iss: &'a str,
    iat: i64,
    jti: &'a str,
    aud: &'a str,
    /// When it happened, in seconds.
    toe: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_id: Option<SubjectId<'a>>,
    events: BTreeMap<String, Nothing>,
}

#[derive(Debug, Serialize)]
struct SubjectId<'a> {
    format: &'static str,
    iss: &'a str,
    sub: &'a str,
}

#[derive(Debug, Serialize)]
struct Nothing {}

impl<'a> EventClaims<'a> {
    /// That `kind` happened `at` this moment to the member whom the client `aud` knows as `sub`; without one, to the client.
    pub fn new(
        issuer: &'a str,
        aud: &'a str,
        kind: EventKind,
        sub: Option<&'a str>,
        jti: &'a str,
        at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            iss: issuer,
            iat: now.timestamp(),
            jti,
            aud,
            toe: at.timestamp(),
            sub_id: sub.map(|sub| SubjectId { format: "iss_sub", iss: issuer, sub }),
            events: BTreeMap::from([(kind.uri(), Nothing {})]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_what_the_specification_says_and_nothing_else() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let at = DateTime::from_timestamp(1_799_999_990, 0).unwrap();
        let claims = EventClaims::new("https://op.example", "rp", EventKind::Verified, Some("s"), "unique", at, now);
        let expected = serde_json::json!({
            "iss": "https://op.example", "iat": 1_800_000_000, "jti": "unique", "aud": "rp", "toe": 1_799_999_990,
            "sub_id": { "format": "iss_sub", "iss": "https://op.example", "sub": "s" },
            "events": { "https://account.moc.go.th/event/verified": {} },
        });
        assert_eq!(serde_json::to_value(&claims).unwrap(), expected);
    }
}
