//! The authorization code: at most sixty seconds, once, for the client and the redirect URI it was made for.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Challenge, Grant, GrantState, Verifier};
use crate::client::Client;
use crate::dpop::Thumbprint;

/// The longest life of a code.
pub const CODE_LIFETIME: TimeDelta = TimeDelta::seconds(60);

/// What a client presents with a code (RFC 6749 §4.1.3, RFC 7636 §4.5).
#[derive(Debug)]
pub struct Exchange<'a> {
    /// The authenticated client.
    pub client: &'a Client,
    /// `redirect_uri`.
    pub redirect_uri: Option<&'a str>,
    /// `code_verifier` as sent.
    pub verifier: Option<&'a str>,
    /// The key that the request proves to hold.
    pub key: Option<&'a Thumbprint>,
}

/// Why an exchange is refused; all of it is `invalid_grant` to the outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExchangeRefusal {
    /// Issued to another client.
    OtherClient,
    /// Used before: what it gave must be revoked (RFC 6749 §4.1.2).
    Reused,
    /// Revoked with its session or account.
    Revoked,
    /// Too old.
    Expired,
    /// Another redirect URI, or none.
    OtherRedirectUri,
    /// No verifier, a wrong one, or one that nobody asked for.
    Verifier,
    /// Bound to another key (RFC 9449 §10).
    OtherKey,
}

/// Whether the code of `grant` may be redeemed by `exchange`.
///
/// The order matters: a foreign client must not be able to spend or revoke somebody else's code, and a reused code is a
/// reused code even when it is also too old.
///
/// # Errors
/// [`ExchangeRefusal`].
pub fn judge_exchange(
    grant: &Grant,
    exchange: &Exchange<'_>,
    lifetime: TimeDelta,
    now: DateTime<Utc>,
) -> Result<(), ExchangeRefusal> {
    if grant.client_id != exchange.client.id {
        return Err(ExchangeRefusal::OtherClient);
    }
    match grant.state {
        GrantState::Issued => {}
        GrantState::Redeemed { .. } => return Err(ExchangeRefusal::Reused),
        GrantState::Revoked { .. } => return Err(ExchangeRefusal::Revoked),
    }
    if now >= grant.issued_at + lifetime.min(CODE_LIFETIME) {
        return Err(ExchangeRefusal::Expired);
    }
    if exchange.redirect_uri != Some(grant.redirect_uri.as_str()) {
        return Err(ExchangeRefusal::OtherRedirectUri);
    }
    if grant.bound_to.is_some() && grant.bound_to.as_ref() != exchange.key {
        return Err(ExchangeRefusal::OtherKey);
    }
    verifies(grant.challenge.as_ref(), exchange.verifier)
}

/// Whether a verifier is the one that was promised.
///
/// # Errors
/// [`ExchangeRefusal::Verifier`].
pub fn verifies(challenge: Option<&Challenge>, verifier: Option<&str>) -> Result<(), ExchangeRefusal> {
    // RFC 9700 §2.1.1: a verifier without a challenge is as wrong as a challenge without its verifier.
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (Some(challenge), Some(text)) if Verifier::parse(text).is_some_and(|v| challenge.is_met_by(&v)) => Ok(()),
        _ => Err(ExchangeRefusal::Verifier),
    }
}
