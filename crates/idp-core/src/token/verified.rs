//! `verified_claims` (OpenID Identity Assurance Schema Definition 1.0, OpenID Connect for Identity Assurance 1.0): what
//! the civil registry confirmed, and how, told only as far as it was asked for.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::account::{Badge, VerificationMethod, VerifiedIdentity};
use crate::claim::{Claim, ClaimSet};

/// The rules under which members are verified here.
pub const TRUST_FRAMEWORK: &str = "th_moc_account";
/// The one kind of evidence there is.
pub const EVIDENCE: &str = "electronic_record";
/// Which record it is.
pub const RECORD: &str = "population_register";
/// How it can have been checked: the card's data against the register, or a sign-in of the person at ThaID, which the
/// register's keeper runs.
pub const CHECK_METHODS: [&str; 2] = ["data", "auth"];
/// Who keeps the register.
const REGISTRAR: &str = "Department of Provincial Administration, Thailand";

/// What can be confirmed.
pub const CLAIMS: [Claim; 3] = [Claim::GivenName, Claim::FamilyName, Claim::Birthdate];

/// One request for `verified_claims`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedRequest {
    /// Claims under `claims`.
    pub claims: ClaimSet,
    /// Claims that are given only with one of these values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<(ClaimSet, Vec<String>)>,
    /// Tell `assurance_level`.
    #[serde(default)]
    pub level: bool,
    /// Only if the level is one of these; any when there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<String>,
    /// Tell `time`.
    #[serde(default)]
    pub time: bool,
    /// Only if it was verified so many seconds ago at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u32>,
    /// Tell `verification_process`: the reference of the check.
    #[serde(default)]
    pub process: bool,
    /// Tell `evidence`, with these parts beside its type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceRequest>,
    /// Only if it was checked in one of these ways; in any when there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub check_methods: Vec<String>,
}

/// Which parts of the evidence are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceRequest {
    /// Tell `check_details`.
    #[serde(default)]
    pub check_details: bool,
    /// Tell `time`.
    #[serde(default)]
    pub time: bool,
    /// Tell `record`.
    #[serde(default)]
    pub record: bool,
}

/// The `assurance_level` of a badge.
pub fn assurance_level(badge: &Badge) -> String {
    format!("ial{}", badge.ial)
}

/// How the badge's evidence was checked: one of [`CHECK_METHODS`].
fn check_method(badge: &Badge) -> &'static str {
    match badge.method {
        VerificationMethod::CivilRegistry | VerificationMethod::StaffDirectory => "data",
        VerificationMethod::Thaid => "auth",
    }
}

/// The value of `verified_claims`: one object for one request, a list for several; `None` when no request can be met. A
/// constraint that is not met leaves its request out whole, and is no error (OpenID Connect for Identity Assurance §5).
pub fn verified_claims(
    requests: &[VerifiedRequest],
    badge: &Badge,
    identity: &VerifiedIdentity,
    now: DateTime<Utc>,
) -> Option<Value> {
    let mut met: Vec<Value> = requests.iter().filter_map(|request| one(request, badge, identity, now)).collect();
    match met.len() {
        0 => None,
        1 => met.pop(),
        _ => Some(Value::Array(met)),
    }
}

fn one(request: &VerifiedRequest, badge: &Badge, identity: &VerifiedIdentity, now: DateTime<Utc>) -> Option<Value> {
    let level = assurance_level(badge);
    if !request.levels.is_empty() && !request.levels.contains(&level) {
        return None;
    }
    if request.max_age.is_some_and(|seconds| now.signed_duration_since(badge.at).num_seconds() > i64::from(seconds)) {
        return None;
    }
    if !request.check_methods.is_empty() && !request.check_methods.iter().any(|method| method == check_method(badge)) {
        return None;
    }
    let at = badge.at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut verification = Map::new();
    verification.insert("trust_framework".to_owned(), json!(TRUST_FRAMEWORK));
    if request.level {
        verification.insert("assurance_level".to_owned(), json!(level));
    }
    if request.time {
        verification.insert("time".to_owned(), json!(at));
    }
    if request.process {
        verification.insert("verification_process".to_owned(), json!(badge.reference));
    }
    if let Some(parts) = request.evidence {
        let mut evidence = json!({ "type": EVIDENCE });
        if parts.check_details {
            evidence["check_details"] = json!([{ "check_method": check_method(badge), "organization": REGISTRAR, "txn": badge.reference, "time": at }]);
        }
        if parts.time {
            evidence["time"] = json!(at);
        }
        if parts.record {
            evidence["record"] = json!({ "type": RECORD, "source": { "name": REGISTRAR, "country_code": "THA" } });
        }
        verification.insert("evidence".to_owned(), json!([evidence]));
    }
    let mut claims = Map::new();
    for claim in request.claims.iter() {
        let value = match claim {
            Claim::GivenName => identity.first_name.as_str().to_owned(),
            Claim::FamilyName => identity.last_name.as_str().to_owned(),
            Claim::Birthdate => identity.birth_date.birthdate_claim(),
            _ => continue,
        };
        let unwanted = |(of, values): &(ClaimSet, Vec<String>)| of.contains(claim) && !values.contains(&value);
        if request.only.iter().any(unwanted) {
            continue;
        }
        claims.insert(claim.as_str().to_owned(), Value::String(value));
    }
    (!claims.is_empty()).then(|| json!({ "verification": verification, "claims": claims }))
}
