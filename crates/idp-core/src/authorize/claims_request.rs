//! The `claims` parameter (OpenID Connect Core §5.5): what is wanted by name, for userinfo and for the ID token.

use serde_json::{Map, Value};

use super::{AcrWish, ProtocolError, verified_request};
use crate::claim::{Claim, ClaimSet};
use crate::json::strict_object;
use crate::session::Acr;
use crate::token::RequestedClaims;

/// The longest parameter that is read, in bytes.
const MAX_LENGTH: usize = 8 * 1024;
/// The most names in one member.
const MAX_NAMES: usize = 64;
/// The most values for one name.
const MAX_VALUES: usize = 16;

/// The parameter, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimsRequest {
    /// Claims by name.
    pub requested: RequestedClaims,
    /// `acr` of the ID token.
    pub acr: Option<AcrWish>,
    /// `sub`: the only members the client means.
    pub sub: Option<Vec<String>>,
}

/// What stands beside a name: how it is wanted. `essential` changes nothing for most claims, since a claim that is not
/// there is never an error (§5.5.1); values count for `acr` and `sub`, which alone can be chosen.
#[derive(Debug, Default)]
pub(super) struct Wish {
    /// `essential`
    pub(super) essential: bool,
    /// `value` or `values`, when there was either.
    pub(super) values: Option<Vec<Value>>,
}

impl ClaimsRequest {
    /// Reads the parameter. Names that are not known are left out, as §5.5 has it.
    ///
    /// # Errors
    /// `invalid_request` for what is not JSON, too long, too deep, has a name twice, or is of another form.
    pub fn parse(text: &str) -> Result<Self, ProtocolError> {
        let unreadable = ProtocolError::invalid_request("claims is not a JSON object of the specified form");
        let mut members = strict_object(text.as_bytes(), MAX_LENGTH).ok_or(unreadable)?;
        let mut request = Self::default();
        if let Some(userinfo) = wishes(members.remove("userinfo"))? {
            for (name, value) in userinfo {
                match name.as_str() {
                    "verified_claims" => request.requested.verified_userinfo = verified_request::parse(value)?,
                    "sub" => request.sub = subjects(Wish::read(value)?, request.sub)?,
                    name => put(&mut request.requested.userinfo, name, value)?,
                }
            }
        }
        if let Some(id_token) = wishes(members.remove("id_token"))? {
            for (name, value) in id_token {
                match name.as_str() {
                    "verified_claims" => request.requested.verified_id_token = verified_request::parse(value)?,
                    "sub" => request.sub = subjects(Wish::read(value)?, request.sub)?,
                    "acr" => request.acr = levels(Wish::read(value)?)?,
                    name => put(&mut request.requested.id_token, name, value)?,
                }
            }
        }
        Ok(request)
    }
}

impl Wish {
    /// Reads what stands beside a name: `null`, or an object with the members of §5.5.1.
    pub(super) fn read(value: Value) -> Result<Self, ProtocolError> {
        let wrong = ProtocolError::invalid_request("a claim in claims is neither null nor an object as specified");
        let mut members = match value {
            Value::Null => return Ok(Self::default()),
            Value::Object(members) => members,
            _ => return Err(wrong),
        };
        let essential = match members.remove("essential") {
            None => false,
            Some(Value::Bool(essential)) => essential,
            Some(_) => return Err(wrong),
        };
        let values = match (members.remove("value"), members.remove("values")) {
            (None, None) => None,
            (Some(value), None) => Some(vec![value]),
            (None, Some(Value::Array(values))) if (1..=MAX_VALUES).contains(&values.len()) => Some(values),
            _ => return Err(wrong),
        };
        Ok(Self { essential, values })
    }

    /// The values as text.
    pub(super) fn texts(self) -> Result<Option<Vec<String>>, ProtocolError> {
        let text = |value| match value {
            Value::String(text) => Ok(text),
            _ => Err(ProtocolError::invalid_request("a value in claims is not of the type of its claim")),
        };
        self.values.map(|values| values.into_iter().map(text).collect()).transpose()
    }
}

fn wishes(member: Option<Value>) -> Result<Option<Map<String, Value>>, ProtocolError> {
    match member {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(members)) if members.len() <= MAX_NAMES => Ok(Some(members)),
        Some(_) => Err(ProtocolError::invalid_request("userinfo and id_token in claims are objects of a few claims")),
    }
}

fn put(set: &mut ClaimSet, name: &str, wish: Value) -> Result<(), ProtocolError> {
    Wish::read(wish)?;
    *set = set.union(Claim::parse(name).into_iter().collect());
    Ok(())
}

/// §5.5.1: with a value, the answer is about that member or there is none. Named twice, both must hold.
fn subjects(wish: Wish, known: Option<Vec<String>>) -> Result<Option<Vec<String>>, ProtocolError> {
    Ok(match (wish.texts()?, known) {
        (Some(wished), Some(known)) => Some(wished.into_iter().filter(|sub| known.contains(sub)).collect()),
        (wished, known) => wished.or(known),
    })
}

/// `None`: no level is named. Whatever it is, it is always told; and `acr_values` beside it counts.
fn levels(wish: Wish) -> Result<Option<AcrWish>, ProtocolError> {
    let essential = wish.essential;
    let levels = |values: Vec<String>| values.iter().filter_map(|value| Acr::parse(value)).collect();
    Ok(wish.texts()?.map(|values| match essential {
        true => AcrWish::Essential(levels(values)),
        false => AcrWish::Voluntary(levels(values)),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, userinfo: &str, id_token: &str) {
        let request = ClaimsRequest::parse(text).unwrap();
        let found = (request.requested.userinfo.to_string(), request.requested.id_token.to_string());
        assert_eq!(found, (userinfo.to_owned(), id_token.to_owned()), "{text}");
    }

    #[test]
    fn names_are_read_for_both_places_and_unknown_ones_are_left_out() {
        check("{}", "", "");
        check(r#"{"userinfo":null,"other":[1]}"#, "", "");
        check(r#"{"userinfo":{"name":null,"email":{"essential":true}}}"#, "name email", "");
        check(r#"{"id_token":{"name#en":{"value":"x"},"colour":null,"citizen_id":null}}"#, "", "name#en");
        check(
            r#"{"userinfo":{"http://example.info/claims/groups":null},"id_token":{"auth_time":{"essential":true}}}"#,
            "",
            "",
        );
        check(
            r#"{"userinfo":{"profile":{"essential":true},"website":{"value":"x"}},"id_token":{"picture":null,"nickname":{"values":["a"]},"preferred_username":null}}"#,
            "profile website",
            "nickname preferred_username picture",
        );
        check(r#"{"userinfo":{"gender":{"more":{"of":["this"]}}}}"#, "gender", "");
    }

    #[test]
    fn acr_and_sub_are_wishes_of_their_own() {
        let read = |text: &str| ClaimsRequest::parse(text).unwrap();
        let aal1 = Acr::Aal1.as_str();
        let one = read(&format!(r#"{{"id_token":{{"acr":{{"essential":true,"values":["x","{aal1}"]}}}}}}"#));
        assert_eq!(one.acr, Some(AcrWish::Essential(vec![Acr::Aal1])));
        let none = read(r#"{"id_token":{"acr":{"essential":true,"value":"x"}}}"#);
        assert_eq!(none.acr, Some(AcrWish::Essential(Vec::new())));
        assert_eq!(read(r#"{"id_token":{"acr":{"essential":true}}}"#).acr, None);
        let sub = read(r#"{"id_token":{"sub":{"values":["a","b"]}},"userinfo":{"sub":{"value":"b"}}}"#);
        assert_eq!(sub.sub, Some(vec!["b".to_owned()]));
    }

    #[test]
    fn s031_other_forms_are_an_invalid_request() {
        for text in [
            "",
            "x",
            "[]",
            "null",
            "{\"userinfo\":[]}",
            "{\"userinfo\":{\"name\":true}}",
            "{\"userinfo\":{\"name\":{\"essential\":\"yes\"}}}",
            "{\"userinfo\":{\"name\":{\"values\":[]}}}",
            "{\"userinfo\":{\"name\":{\"value\":1,\"values\":[1]}}}",
            "{\"id_token\":{\"sub\":{\"value\":7}}}",
            "{\"id_token\":{\"acr\":{\"values\":\"x\"}}}",
            "{\"userinfo\":{\"name\":null,\"name\":null}}",
            &format!(
                "{{\"userinfo\":{{{}}}}}",
                (0..65).map(|n| format!("\"n{n}\":null")).collect::<Vec<_>>().join(",")
            ),
            &format!("{{\"a\":{}", "[".repeat(4000)),
            &format!("{{\"a\":\"{}\"}}", "x".repeat(9000)),
        ] {
            let refused = ClaimsRequest::parse(text).unwrap_err();
            assert_eq!(refused.code, super::super::ErrorCode::InvalidRequest, "{text}");
        }
    }
}
