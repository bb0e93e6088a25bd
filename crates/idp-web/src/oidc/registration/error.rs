//! Errors of registration (RFC 7591 §3.2.2): JSON, ASCII, never what was sent.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp_core::client::DraftError;
use idp_core::client::PolicyError;
use idp_core::client::metadata::MetadataError;
use idp_store::StoreError;
use serde::Serialize;

/// A refusal.
#[derive(Debug)]
pub struct RegistrationError {
    status: StatusCode,
    code: &'static str,
    description: String,
    /// What a 401 asks for.
    challenge: &'static str,
}

/// RFC 6750 §3.1: whoever brought nothing hears of no error.
const ASKED: &str = r#"Bearer realm="registration""#;
const REFUSED: &str = r#"Bearer realm="registration", error="invalid_token""#;

impl RegistrationError {
    fn bad(code: &'static str, description: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, description: description.into(), challenge: REFUSED }
    }

    /// `invalid_request`: not a registration at all.
    pub(super) fn request(description: &'static str) -> Self {
        Self::bad("invalid_request", description)
    }

    /// `invalid_redirect_uri`.
    pub(super) fn redirect_uri(description: &'static str) -> Self {
        Self::bad("invalid_redirect_uri", description)
    }

    /// `invalid_client_metadata`.
    pub(super) fn metadata(description: &'static str) -> Self {
        Self::bad("invalid_client_metadata", description)
    }

    /// No token at all.
    pub(super) fn missing() -> Self {
        Self { challenge: ASKED, ..Self::unauthorized() }
    }

    /// A token that is not good here: never why.
    pub(super) fn unauthorized() -> Self {
        let description = "the access token is missing, unknown, spent, expired or withdrawn".to_owned();
        Self { status: StatusCode::UNAUTHORIZED, code: "invalid_token", description, challenge: REFUSED }
    }

    /// What is wrong with a draft. A reason names the member; what was sent is not repeated.
    pub(super) fn of_draft(errors: &[DraftError]) -> Self {
        let is_redirect = |error: &DraftError| {
            matches!(error, DraftError::RedirectUri { .. } | DraftError::NotNative(_) | DraftError::NoRedirectUri)
        };
        let first = errors.iter().find(|error| is_redirect(error)).or(errors.first());
        let Some(first) = first else { return Self::metadata("the metadata cannot be registered") };
        match first {
            DraftError::RedirectUri { why, .. } => Self::bad("invalid_redirect_uri", format!("a redirect URI: {why}")),
            DraftError::NotNative(_) => Self::redirect_uri("a private-use scheme is for native apps only"),
            DraftError::NoRedirectUri => Self::redirect_uri("at least one redirect URI is needed"),
            DraftError::Text(_) => Self::metadata("client_name: a name of 200 characters at most is needed"),
            DraftError::Method(_) => Self::metadata("token_endpoint_auth_method is not supported here"),
            DraftError::SeveralSectors(_) => {
                Self::metadata("redirect URIs on several hosts need a sector_identifier_uri")
            }
            other => Self::bad("invalid_client_metadata", other.to_string()),
        }
    }
}

impl From<MetadataError> for RegistrationError {
    fn from(error: MetadataError) -> Self {
        let code = if error.0.ends_with("redirect_uris") { "invalid_redirect_uri" } else { "invalid_client_metadata" };
        Self::bad(code, error.to_string())
    }
}

impl From<PolicyError> for RegistrationError {
    fn from(error: PolicyError) -> Self {
        let code = match error {
            PolicyError::RedirectHost => "invalid_redirect_uri",
            PolicyError::Kind | PolicyError::Scope => "invalid_client_metadata",
        };
        Self::bad(code, error.to_string())
    }
}

impl From<StoreError> for RegistrationError {
    fn from(error: StoreError) -> Self {
        tracing::error!("registration could not reach its store: {error}");
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self { status, code: "temporarily_unavailable", description: "please try again".to_owned(), challenge: REFUSED }
    }
}

#[derive(Serialize)]
struct Body {
    error: &'static str,
    error_description: String,
}

impl IntoResponse for RegistrationError {
    fn into_response(self) -> Response {
        // RFC 6749 §5.2: %x20-21 / %x23-5B / %x5D-7E.
        let legal = |c: char| matches!(c, ' '..='!' | '#'..='[' | ']'..='~');
        let error_description: String = self.description.chars().filter(|c| legal(*c)).collect();
        let body = Body { error: self.code, error_description };
        let mut response = (self.status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(self.challenge));
        }
        response
    }
}
