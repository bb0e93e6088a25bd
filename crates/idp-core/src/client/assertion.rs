//! Client assertions: `private_key_jwt` (RFC 7523 §3, OpenID Connect Core §9).

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::Client;
use crate::jose::{Audience, NumericDate};
use crate::secret::{Digest, Secret};

/// The one `client_assertion_type` (RFC 7523 §2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// An assertion may be good for so long from now.
const LONGEST: TimeDelta = TimeDelta::minutes(5);
/// Clocks differ by so much.
const SKEW: TimeDelta = TimeDelta::seconds(30);

/// What an assertion says. Each member without a question mark is required.
#[derive(Debug, Deserialize)]
pub struct AssertionClaims {
    /// The client.
    pub iss: String,
    /// The client again.
    pub sub: String,
    /// For whom: this provider.
    pub aud: Audience,
    /// The end.
    pub exp: NumericDate,
    /// When it was made.
    pub iat: Option<NumericDate>,
    /// When it begins to count.
    pub nbf: Option<NumericDate>,
    /// Its name, used once.
    pub jti: String,
}

/// What an assertion may name as its audience.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// The token endpoint's URL, alone or beside the issuer: for clients flagged so, whose libraries know no better.
    pub token_endpoint: &'a str,
    /// The issuer as a string and nothing else (FAPI 2.0 Security Profile §5.3.2.1, at the endpoint for pushed requests).
    pub strict: bool,
}

/// Why an assertion is refused; all of it is `invalid_client` to the outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssertionRefusal {
    /// `typ` says that it is another kind of token.
    Type,
    /// `iss` or `sub` is not the client.
    Party,
    /// Made for somebody else, or for several.
    Audience,
    /// Over.
    Expired,
    /// Good for too long.
    TooLong,
    /// From the future.
    NotYet,
    /// A name that is empty or too long.
    Name,
    /// Its name was used before.
    Used,
}

/// What may happen once: to be settled by a write.
#[derive(Clone, Copy, Debug)]
pub struct OneUse {
    /// Stands for client and `jti`.
    pub digest: Digest,
    /// How long it must be remembered.
    pub until: DateTime<Utc>,
}

/// The kinds of token an assertion may say it is. Every other kind that clients sign has a `typ` of its own.
pub fn is_assertion_type(typ: Option<&str>) -> bool {
    typ.is_none_or(|typ| ["JWT", "client-authentication+jwt"].iter().any(|known| typ.eq_ignore_ascii_case(known)))
}

/// Judges the claims of an assertion that `client` has signed.
///
/// # Errors
/// [`AssertionRefusal`], for the log.
pub fn judge_assertion(
    claims: &AssertionClaims,
    client: &Client,
    expected: Expected<'_>,
    now: DateTime<Utc>,
) -> Result<OneUse, AssertionRefusal> {
    let id = client.id.as_str();
    if claims.iss != id || claims.sub != id {
        return Err(AssertionRefusal::Party);
    }
    let by_token_endpoint = !expected.strict && client.authentication.accepts_token_endpoint();
    let meant = |name: &str| name == expected.issuer || (by_token_endpoint && name == expected.token_endpoint);
    let few_enough = match &claims.aud {
        Audience::One(_) => true,
        // Some libraries that know no better name the issuer and the token endpoint together. Nobody else may be meant.
        Audience::Many(names) => !expected.strict && (names.len() == 1 || (by_token_endpoint && !names.is_empty())),
    };
    if !few_enough || !claims.aud.iter().all(meant) {
        return Err(AssertionRefusal::Audience);
    }
    let skewed = NumericDate::of(now + SKEW);
    if claims.exp <= NumericDate::of(now - SKEW) {
        return Err(AssertionRefusal::Expired);
    }
    if claims.exp > NumericDate::of(now + LONGEST + SKEW) {
        return Err(AssertionRefusal::TooLong);
    }
    if claims.iat.is_some_and(|iat| iat > skewed || iat > claims.exp) || claims.nbf.is_some_and(|nbf| nbf > skewed) {
        return Err(AssertionRefusal::NotYet);
    }
    if claims.jti.is_empty() || claims.jti.len() > 256 {
        return Err(AssertionRefusal::Name);
    }
    // A client id has no space in it, so no two pairs make the same text.
    let digest = Secret::presented(format!("{id} {}", claims.jti)).digest();
    Ok(OneUse { digest, until: now + LONGEST + SKEW + SKEW })
}
