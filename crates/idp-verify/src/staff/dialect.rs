//! The directory's words. How the ministry really lists its people is not public: this dialect is ours, to be adapted.
//!
//! `POST /api/v1/personnel/lookup` with a bearer key and `X-Request-Id`, in JSON: `national_id`, `first_name`,
//! `last_name`, `email`. The answer has the same `X-Request-Id` and is `{"result":"match","unit":…,"position":…}`,
//! `{"result":"no_match"}` or `{"result":"left"}`, always with status 200; any other status is an outage.

use serde::{Deserialize, Serialize};

use crate::Unavailable;

pub(super) const LOOKUP_PATH: &str = "/api/v1/personnel/lookup";

/// The longest name of a unit or a position, in characters.
const LONGEST_NAME: usize = 200;

#[derive(Serialize, Deserialize)]
pub(super) struct Lookup<S> {
    pub(super) national_id: S,
    pub(super) first_name: S,
    pub(super) last_name: S,
    pub(super) email: S,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub(super) enum Found {
    Match {
        #[serde(default)]
        unit: Option<String>,
        #[serde(default)]
        position: Option<String>,
    },
    NoMatch,
    Left,
}

/// Reads the answer to a lookup.
pub(super) fn read_found(status: u16, body: &[u8]) -> Result<Found, Unavailable> {
    if status != 200 {
        return Err(Unavailable::Status(status));
    }
    match serde_json::from_slice(body).map_err(|_| Unavailable::Malformed)? {
        Found::Match { unit, position } => Ok(Found::Match { unit: clean(unit)?, position: clean(position)? }),
        other => Ok(other),
    }
}

/// A name that will stand on a profile and in tokens: one line of bearable length, or absent.
fn clean(name: Option<String>) -> Result<Option<String>, Unavailable> {
    let Some(name) = name else { return Ok(None) };
    let name = name.trim();
    if name.chars().any(char::is_control) || name.chars().count() > LONGEST_NAME {
        return Err(Unavailable::Malformed);
    }
    Ok((!name.is_empty()).then(|| name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_is_read_for_what_it_is() {
        fn check(status: u16, body: &str, expected: Result<Found, Unavailable>) {
            assert_eq!(read_found(status, body.as_bytes()), expected, "{status} {body}");
        }
        let matched = |unit: Option<&str>| Ok(Found::Match { unit: unit.map(str::to_owned), position: None });
        check(200, r#"{"result":"match","unit":" กรมการค้าต่างประเทศ "}"#, matched(Some("กรมการค้าต่างประเทศ")));
        check(200, r#"{"result":"match","unit":"","position":null}"#, matched(None));
        check(200, r#"{"result":"no_match"}"#, Ok(Found::NoMatch));
        check(200, r#"{"result":"left"}"#, Ok(Found::Left));
        check(200, r#"{"result":"match","unit":"two\nlines"}"#, Err(Unavailable::Malformed));
        check(200, &format!(r#"{{"result":"match","unit":"{}"}}"#, "ก".repeat(201)), Err(Unavailable::Malformed));
        check(200, r#"{"result":"perhaps"}"#, Err(Unavailable::Malformed));
        check(200, r#"{"result":true}"#, Err(Unavailable::Malformed));
        check(200, "", Err(Unavailable::Malformed));
        check(404, r#"{"result":"match"}"#, Err(Unavailable::Status(404)));
        check(500, "[4] ข้อมูลไม่ตรง", Err(Unavailable::Status(500)));
    }
}
