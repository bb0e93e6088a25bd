//! `verified_claims` within the `claims` parameter (OpenID Connect for Identity Assurance 1.0 §5).

use serde_json::{Map, Value};

use super::ProtocolError;
use super::claims_request::Wish;
use crate::claim::{Claim, ClaimSet};
use crate::token::{CHECK_METHODS, EVIDENCE, EvidenceRequest, RECORD, TRUST_FRAMEWORK, VERIFIABLE, VerifiedRequest};

/// The most requests in one list.
const MAX_REQUESTS: usize = 4;

/// Reads one request or a list of them. One that no verification here can ever meet is left out: that is no error (§5).
pub(super) fn parse(value: Value) -> Result<Vec<VerifiedRequest>, ProtocolError> {
    let requests = match value {
        Value::Array(requests) if (1..=MAX_REQUESTS).contains(&requests.len()) => requests,
        object @ Value::Object(_) => vec![object],
        _ => return Err(wrong()),
    };
    let mut read = Vec::new();
    for request in requests {
        read.extend(one(request)?);
    }
    Ok(read)
}

fn wrong() -> ProtocolError {
    ProtocolError::invalid_request("verified_claims in claims is not of the specified form")
}

fn object(value: Option<Value>) -> Result<Map<String, Value>, ProtocolError> {
    match value {
        Some(Value::Object(members)) => Ok(members),
        _ => Err(wrong()),
    }
}

fn one(value: Value) -> Result<Option<VerifiedRequest>, ProtocolError> {
    let mut members = object(Some(value))?;
    let names = object(members.remove("claims"))?;
    let mut verification = object(members.remove("verification"))?;
    // §5.2: an empty list of claims is an error, one of claims that are not known is not.
    if names.is_empty() {
        return Err(wrong());
    }
    let mut request = VerifiedRequest::default();
    for (name, value) in names {
        let wish = Wish::read(value)?;
        let Some(claim) = Claim::parse(&name).filter(|claim| VERIFIABLE.contains(claim)) else { continue };
        let claim = ClaimSet::from_iter([claim]);
        request.claims = request.claims.union(claim);
        request.only.extend(wish.texts()?.map(|values| (claim, values)));
    }
    let framework = verification.remove("trust_framework").ok_or_else(wrong)?;
    let mut possible = admits(framework, TRUST_FRAMEWORK)?;
    if let Some(value) = verification.remove("assurance_level") {
        request.level = true;
        request.levels = Wish::read(value)?.texts()?.unwrap_or_default();
    }
    if let Some(value) = verification.remove("time") {
        request.time = true;
        request.max_age = max_age(value)?;
    }
    if let Some(value) = verification.remove("verification_process") {
        request.process = true;
        // Nobody but us knows the reference beforehand.
        possible &= Wish::read(value)?.values.is_none();
    }
    match verification.remove("evidence") {
        None | Some(Value::Null) => {}
        Some(Value::Array(wanted)) if !wanted.is_empty() && wanted.len() <= MAX_REQUESTS => {
            let mut parts = None;
            for value in wanted {
                parts = parts.or(evidence(value)?);
            }
            possible &= parts.is_some();
            if let Some((parts, methods)) = parts {
                (request.evidence, request.check_methods) = (Some(parts), methods);
            }
        }
        Some(_) => return Err(wrong()),
    }
    // Whatever else the verification is asked to have, it has not.
    Ok((possible && !request.claims.is_empty()).then_some(request))
}

/// One kind of evidence that is asked for, and the ways of checking it that would do (any, where none is named); `None` for
/// one that there is not.
fn evidence(value: Value) -> Result<Option<(EvidenceRequest, Vec<String>)>, ProtocolError> {
    let mut members = object(Some(value))?;
    let kind = members.remove("type").ok_or_else(wrong)?;
    let mut possible = admits(kind, EVIDENCE)?;
    let record = members.remove("record");
    if let Some(Value::Object(record)) = &record
        && let Some(kind) = record.get("type")
    {
        possible &= admits(kind.clone(), RECORD)?;
    }
    let details = members.remove("check_details");
    let mut methods = Vec::new();
    if let Some(Value::Array(wanted)) = &details {
        let wished: Vec<&Value> = wanted.iter().filter_map(|details| details.get("check_method")).collect();
        for ours in CHECK_METHODS {
            // Several are alternatives.
            for method in &wished {
                if admits((*method).clone(), ours)? {
                    methods.push(ours.to_owned());
                    break;
                }
            }
        }
        possible &= wished.is_empty() || !methods.is_empty();
        if methods.len() == CHECK_METHODS.len() {
            methods.clear();
        }
    }
    let parts = EvidenceRequest {
        check_details: details.is_some(),
        time: members.contains_key("time"),
        record: record.is_some(),
    };
    Ok(possible.then_some((parts, methods)))
}

/// Whether a wish lets `ours` pass.
fn admits(wish: Value, ours: &str) -> Result<bool, ProtocolError> {
    Ok(Wish::read(wish)?.texts()?.is_none_or(|values| values.iter().any(|value| value == ours)))
}

/// §5.4: `max_age` beside `time`, in seconds.
fn max_age(value: Value) -> Result<Option<u32>, ProtocolError> {
    match value {
        Value::Null => Ok(None),
        Value::Object(members) => match members.get("max_age") {
            None => Ok(None),
            // What is longer than a century asks for nothing.
            Some(seconds) => Ok(Some(u32::try_from(seconds.as_u64().ok_or_else(wrong)?).unwrap_or(u32::MAX))),
        },
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_asked_for_is_asked_for() {
        let read = parse(json!({
            "verification": { "trust_framework": null, "time": { "max_age": 60 }, "assurance_level": { "value": "ial1.2" } },
            "claims": { "given_name": { "essential": true }, "email": null }
        }));
        let request = read.unwrap().remove(0);
        assert_eq!(request.claims.to_string(), "given_name");
        assert_eq!((request.time, request.max_age, request.level), (true, Some(60), true));
        assert_eq!(request.levels, ["ial1.2"]);
        assert_eq!((request.process, request.evidence), (false, None));
    }

    #[test]
    fn what_no_verification_here_can_meet_is_left_out() {
        let none = |verification: Value| {
            parse(json!({ "verification": verification, "claims": { "birthdate": null } })).unwrap().is_empty()
        };
        assert!(!none(json!({ "trust_framework": { "values": ["eidas", "th_moc_account"] } })));
        assert!(none(json!({ "trust_framework": { "value": "eidas" } })));
        assert!(none(json!({ "trust_framework": null, "evidence": [{ "type": { "value": "document" } }] })));
        let record = json!({ "type": { "value": "voter_register" } });
        assert!(none(json!({ "trust_framework": null, "evidence": [{ "type": null, "record": record }] })));
        let known = parse(json!({ "verification": { "trust_framework": null }, "claims": { "email": null } }));
        assert!(known.unwrap().is_empty());
    }

    #[test]
    fn a_way_of_checking_that_is_asked_for_is_kept() {
        let check = |methods: Value, kept: Option<&[&str]>| {
            let details: Vec<Value> =
                methods.as_array().unwrap().iter().map(|m| json!({ "check_method": m })).collect();
            let evidence = json!([{ "type": null, "check_details": details }]);
            let read = parse(json!({
                "verification": { "trust_framework": null, "evidence": evidence }, "claims": { "birthdate": null }
            }));
            let read = read.unwrap();
            assert_eq!(
                read.first().map(|request| request.check_methods.clone()).as_deref(),
                kept.map(|kept| { kept.iter().map(|method| (*method).to_owned()).collect::<Vec<_>>() }).as_deref()
            );
        };
        check(json!([]), Some(&[]));
        check(json!([null]), Some(&[]));
        check(json!([{ "value": "data" }]), Some(&["data"]));
        check(json!([{ "value": "bvr" }, { "value": "auth" }]), Some(&["auth"]));
        check(json!([{ "values": ["auth", "data"] }]), Some(&[]));
        check(json!([{ "value": "bvr" }]), None);
    }

    #[test]
    fn other_forms_are_an_invalid_request() {
        for value in [
            json!(null),
            json!([]),
            json!("x"),
            json!({}),
            json!({ "verification": {}, "claims": { "given_name": null } }),
            json!({ "verification": { "trust_framework": null }, "claims": {} }),
            json!({ "verification": { "trust_framework": true }, "claims": { "given_name": null } }),
            json!({ "verification": { "trust_framework": null, "time": { "max_age": -1 } }, "claims": { "given_name": null } }),
            json!({ "verification": { "trust_framework": null, "evidence": {} }, "claims": { "given_name": null } }),
            json!([1, 2]),
        ] {
            assert!(parse(value.clone()).is_err(), "{value}");
        }
    }
}
