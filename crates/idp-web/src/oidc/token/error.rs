//! Errors of the token endpoint (RFC 6749 §5.2): JSON, ASCII, never kept.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp_core::authorize::{ErrorCode, ProtocolError};
use idp_core::client::ClientStatus;
use idp_core::dpop::ProofFault;
use idp_store::StoreError;
use serde::Serialize;

use crate::oidc::dpop::{DpopRefusal, with_nonce};

/// A refusal at the token endpoint.
#[derive(Debug)]
pub struct TokenError {
    error: ProtocolError,
    nonce: Option<HeaderValue>,
    /// Another status than that of the error's code.
    status: Option<StatusCode>,
}

impl TokenError {
    /// The code of the error.
    pub fn code(&self) -> &'static str {
        self.error.code.as_str()
    }

    /// `invalid_client`: never why.
    pub fn invalid_client() -> Self {
        ProtocolError::new(ErrorCode::InvalidClient, "the client could not be authenticated").into()
    }

    /// `invalid_client` for a client that has proven who it is, and is not in use: it is told so.
    pub fn not_in_use(status: ClientStatus) -> Self {
        let why = match status {
            ClientStatus::Draft => "this client is a draft: put it to use in the console first",
            ClientStatus::Suspended => "this client is suspended: ask the ministry's help desk",
            ClientStatus::Retired => "this client was removed: register a new one",
            ClientStatus::Active => "the client could not be authenticated",
        };
        ProtocolError::new(ErrorCode::InvalidClient, why).into()
    }

    /// `invalid_request`: more than is read.
    pub fn too_long(status: StatusCode) -> Self {
        let error = ProtocolError::invalid_request("the body is too long, or has too many parameters");
        Self { status: Some(status), ..error.into() }
    }

    /// `invalid_grant`: never why.
    pub fn invalid_grant() -> Self {
        let description =
            "the code or refresh token is unknown, spent, expired, revoked or was given to another request";
        ProtocolError::new(ErrorCode::InvalidGrant, description).into()
    }
}

impl TokenError {
    /// What is wrong with a proof of possession; `nonce` is what the next one must bring (RFC 9449 §5, §8).
    pub fn dpop(refusal: DpopRefusal, nonce: HeaderValue) -> Self {
        let error = match refusal {
            DpopRefusal::Store(error) => return error.into(),
            DpopRefusal::Fault(ProofFault::Nonce) => {
                ProtocolError::new(ErrorCode::UseDpopNonce, ProofFault::Nonce.description())
            }
            DpopRefusal::Fault(fault) => ProtocolError::new(ErrorCode::InvalidDpopProof, fault.description()),
            DpopRefusal::Used => ProtocolError::new(ErrorCode::InvalidDpopProof, "the proof was used before"),
        };
        Self { error, nonce: Some(nonce), status: None }
    }
}

impl From<ProtocolError> for TokenError {
    fn from(error: ProtocolError) -> Self {
        Self { error, nonce: None, status: None }
    }
}

impl From<StoreError> for TokenError {
    fn from(error: StoreError) -> Self {
        tracing::error!("the token endpoint could not reach its store: {error}");
        let code = match error {
            StoreError::Corrupt { .. } | StoreError::Seal(_) => ErrorCode::ServerError,
            _ => ErrorCode::TemporarilyUnavailable,
        };
        ProtocolError::new(code, "please try again").into()
    }
}

#[derive(Serialize)]
struct Body {
    error: &'static str,
    error_description: &'static str,
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let status = self.status.unwrap_or(match self.error.code {
            ErrorCode::InvalidClient => StatusCode::UNAUTHORIZED,
            ErrorCode::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            ErrorCode::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        });
        let body = Body { error: self.error.code.as_str(), error_description: self.error.description };
        let mut response = (status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        // RFC 9110 §15.5.2: a 401 says which scheme there is, whichever way the client had tried.
        if status == StatusCode::UNAUTHORIZED {
            headers
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(r#"Basic realm="token", charset="UTF-8""#));
        }
        match self.nonce {
            Some(nonce) => with_nonce(response, nonce),
            None => response,
        }
    }
}
