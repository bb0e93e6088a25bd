//! What is shown of a request or an answer: everything but what a screenshot must not hold. Secrets, codes and tokens are
//! cut to their beginning, the 13-digit number is masked as on every page.

use axum::http::{HeaderMap, header};
use idp_core::secret::from_base64url;
use idp_core::thai::{AcceptedNumbers, NationalId};
use serde_json::Value;
use url::form_urlencoded;

/// Members and parameters that hold what somebody could use.
const SECRET: [&str; 8] = [
    "client_secret",
    "client_assertion",
    "code",
    "code_verifier",
    "refresh_token",
    "access_token",
    "id_token",
    "id_token_hint",
];

/// A value cut to its beginning.
fn cut(value: &str) -> String {
    let head: String = value.chars().take(4).collect();
    format!("{head}… ({})", value.chars().count())
}

fn pair(name: &str, value: &str) -> String {
    if SECRET.contains(&name) { format!("{name}={}", cut(value)) } else { format!("{name}={value}") }
}

/// A form, one parameter a line.
pub(super) fn form(body: &[u8]) -> String {
    form_urlencoded::parse(body).map(|(name, value)| pair(&name, &value)).collect::<Vec<_>>().join("\n")
}

/// The value of the header `Authorization`: its scheme alone.
pub(super) fn authorization(value: &str) -> String {
    format!("{} …", value.split(' ').next().unwrap_or_default())
}

/// The body of an answer.
pub(super) fn body(headers: &HeaderMap, body: &[u8]) -> String {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/jwt") {
        let text = String::from_utf8_lossy(body);
        return token(&text).map_or_else(|| cut(&text), |(head, claims)| format!("{head}\n.\n{claims}"));
    }
    serde_json::from_slice::<Value>(body)
        .map_or_else(|_| String::from_utf8_lossy(body).into_owned(), |value| json(&value))
}

/// The two readable parts of a signed token, decoded.
pub(super) fn token(compact: &str) -> Option<(String, String)> {
    let (head, claims) = parts(compact)?;
    Some((json(&head), json(&claims)))
}

/// The two readable parts of a signed token.
pub(super) fn parts(compact: &str) -> Option<(Value, Value)> {
    let mut parts = compact.split('.').map(|part| serde_json::from_slice(&from_base64url(part)?).ok());
    Some((parts.next()??, parts.next()??))
}

/// JSON to be read by people.
pub(super) fn json(value: &Value) -> String {
    let mut value = value.clone();
    hide(&mut value);
    serde_json::to_string_pretty(&value).unwrap_or_default()
}

fn hide(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if SECRET.contains(&name.as_str()) => *text = cut(text),
                    other => hide(other),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(hide),
        Value::String(text) => {
            if text.len() == 13
                && let Ok(number) = NationalId::parse(text, AcceptedNumbers::WithTestNumbers)
            {
                *text = number.masked();
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_screenshot_must_not_hold_is_cut() {
        let shown =
            form(b"grant_type=authorization_code&code=abcdefghij&code_verifier=12345678&client_secret=s3cr3tvalue");
        assert_eq!(
            shown,
            "grant_type=authorization_code\ncode=abcd… (10)\ncode_verifier=1234… (8)\nclient_secret=s3cr… (11)"
        );
        assert_eq!(authorization("Basic dHJpYWw6c2VjcmV0"), "Basic …");
        let answer = json(&json!({ "access_token": "aaaabbbb", "token_type": "Bearer", "id_token": "eyJhbGciOi" }));
        assert!(!answer.contains("bbbb") && !answer.contains("hbGciOi") && answer.contains("Bearer"), "{answer}");
    }

    #[test]
    fn a_token_is_decoded_and_text_that_is_none_is_shown_as_it_is() {
        // {"alg":"ES256"} . {"sub":"x"}
        let (head, claims) = token("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln").unwrap();
        assert!(head.contains("ES256") && claims.contains("\"sub\": \"x\""));
        assert_eq!(token("nonsense"), None);
        assert_eq!(body(&HeaderMap::new(), b"method not allowed"), "method not allowed");
    }
}
