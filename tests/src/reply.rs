//! A response, read to its end.

use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use url::form_urlencoded;

/// The media type of forms.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// A response, read to its end.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

impl Reply {
    /// A header's value; empty when it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("our headers are ASCII"))
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    /// The `error` member of a JSON body, or nothing.
    pub fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }

    /// The same, after the status was found to be `status`.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self
    }

    /// Fails unless this is an error of the token endpoint as RFC 6749 §5.2 has it.
    #[track_caller]
    pub fn expect_token_error(&self, error: &str) {
        let status = if error == "invalid_client" { 401 } else { 400 };
        assert_eq!((self.status.as_u16(), self.error().as_str()), (status, error), "{}", self.body);
        assert_eq!(self.header("content-type"), "application/json");
        assert_eq!(self.header("cache-control"), "no-store");
        // §5.2: %x20-21 / %x23-5B / %x5D-7E.
        let description = self.json()["error_description"].as_str().unwrap_or_default().to_owned();
        let legal = |byte: u8| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        assert!(description.bytes().all(legal), "{description}");
    }
}

/// Fields as `application/x-www-form-urlencoded`.
pub fn encoded<N: AsRef<str>, V: AsRef<str>>(fields: &[(N, V)]) -> String {
    let pairs = fields.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
