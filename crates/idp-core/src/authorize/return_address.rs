//! Where an answer may go: proven once, and the only thing that can build one. An open redirect does not compile.

use std::sync::Arc;

use url::form_urlencoded;

use super::{Carrier, ProtocolError, RawRequest, ResponseMode, Voice};
use crate::client::{Client, ClientStatus};
use crate::id::ClientId;
use crate::jose::KeyError;
use crate::secret::Secret;

/// Why there is nowhere to send an answer to: a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No `client_id`.
    #[error("client_id is missing")]
    NoClientId,
    /// No such client, or it is switched off.
    #[error("client_id names no active client")]
    UnknownClient,
    /// No `redirect_uri`.
    #[error("redirect_uri is missing")]
    NoRedirectUri,
    /// Not one of the client's, byte for byte.
    #[error("redirect_uri is not registered for this client")]
    UnregisteredRedirectUri,
    /// A `response_mode` that is not offered: nobody knows how the client wants its errors.
    #[error("response_mode is not supported")]
    ResponseMode,
}

/// A proven place to answer to.
#[derive(Clone, Debug)]
pub struct ReturnAddress {
    client: Arc<Client>,
    redirect_uri: String,
    state: Option<String>,
    mode: ResponseMode,
}

/// An answer, ready to be sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// 303 to this URL.
    Redirect(String),
    /// A page with a form that posts these fields there.
    FormPost {
        /// The redirect URI.
        action: String,
        /// Names and values.
        fields: Vec<(&'static str, String)>,
    },
}

impl ReturnAddress {
    /// The client a request names, before anything of it is proven.
    ///
    /// # Errors
    /// [`AddressError::NoClientId`], or [`AddressError::UnknownClient`] for what cannot be a client's name.
    pub fn client_id(raw: &RawRequest) -> Result<ClientId, AddressError> {
        let text = raw.get("client_id").ok_or(AddressError::NoClientId)?;
        ClientId::parse(text).ok_or(AddressError::UnknownClient)
    }

    /// Proves that answers to `raw` may go where it says.
    ///
    /// # Errors
    /// [`AddressError`]: to be shown as a page.
    pub fn prove(raw: &RawRequest, client: Option<Arc<Client>>) -> Result<Self, AddressError> {
        let client =
            client.filter(|client| client.status == ClientStatus::Active).ok_or(AddressError::UnknownClient)?;
        // OpenID Connect Core §3.1.2.1: redirect_uri is required, even where only one is registered.
        let redirect_uri = raw.get("redirect_uri").ok_or(AddressError::NoRedirectUri)?;
        if !client.allows_redirect(redirect_uri) {
            return Err(AddressError::UnregisteredRedirectUri);
        }
        let mode = match raw.get("response_mode") {
            None => ResponseMode::DEFAULT,
            Some(text) => ResponseMode::parse(text).ok_or(AddressError::ResponseMode)?,
        };
        Ok(Self { client, redirect_uri: redirect_uri.to_owned(), state: raw.get("state").map(str::to_owned), mode })
    }

    /// The client.
    pub fn client(&self) -> &Arc<Client> {
        &self.client
    }

    /// Whether the answer is to be encrypted, so that the client's keys are needed.
    pub fn is_encrypted(&self) -> bool {
        self.mode.signed && self.client.answers.response_encryption.is_some()
    }

    /// The proven redirect URI.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Answers with a code.
    ///
    /// # Errors
    /// [`KeyError`] when the answer is to be signed and cannot be.
    pub fn code(&self, code: &Secret, voice: &Voice<'_>) -> Result<Answer, KeyError> {
        self.answer(vec![("code", code.reveal().to_owned())], voice)
    }

    /// Answers with an error.
    ///
    /// # Errors
    /// As [`ReturnAddress::code`].
    pub fn error(&self, error: ProtocolError, voice: &Voice<'_>) -> Result<Answer, KeyError> {
        let fields =
            vec![("error", error.code.as_str().to_owned()), ("error_description", error.description.to_owned())];
        self.answer(fields, voice)
    }

    fn answer(&self, mut fields: Vec<(&'static str, String)>, voice: &Voice<'_>) -> Result<Answer, KeyError> {
        fields.extend(self.state.iter().map(|state| ("state", state.clone())));
        if self.mode.signed {
            fields = vec![("response", voice.sign(&self.client, fields)?)];
        } else {
            // RFC 9207: `iss` goes with every answer.
            fields.push(("iss", voice.issuer.to_owned()));
        }
        Ok(match self.mode.carrier {
            Carrier::FormPost => Answer::FormPost { action: self.redirect_uri.clone(), fields },
            Carrier::Query => Answer::Redirect(with_query(&self.redirect_uri, &fields)),
            // No registered URI has a fragment.
            Carrier::Fragment => Answer::Redirect(appended(format!("{}#", self.redirect_uri), &fields)),
        })
    }
}

/// Adds fields to a URI's query and leaves every byte of the URI as it is.
pub(crate) fn with_query(uri: &str, fields: &[(&str, String)]) -> String {
    let mut whole = String::with_capacity(uri.len() + 256);
    whole.push_str(uri);
    if !uri.ends_with(['?', '&']) {
        whole.push(if uri.contains('?') { '&' } else { '?' });
    }
    appended(whole, fields)
}

fn appended(whole: String, fields: &[(&str, String)]) -> String {
    let start = whole.len();
    let mut parameters = form_urlencoded::Serializer::for_suffix(whole, start);
    parameters.extend_pairs(fields);
    parameters.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registered_query_is_kept() {
        let fields = [("code", "a b".to_owned())];
        assert_eq!(with_query("https://rp.example/cb", &fields), "https://rp.example/cb?code=a+b");
        assert_eq!(with_query("https://rp.example/cb?bar=foo", &fields), "https://rp.example/cb?bar=foo&code=a+b");
        assert_eq!(with_query("https://rp.example/cb?", &fields), "https://rp.example/cb?code=a+b");
    }
}
