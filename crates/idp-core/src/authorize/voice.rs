//! Who answers: the issuer, and the keys with which an answer is signed where the client wants that (JARM).

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use crate::client::Client;
use crate::jose::{ClientKeys, Content, KeyError, KeyRing, TokenType};

/// How long a signed answer counts (JARM §2.1 recommends ten minutes at most). A code in it lives for less.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// Who answers, and when.
#[derive(Clone, Copy, Debug)]
pub struct Voice<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// The keys that sign.
    pub keys: &'a KeyRing,
    /// The client's keys, where its answers are encrypted.
    pub client_keys: Option<&'a ClientKeys>,
    /// This moment.
    pub now: DateTime<Utc>,
}

impl Voice<'_> {
    /// The answer as one token for `client` (JARM §2.1): `iss`, `aud` and `exp` beside the parameters.
    pub(super) fn sign(&self, client: &Client, fields: Vec<(&'static str, String)>) -> Result<String, KeyError> {
        let mut claims = Map::new();
        claims.insert("iss".to_owned(), json!(self.issuer));
        claims.insert("aud".to_owned(), json!(client.id));
        claims.insert("exp".to_owned(), json!((self.now + LIFETIME).timestamp()));
        claims.extend(fields.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))));
        let key = self.keys.signing(client.answers.response_algorithm).ok_or(KeyError::Sign)?;
        let token = key.seal_claims(TokenType::Response, &claims)?;
        match client.answers.response_encryption {
            None => Ok(token),
            Some(how) => {
                let keys = self.client_keys.ok_or(KeyError::Encrypt)?;
                keys.encrypt(how, Content::Token, token.as_bytes())
            }
        }
    }
}
