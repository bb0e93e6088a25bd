//! Taking tokens apart and putting them together wrongly.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use idp_core::jose::SigningKey;
use serde_json::Value;

/// A compact token in its parts, to be tampered with.
#[derive(Clone, Debug)]
pub struct Jwt {
    /// The header.
    pub header: Value,
    /// The claims.
    pub claims: Value,
    /// The signature, encoded.
    pub signature: String,
}

impl Jwt {
    /// Takes a token apart; nothing is checked.
    #[track_caller]
    pub fn read(token: &str) -> Self {
        let signature = token.rsplit('.').next().unwrap_or_default().to_owned();
        Self { header: decoded_part(token, 0), claims: decoded_part(token, 1), signature }
    }

    /// Another header member.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header[name] = value.into();
        self
    }

    /// Another claim.
    #[must_use]
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims[name] = value.into();
        self
    }

    /// Another signature.
    #[must_use]
    pub fn signature(mut self, bytes: &[u8]) -> Self {
        self.signature = URL_SAFE_NO_PAD.encode(bytes);
        self
    }

    /// What a signature is made over.
    pub fn signed_part(&self) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}", part(&self.header), part(&self.claims))
    }

    /// The token under a good signature of `key`, whatever the header says.
    #[track_caller]
    pub fn signed_by(&self, key: &SigningKey) -> String {
        key.seal_under(&self.header.to_string(), &self.claims).expect("a key signs")
    }

    /// The token.
    pub fn token(&self) -> String {
        format!("{}.{}", self.signed_part(), self.signature)
    }
}

/// One part of a compact token as JSON.
#[track_caller]
pub fn decoded_part(token: &str, part: usize) -> Value {
    let text = token.split('.').nth(part).unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD.decode(text).expect("a part of a token is base64url");
    serde_json::from_slice(&bytes).expect("a part of a token is JSON")
}

/// The token with one part replaced by `text`, encoded.
pub fn with_part(token: &str, part: usize, text: &[u8]) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts[part] = URL_SAFE_NO_PAD.encode(text);
    parts.join(".")
}
