//! Logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.4): a session is over.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

/// How long a logout token may be believed: it is made when it is sent (§4 recommends two minutes at most).
pub const LOGOUT_TOKEN_LIFETIME: TimeDelta = TimeDelta::minutes(2);

/// The claims of a logout token. It has no nonce, so that it can never pass for an ID token.
#[derive(Debug, Serialize)]
pub struct LogoutClaims<'a> {
    iss: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    sid: &'a str,
    events: Events,
}

#[derive(Debug, Serialize)]
struct Events {
    #[serde(rename = "http://schemas.openid.net/event/backchannel-logout")]
    logout: Nothing,
}

/// §2.4: "the empty JSON object".
#[derive(Debug, Serialize)]
struct Nothing {}

impl<'a> LogoutClaims<'a> {
    /// That the session `sid` of the member `sub` is over, for the client `aud`.
    pub fn new(
        issuer: &'a str,
        aud: &'a str,
        sub: Option<&'a str>,
        sid: &'a str,
        jti: String,
        now: DateTime<Utc>,
    ) -> Self {
        let exp = (now + LOGOUT_TOKEN_LIFETIME).timestamp();
        let events = Events { logout: Nothing {} };
        Self { iss: issuer, sub, aud, iat: now.timestamp(), exp, jti, sid, events }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_what_the_specification_says_and_nothing_else() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let claims = LogoutClaims::new("https://op.example", "rp", Some("s"), "x", "unique".to_owned(), now);
        let expected = serde_json::json!({
            "iss": "https://op.example", "sub": "s", "aud": "rp", "iat": 1_800_000_000, "exp": 1_800_000_120,
            "jti": "unique", "sid": "x",
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        assert_eq!(serde_json::to_value(&claims).unwrap(), expected);
    }
}
