//! What ThaID's ID token says, and what of it is believed.

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::thai::{BuddhistDate, NationalId, ThaiName, claimed_birth_date};
use openidconnect::AdditionalClaims;
use openidconnect::core::CoreGenderClaim;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ThaidError, ThaidIdentity, ThaidPerson, ThaidScope, ThaidSettings};
use crate::{Ial, VerificationMethod, ceiling};

/// ThaID's own claims. The standard ones beside them (names, birth date) are the crate's.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct ThaidClaims {
    #[serde(default)]
    pid: Option<String>,
    /// Seen as the text "2.3"; nothing says that it could not be a number.
    #[serde(default)]
    ial: Option<Value>,
}

impl std::fmt::Debug for ThaidClaims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ThaidClaims")
    }
}

impl AdditionalClaims for ThaidClaims {}

pub(super) type Claims = openidconnect::IdTokenClaims<ThaidClaims, CoreGenderClaim>;

/// A sign-in there may be so much older than our question for it: clocks differ.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::seconds(60);

/// Judges a verified ID token. What is not said is never assumed: no level is too low a level, no name is no identity.
pub(super) fn person(
    claims: &Claims,
    settings: &ThaidSettings,
    scope: ThaidScope,
    reference: String,
    (begun_at, now): (DateTime<Utc>, DateTime<Utc>),
) -> Result<ThaidPerson, ThaidError> {
    // We asked for a new sign-in there (`prompt=login`). One from before says nothing about who sits here now.
    if claims.auth_time().is_some_and(|at| at < begun_at - CLOCKS_DIFFER) {
        return Err(ThaidError::Untrusted("auth_time"));
    }
    let own = claims.additional_claims();
    let pid = own.pid.as_deref().ok_or(ThaidError::Untrusted("pid"))?;
    let number = NationalId::parse(pid, settings.numbers).map_err(|_| ThaidError::NumberNotTaken)?;
    let said = own.ial.as_ref().and_then(level).ok_or(ThaidError::TooUnsure)?;
    if said < settings.least_ial {
        return Err(ThaidError::TooUnsure);
    }
    let ial = said.min(ceiling(VerificationMethod::Thaid));
    let acr = claims.auth_context_ref().map(|acr| acr.as_str());
    let two_factors = acr.is_some_and(|acr| settings.aal2_acr_values.iter().any(|value| value == acr));
    let identity = match scope {
        ThaidScope::Number => None,
        ThaidScope::Identity => Some(identity(claims, now)?),
    };
    Ok(ThaidPerson { number, ial, two_factors, identity, reference })
}

fn level(said: &Value) -> Option<Ial> {
    match said {
        Value::String(text) => Ial::parse(text.trim()),
        Value::Number(number) => Ial::parse(&number.to_string()),
        _ => None,
    }
}

fn identity(claims: &Claims, now: DateTime<Utc>) -> Result<ThaidIdentity, ThaidError> {
    let name = |text: Option<&str>, what| {
        text.and_then(|text| ThaiName::parse_as_typed(text).ok()).ok_or(ThaidError::Untrusted(what))
    };
    let given = claims.given_name().and_then(|names| names.get(None)).map(|name| name.as_str());
    let family = claims.family_name().and_then(|names| names.get(None)).map(|name| name.as_str());
    let birth_date = claims.birthdate().and_then(|date| claimed_birth_date(date.as_str(), BuddhistDate::on(now)));
    Ok(ThaidIdentity {
        first_name: name(given, "given_name")?,
        last_name: name(family, "family_name")?,
        birth_date: birth_date.ok_or(ThaidError::Untrusted("birthdate"))?,
    })
}
