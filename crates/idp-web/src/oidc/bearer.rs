//! Access tokens as they are presented (RFC 6750, RFC 9449 §7): at userinfo, and at the API.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use idp_core::authorization_header::{self, TokenScheme};
use idp_core::dpop::{Confirmation, ProofFault};
use idp_core::jose::Algorithm;
use idp_store::StoreError;

use super::dpop::{DpopRefusal, fresh_nonce, proven_key, with_nonce};
use crate::state::App;

const BEARER: &str = r#"Bearer realm="moc-account""#;
const INVALID: &str =
    r#"error="invalid_token", error_description="the access token is expired, revoked or not for this""#;

/// Why a request is refused (RFC 6750 §3.1).
pub enum Refusal {
    /// No token at all.
    NoToken,
    /// No token where only bearer tokens are known.
    NoBearer,
    /// Two tokens, or a form that cannot be read.
    Malformed,
    /// A token that does not count, under the scheme that it came with.
    InvalidToken(TokenScheme),
    /// A bound token without a proof by its key.
    InvalidProof,
    /// A proof that must bring this nonce.
    NeedsNonce(HeaderValue),
    /// The store is down.
    Unavailable,
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!("a token could not be looked after in the store: {error}");
        Self::Unavailable
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        // RFC 9449 §7.1: what a proof may be signed with.
        let algorithms = || format!(r#"algs="{}""#, Algorithm::CLIENT_NAMES.join(" "));
        let (status, challenge) = match self {
            // RFC 9449 §7.2: one header, both schemes.
            Self::NoToken => (StatusCode::UNAUTHORIZED, format!("{BEARER}, DPoP {}", algorithms())),
            Self::NoBearer => (StatusCode::UNAUTHORIZED, BEARER.to_owned()),
            Self::Malformed => (
                StatusCode::BAD_REQUEST,
                r#"Bearer error="invalid_request", error_description="one access token, in the header or in the form""#
                    .to_owned(),
            ),
            Self::InvalidToken(TokenScheme::Bearer) => (StatusCode::UNAUTHORIZED, format!("Bearer {INVALID}")),
            Self::InvalidToken(TokenScheme::Dpop) => {
                (StatusCode::UNAUTHORIZED, format!("DPoP {INVALID}, {}", algorithms()))
            }
            Self::InvalidProof => (
                StatusCode::UNAUTHORIZED,
                format!(
                    r#"DPoP error="invalid_dpop_proof", error_description="a fresh proof by the key of the token is needed", {}"#,
                    algorithms()
                ),
            ),
            Self::NeedsNonce(nonce) => {
                let challenge =
                    r#"DPoP error="use_dpop_nonce", error_description="the proof must bring the nonce of DPoP-Nonce""#;
                let response = (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)]).into_response();
                return with_nonce(response, nonce);
            }
            Self::Unavailable => {
                return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")]).into_response();
            }
        };
        (status, [(header::WWW_AUTHENTICATE, challenge)]).into_response()
    }
}

/// A bound token comes with a proof by the key it is bound to, and no other token does (RFC 9449 §7.1, §7.2). Gives the
/// nonce for the next proof.
///
/// # Errors
/// [`Refusal`].
pub async fn possession(
    app: &App,
    (parts, path): (&Parts, &str),
    (scheme, token): (TokenScheme, &str),
    cnf: Option<&Confirmation>,
    now: DateTime<Utc>,
) -> Result<Option<HeaderValue>, Refusal> {
    let bound_to = match (scheme, cnf) {
        (TokenScheme::Bearer, None) => return Ok(None),
        (TokenScheme::Dpop, Some(bound_to)) => bound_to,
        (TokenScheme::Bearer, Some(_)) | (TokenScheme::Dpop, None) => return Err(Refusal::InvalidToken(scheme)),
    };
    let nonce = fresh_nonce(app, now);
    match proven_key(app, parts, path, Some(token), now).await {
        Ok(Some(key)) if key == bound_to.jkt => Ok(Some(nonce)),
        Ok(_) => Err(Refusal::InvalidProof),
        Err(DpopRefusal::Fault(ProofFault::Nonce)) => Err(Refusal::NeedsNonce(nonce)),
        Err(DpopRefusal::Fault(_) | DpopRefusal::Used) => Err(Refusal::InvalidProof),
        Err(DpopRefusal::Store(error)) => Err(error.into()),
    }
}

/// The token of a request, if it brings one.
///
/// # Errors
/// [`Refusal`].
pub fn presented(headers: &HeaderMap) -> Result<Option<(TokenScheme, String)>, Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let (None, Ok(text)) = (values.next(), value.to_str()) else { return Err(Refusal::Malformed) };
    let (scheme, token) = authorization_header::token(text).ok_or(Refusal::InvalidToken(TokenScheme::Bearer))?;
    Ok(Some((scheme, token.to_owned())))
}
