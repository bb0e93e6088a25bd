//! The registry's words: DGA's government data exchange (GDX) as published for the laser-code check, without that code.
//!
//! Two requests (`thai-identity.md` 5.2). `GET /ws/auth/validate?ConsumerSecret&AgentID` with the header
//! `Consumer-Key` gives `{"Result": "<token>"}`; a token nobody uses for 60 minutes dies. Then the check at
//! `/ws/dopa/verification/personal` with the headers `Consumer-Key` and `Token` gives `{"Result": true|false}`, or
//! HTTP 500 with a body such as `[4] สถานะไม่ปกติ => ข้อมูลไม่ตรง`: a business answer that looks like an outage.
//!
//! Where we differ, knowingly:
//! - GDX publishes the check as a GET with the 13-digit number in the query. Proxies and access logs keep URLs, so we
//!   send the same fields as a form by POST, and never otherwise. GDX takes POST for some linkage sets ("6000") but
//!   does not document it for this one: the ministry's gateway in front of GDX turns the form into the published
//!   request, inside the ministry's network.
//! - We send no `LaserCode`: the ministry's form does not ask for it. Which check the real MOC Account uses is not
//!   public; the gateway maps to the one the ministry has contracted.
//! - Every request carries `X-Request-Id`, and an answer to a check counts only when it carries the same one back. The
//!   published dialect is silent on this; it is one line in a gateway's configuration.
//! - The codes are those DOPA documents for its card check: 1 and 2 for the card, 4 for the data, 5 for missing data.
//!   A number the register does not know and a holder who has died have no code of their own; they are told from the
//!   sentence, and a sentence we do not know falls back to the code's plain meaning.
//! - How GDX refuses a dead token is not published: we take 401 and 403, and after any other failure start with a
//!   fresh token the next time.

use serde::Deserialize;

use crate::Unavailable;

pub(super) const TOKEN_PATH: &str = "/ws/auth/validate";
pub(super) const CHECK_PATH: &str = "/ws/dopa/verification/personal";

pub(super) const CONSUMER_KEY: &str = "consumer-key";
pub(super) const TOKEN: &str = "token";

/// What the registry said about the data, apart from which request it said it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Match,
    Mismatch,
    NotFound,
    CardInvalid,
    Deceased,
    Incomplete,
}

#[derive(Deserialize)]
struct TokenAnswer {
    #[serde(rename = "Result")]
    result: String,
}

#[derive(Deserialize)]
struct CheckAnswer {
    // A boolean and nothing that could be read as one: "true" is not a pass.
    #[serde(rename = "Result")]
    result: bool,
}

/// The text of a business answer: bare, or wrapped in JSON by a gateway that wants every body to be JSON.
#[derive(Deserialize)]
#[serde(untagged)]
enum WrappedText {
    Bare(String),
    Message {
        #[serde(rename = "Message")]
        message: String,
    },
}

/// Reads the answer to the token request.
pub(super) fn read_token(status: u16, body: &[u8]) -> Result<String, Unavailable> {
    if status != 200 {
        return Err(Unavailable::Status(status));
    }
    let answer: TokenAnswer = serde_json::from_slice(body).map_err(|_| Unavailable::Malformed)?;
    if answer.result.is_empty() { Err(Unavailable::Malformed) } else { Ok(answer.result) }
}

/// Reads the answer to a check.
pub(super) fn read_check(status: u16, body: &[u8]) -> Result<Verdict, Unavailable> {
    match status {
        200 => {
            let answer: CheckAnswer = serde_json::from_slice(body).map_err(|_| Unavailable::Malformed)?;
            Ok(if answer.result { Verdict::Match } else { Verdict::Mismatch })
        }
        500 => read_business_answer(body).ok_or(Unavailable::Status(500)),
        other => Err(Unavailable::Status(other)),
    }
}

/// The answer behind an HTTP 500; `None` when it is an outage after all.
fn read_business_answer(body: &[u8]) -> Option<Verdict> {
    let text = match serde_json::from_slice(body) {
        Ok(WrappedText::Bare(text) | WrappedText::Message { message: text }) => text,
        Err(_) => std::str::from_utf8(body).ok()?.to_owned(),
    };
    let (code, sentence) = text.trim().strip_prefix('[')?.split_once(']')?;
    match code {
        "2" if sentence.contains("เสียชีวิต") || sentence.contains("ถึงแก่ความตาย") => {
            Some(Verdict::Deceased)
        }
        "1" | "2" => Some(Verdict::CardInvalid),
        "4" if sentence.contains("ไม่พบ") => Some(Verdict::NotFound),
        "4" => Some(Verdict::Mismatch),
        "5" => Some(Verdict::Incomplete),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_is_read_for_what_it_is() {
        fn check(status: u16, body: &str, expected: Result<Verdict, Unavailable>) {
            assert_eq!(read_check(status, body.as_bytes()), expected, "{status} {body}");
        }
        check(200, r#"{"Result": true}"#, Ok(Verdict::Match));
        check(200, r#"{"Result": false}"#, Ok(Verdict::Mismatch));
        check(500, "[1] สถานะไม่ปกติ", Ok(Verdict::CardInvalid));
        check(500, "[2] บัตรสิ้นสภาพการใช้งาน เนื่องจากกรณี การเปลี่ยนที่อยู่", Ok(Verdict::CardInvalid));
        check(500, "[2] บัตรสิ้นสภาพการใช้งาน เนื่องจากกรณี เสียชีวิต", Ok(Verdict::Deceased));
        check(500, "[4] สถานะไม่ปกติ => ข้อมูลไม่ตรง", Ok(Verdict::Mismatch));
        check(500, "[4] สถานะไม่ปกติ => ไม่พบข้อมูลบุคคล", Ok(Verdict::NotFound));
        check(500, "[4]", Ok(Verdict::Mismatch));
        check(500, " \"[5] ข้อมูลที่ใช้ในการตรวจสอบไม่ครบ\" ", Ok(Verdict::Incomplete));
        check(500, r#"{"Message": "[4] สถานะไม่ปกติ => ข้อมูลไม่ตรง"}"#, Ok(Verdict::Mismatch));
    }

    #[test]
    fn nothing_unclear_is_a_pass_or_a_no() {
        fn check(status: u16, body: &str, expected: Unavailable) {
            assert_eq!(read_check(status, body.as_bytes()), Err(expected), "{status} {body}");
        }
        check(200, "", Unavailable::Malformed);
        check(200, "true", Unavailable::Malformed);
        check(200, r#"{"Result": "true"}"#, Unavailable::Malformed);
        check(200, r#"{"Result": 1}"#, Unavailable::Malformed);
        check(200, r#"{"Result": true, "Result": false}"#, Unavailable::Malformed);
        check(200, "<html>maintenance</html>", Unavailable::Malformed);
        check(200, "[4] ข้อมูลไม่ตรง", Unavailable::Malformed);
        check(201, r#"{"Result": true}"#, Unavailable::Status(201));
        check(302, "", Unavailable::Status(302));
        check(429, "", Unavailable::Status(429));
        check(500, "", Unavailable::Status(500));
        check(500, r#"{"Result": true}"#, Unavailable::Status(500));
        check(500, "[0] สถานะปกติ", Unavailable::Status(500));
        check(500, "[9] unknown", Unavailable::Status(500));
        check(500, "upstream error [4]", Unavailable::Status(500));
        check(503, "[4] ข้อมูลไม่ตรง", Unavailable::Status(503));
    }

    #[test]
    fn a_token_is_a_text_under_result() {
        fn check(status: u16, body: &str, expected: Result<&str, Unavailable>) {
            assert_eq!(read_token(status, body.as_bytes()), expected.map(str::to_owned), "{status} {body}");
        }
        check(200, r#"{"Result": "8e1ac089"}"#, Ok("8e1ac089"));
        check(200, r#"{"Result": ""}"#, Err(Unavailable::Malformed));
        check(200, r#"{"Result": null}"#, Err(Unavailable::Malformed));
        check(401, "", Err(Unavailable::Status(401)));
    }
}
