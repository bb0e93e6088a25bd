//! How long tokens live: never longer than the membership and the session they come from.

use chrono::{DateTime, TimeDelta, Utc};

use crate::account::Account;

/// Lifetimes as configured.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Of a code; 60 seconds at most.
    pub code: TimeDelta,
    /// Of an access token.
    pub access: TimeDelta,
    /// Of an ID token.
    pub id: TimeDelta,
    /// Of a refresh token that is not used.
    pub refresh_idle: TimeDelta,
    /// Of a family of refresh tokens, whatever happens.
    pub refresh_absolute: TimeDelta,
}

/// The end of a token made now for so long: cut where the session or the temporary membership ends.
pub fn expiry(
    now: DateTime<Utc>,
    lifetime: TimeDelta,
    session_ends: DateTime<Utc>,
    account: &Account,
) -> DateTime<Utc> {
    let end = (now + lifetime).min(session_ends);
    account.tokens_end_at().map_or(end, |membership_ends| end.min(membership_ends))
}
