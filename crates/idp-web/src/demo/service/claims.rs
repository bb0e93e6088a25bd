//! What a service makes of the claims: the membership, the badge, the name.

use chrono::{DateTime, Utc};
use openidconnect::AdditionalClaims;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

/// MOC Account's claims beyond the standard ones.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct MemberClaims {
    /// `permanent` or `temporary`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) membership: Option<String>,
    /// Seconds since 1970; temporary members only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) membership_expires_at: Option<Number>,
    /// Whether the identity was verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) verified_badge: Option<bool>,
    /// `person`, `staff`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) member_type: Option<String>,
    /// The provider's session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sid: Option<String>,
    /// What else came, shown as it is.
    #[serde(flatten)]
    pub(super) rest: Map<String, Value>,
}

impl AdditionalClaims for MemberClaims {}

// They are about a person, and the library asks for `Debug`.
impl std::fmt::Debug for MemberClaims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemberClaims(..)")
    }
}

/// The membership, as a service uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Never ends. The badge goes with it, unless the provider says otherwise.
    Permanent {
        /// The identity was verified.
        badge: bool,
    },
    /// Ends.
    Temporary {
        /// When, if the provider said so.
        until: Option<DateTime<Utc>>,
    },
    /// The provider said nothing: nothing is assumed.
    Untold,
}

impl Standing {
    pub(super) fn of(claims: &MemberClaims) -> Standing {
        match claims.membership.as_deref() {
            Some("permanent") => Standing::Permanent { badge: claims.verified_badge == Some(true) },
            Some("temporary") => Standing::Temporary { until: claims.membership_expires_at.as_ref().and_then(moment) },
            _ => Standing::Untold,
        }
    }

    /// Whether the person may do what needs a verified identity.
    pub(super) fn has_badge(self) -> bool {
        self == Standing::Permanent { badge: true }
    }
}

/// A NumericDate may have a fraction (RFC 7519 §2).
fn moment(number: &Number) -> Option<DateTime<Utc>> {
    let seconds = number.as_i64().or_else(|| number.as_f64().map(|seconds| seconds as i64))?;
    DateTime::from_timestamp(seconds, 0)
}

/// A text claim of userinfo in the language wanted, else in the other, else without a language.
pub(super) fn worded<'a>(userinfo: &'a Value, claim: &str, tag: &str) -> Option<&'a str> {
    let other = if tag == "th" { "en" } else { "th" };
    [format!("{claim}#{tag}"), claim.to_owned(), format!("{claim}#{other}")]
        .iter()
        .find_map(|key| userinfo.get(key)?.as_str())
        .filter(|said| !said.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_badge_shows_for_a_verified_permanent_member_only() {
        let check = |claims: Value, standing: Standing, badge: bool| {
            let read: MemberClaims = serde_json::from_value(claims.clone()).unwrap();
            assert_eq!(Standing::of(&read), standing, "{claims}");
            assert_eq!(standing.has_badge(), badge, "{claims}");
        };
        let until = DateTime::from_timestamp(1_777_913_999, 0);
        check(json!({"membership": "permanent", "verified_badge": true}), Standing::Permanent { badge: true }, true);
        check(json!({"membership": "permanent", "verified_badge": false}), Standing::Permanent { badge: false }, false);
        check(json!({"membership": "permanent"}), Standing::Permanent { badge: false }, false);
        check(
            json!({"membership": "temporary", "verified_badge": false, "membership_expires_at": 1_777_913_999}),
            Standing::Temporary { until },
            false,
        );
        check(
            json!({"membership": "temporary", "membership_expires_at": 1_777_913_999.9}),
            Standing::Temporary { until },
            false,
        );
        check(json!({"membership": "temporary", "verified_badge": true}), Standing::Temporary { until: None }, false);
        check(json!({"membership": "gold", "verified_badge": true}), Standing::Untold, false);
        check(json!({"verified_badge": true}), Standing::Untold, false);
    }

    #[test]
    fn unknown_claims_are_kept() {
        let claims = json!({"membership": "permanent", "sid": "s", "position": "x", "deep": {"a": [1]}});
        let read: MemberClaims = serde_json::from_value(claims.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), claims);
        assert_eq!(format!("{read:?}"), "MemberClaims(..)");
    }

    #[test]
    fn a_name_is_taken_in_the_language_of_the_page() {
        let userinfo = json!({"name": "สมชาย ใจดี", "name#en": "Somchai Jaidee", "position": "", "nick#th": "ชาย"});
        let check = |claim, tag, said| assert_eq!(worded(&userinfo, claim, tag), said, "{claim} {tag}");
        check("name", "en", Some("Somchai Jaidee"));
        check("name", "th", Some("สมชาย ใจดี"));
        check("nick", "en", Some("ชาย"));
        check("position", "th", None);
        check("nothing", "th", None);
    }
}
