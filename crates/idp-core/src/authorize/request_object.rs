//! Request objects (RFC 9101, OpenID Connect Core §6): a request as a token that the client signed. What is in it counts,
//! what stands beside it does not.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::{ErrorCode, ProtocolError, RawRequest};
use crate::client::Client;
use crate::jose::{Algorithm, NumericDate};

/// So far the client's clock may be ahead of ours.
const AHEAD: TimeDelta = TimeDelta::seconds(30);
/// So long a request object of a client that must sign may count, and so old it may be (FAPI 2.0 Message Signing §5.3.1).
const LONGEST: TimeDelta = TimeDelta::minutes(60);
/// The members of a token that are no parameters (RFC 7519 §4.1).
const OF_THE_TOKEN: [&str; 6] = ["iss", "aud", "exp", "nbf", "iat", "jti"];

/// Whether `typ` may be that of a request object. RFC 9101 §10.8 names a type; OpenID Connect Core does not, so that a
/// token without one, or with the general one, is as good.
pub fn is_request_object(typ: Option<&str>) -> bool {
    let Some(typ) = typ else { return true };
    let short = typ.get(.."application/".len()).filter(|start| start.eq_ignore_ascii_case("application/"));
    let typ = if short.is_some() { &typ["application/".len()..] } else { typ };
    ["JWT", "oauth-authz-req+jwt"].iter().any(|known| typ.eq_ignore_ascii_case(known))
}

/// The algorithms that a client's request objects may be signed with.
pub fn accepted(client: &Client) -> Vec<Algorithm> {
    client.requests.algorithm.map_or_else(|| Algorithm::ALL.to_vec(), |one| vec![one])
}

/// The parameters of a request object whose signature fits.
///
/// # Errors
/// `invalid_request_object`.
pub fn parameters(
    claims: Map<String, Value>,
    client: &Client,
    issuer: &str,
    now: DateTime<Utc>,
) -> Result<RawRequest, ProtocolError> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(client.id.as_str()) {
        return Err(refused("iss of the request object is not the client"));
    }
    if !is_for(claims.get("aud"), issuer) {
        return Err(refused("aud of the request object is not this issuer"));
    }
    // RFC 9101 §10.8: a client assertion has a sub and is signed with the same keys; it must not pass for a request.
    if claims.contains_key("sub") {
        return Err(refused("a request object has no sub"));
    }
    if claims.contains_key("client_id") && text("client_id") != Some(client.id.as_str()) {
        return Err(refused("client_id of the request object is not the one beside it"));
    }
    // RFC 9101 §4.
    if claims.contains_key("request") || claims.contains_key("request_uri") {
        return Err(refused("a request object holds no other"));
    }
    times(&claims, client.requests.signed, now)?;
    let mut parameters = Vec::with_capacity(claims.len() + 1);
    parameters.push(("client_id".to_owned(), client.id.as_str().to_owned()));
    for (name, value) in claims {
        if name == "client_id" || OF_THE_TOKEN.contains(&name.as_str()) {
            continue;
        }
        if let ("resource", Value::Array(several)) = (name.as_str(), &value) {
            for one in several {
                let one = one.as_str().ok_or(refused(OTHER_TYPE))?;
                parameters.push((name.clone(), one.to_owned()));
            }
            continue;
        }
        let value = match value {
            Value::String(text) => text,
            // max_age, for one.
            Value::Number(number) => number.to_string(),
            // OpenID Connect Core §6.1: claims is an object here.
            object @ Value::Object(_) if name == "claims" => object.to_string(),
            _ if KNOWN.contains(&name.as_str()) => {
                return Err(refused(OTHER_TYPE));
            }
            // Like any other parameter that we do not know.
            _ => continue,
        };
        parameters.push((name, value));
    }
    RawRequest::from_parameters(parameters).map_err(|_| refused("the request object holds too much"))
}

const OTHER_TYPE: &str = "a parameter in the request object is of another type";

/// Parameters that mean something here: of another type they are an error, not absent.
const KNOWN: [&str; 20] = [
    "resource",
    "dpop_jkt",
    "response_type",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "response_mode",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "id_token_hint",
    "login_hint",
    "acr_values",
    "claims",
    "claims_locales",
    "ui_locales",
    "display",
    "registration",
];

fn is_for(aud: Option<&Value>, issuer: &str) -> bool {
    match aud {
        Some(Value::String(one)) => one == issuer,
        Some(Value::Array(several)) => several.len() <= 8 && several.iter().any(|one| one.as_str() == Some(issuer)),
        _ => false,
    }
}

/// From when until when it counts. A time of another type is an error, not absent.
fn times(claims: &Map<String, Value>, demanded: bool, now: DateTime<Utc>) -> Result<(), ProtocolError> {
    let time = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(value) => {
            let seconds = NumericDate::deserialize(value).ok();
            let at = seconds.and_then(|seconds| DateTime::from_timestamp(seconds.0, 0));
            at.map(Some).ok_or(refused("a time in the request object is not a number of seconds"))
        }
    };
    let (from, until, issued) = (time("nbf")?, time("exp")?, time("iat")?);
    if until.is_some_and(|until| until <= now) {
        return Err(refused("the request object is over"));
    }
    if from.is_some_and(|from| from > now + AHEAD) || issued.is_some_and(|issued| issued > now + AHEAD) {
        return Err(refused("the request object is of the future"));
    }
    if demanded {
        let (Some(from), Some(until)) = (from, until) else {
            return Err(refused("the request object of this client needs nbf and exp"));
        };
        if from < now - LONGEST || until - from > LONGEST {
            return Err(refused("the request object counts for more than an hour"));
        }
    }
    Ok(())
}

fn refused(description: &'static str) -> ProtocolError {
    ProtocolError::new(ErrorCode::InvalidRequestObject, description)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::decide::tests::client;
    use super::*;

    const ISSUER: &str = "https://account.example";

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn read(change: Value, strict: bool) -> Result<String, ProtocolError> {
        let mut claims = json!({ "iss": "rp", "aud": ISSUER, "scope": "openid", "state": "s" });
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let mut client = client();
        client.requests.signed = strict;
        let Value::Object(claims) = claims else { unreachable!() };
        parameters(claims, &client, ISSUER, now()).map(|raw| raw.encode())
    }

    #[test]
    fn what_is_in_it_becomes_the_request() {
        let change = json!({ "max_age": 60, "claims": { "userinfo": { "name": null } }, "jti": "x", "extra": [1], "client_id": "rp" });
        let raw = read(change, false).unwrap();
        assert_eq!(
            raw,
            "client_id=rp&scope=openid&state=s&max_age=60&claims=%7B%22userinfo%22%3A%7B%22name%22%3Anull%7D%7D"
        );
        let several = read(json!({ "resource": ["urn:a", "urn:b"] }), false).unwrap();
        assert!(several.ends_with("&resource=urn%3Aa&resource=urn%3Ab"), "{several}");
        assert!(read(json!({ "aud": [ISSUER, "https://other.example"] }), false).is_ok());
    }

    #[test]
    fn it_is_this_clients_for_this_issuer_and_of_this_time() {
        let t = now().timestamp();
        for wrong in [
            json!({ "iss": "other" }),
            json!({ "iss": null }),
            json!({ "aud": "https://other.example" }),
            json!({ "aud": [] }),
            json!({ "aud": null }),
            json!({ "sub": "rp" }),
            json!({ "client_id": "other" }),
            json!({ "client_id": 7 }),
            json!({ "request": "x" }),
            json!({ "request_uri": "x" }),
            json!({ "exp": t }),
            json!({ "exp": "soon" }),
            json!({ "exp": null }),
            json!({ "exp": 1e300 }),
            json!({ "nbf": t + 61 }),
            json!({ "iat": t + 61 }),
            json!({ "scope": ["openid"] }),
            json!({ "max_age": null }),
            json!({ "resource": [7] }),
            json!({ "resource": vec!["urn:x"; 101] }),
        ] {
            assert_eq!(read(wrong.clone(), false).unwrap_err().code, ErrorCode::InvalidRequestObject, "{wrong}");
        }
        assert!(read(json!({ "nbf": t + 10, "iat": t + 10, "exp": t + 1 }), false).is_ok());
    }

    #[test]
    fn a_client_that_must_sign_must_say_for_how_long() {
        let t = now().timestamp();
        assert!(read(json!({ "nbf": t - 60, "exp": t + 60 }), true).is_ok());
        for wrong in [
            json!({}),
            json!({ "exp": t + 60 }),
            json!({ "nbf": t }),
            json!({ "nbf": t - 3601, "exp": t + 60 }),
            json!({ "nbf": t, "exp": t + 3601 }),
        ] {
            assert!(read(wrong.clone(), true).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_type_is_its_own_or_the_general_one() {
        for typ in
            [None, Some("JWT"), Some("jwt"), Some("oauth-authz-req+jwt"), Some("application/OAuth-Authz-Req+JWT")]
        {
            assert!(is_request_object(typ), "{typ:?}");
        }
        for typ in ["at+jwt", "client-authentication+jwt", "dpop+jwt", "", "application/", "ข้อมูล"] {
            assert!(!is_request_object(Some(typ)), "{typ}");
        }
    }
}
