//! The form that a client's server sends: to the token endpoint and to those beside it.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::request::Parts;
use idp_core::authorize::{ProtocolError, RawError, RawRequest};

use super::TokenError;
use crate::extract::is_form;

/// The longest body that is read, in bytes.
const LONGEST: usize = 32 * 1024;

/// Head and parameters of a request.
pub struct ServerForm {
    /// Method, path and headers.
    pub parts: Parts,
    /// The parameters, each of them once.
    pub parameters: RawRequest,
}

impl ServerForm {
    /// Reads a request (RFC 6749 §3.2, RFC 7009 §2.1, RFC 7662 §2.1, RFC 8628 §3.1).
    ///
    /// # Errors
    /// `invalid_request`.
    pub async fn read(request: Request) -> Result<Self, TokenError> {
        // RFC 6749 §5.2: 400, unless specified otherwise.
        Self::read_or(request, StatusCode::BAD_REQUEST).await
    }

    /// The same where what is too long is answered with `too_long`.
    ///
    /// # Errors
    /// `invalid_request`.
    pub async fn read_or(request: Request, too_long: StatusCode) -> Result<Self, TokenError> {
        let invalid = ProtocolError::invalid_request;
        let (parts, body) = request.into_parts();
        if !is_form(&parts.headers) {
            return Err(invalid("the body must be application/x-www-form-urlencoded").into());
        }
        let body = axum::body::to_bytes(body, LONGEST).await.map_err(|_| TokenError::too_long(too_long))?;
        let body = std::str::from_utf8(&body).map_err(|_| invalid("the body is not UTF-8"))?;
        if parts.uri.query().is_some_and(|query| !query.is_empty()) {
            return Err(invalid("parameters belong into the body").into());
        }
        let parameters = RawRequest::parse(&[body]).map_err(|error| match error {
            RawError::TooLong => TokenError::too_long(too_long),
            RawError::Encoding => invalid("a parameter is badly encoded").into(),
            RawError::Repeated => invalid("a parameter is repeated").into(),
        })?;
        Ok(Self { parts, parameters })
    }
}
