//! Proofs of possession at our endpoints (RFC 9449): read, judged, and used once.

use std::time::Duration;

use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use chrono::{DateTime, Utc};
use idp_core::dpop::{PROOF_REMEMBERED, Proof, ProofFault, ProvenRequest, Thumbprint, nonce};
use idp_store::{Space, StoreError};

use crate::state::App;

/// The header in which a proof comes.
const DPOP: HeaderName = HeaderName::from_static("dpop");
/// The header in which our nonce goes (§8).
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// Why a proof is not taken.
#[derive(Debug)]
pub enum DpopRefusal {
    /// What is wrong with it; [`ProofFault::Nonce`] is answered with a nonce.
    Fault(ProofFault),
    /// It was used before.
    Used,
    /// The short-lived store is full or down.
    Store(StoreError),
}

/// The key that a request proves to hold; `None` when it brings no proof.
///
/// # Errors
/// [`DpopRefusal`].
pub async fn proven_key(
    app: &App,
    parts: &Parts,
    path: &str,
    access_token: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Option<Thumbprint>, DpopRefusal> {
    let mut headers = parts.headers.get_all(DPOP).iter();
    let Some(header) = headers.next() else { return Ok(None) };
    // RFC 9449 §4.3, 1: not more than one.
    let (None, Ok(text)) = (headers.next(), header.to_str()) else {
        return Err(DpopRefusal::Fault(ProofFault::Malformed));
    };
    let proof = Proof::read(text).map_err(DpopRefusal::Fault)?;
    let request = ProvenRequest { method: parts.method.as_str(), url: &app.url(path), access_token };
    proof.judge(request, &app.nonce_key, now).map_err(DpopRefusal::Fault)?;
    let remembered = Duration::from_secs(PROOF_REMEMBERED.num_seconds().unsigned_abs());
    let first = app.short_lived.put_new(Space::Dpop, &proof.name(), b"", remembered).await;
    match first.map_err(DpopRefusal::Store)? {
        true => Ok(Some(proof.key().clone())),
        false => Err(DpopRefusal::Used),
    }
}

/// The nonce of this moment, as the value of its header.
pub fn fresh_nonce(app: &App, now: DateTime<Utc>) -> HeaderValue {
    HeaderValue::try_from(nonce(&app.nonce_key, now)).expect("base64url is a header value")
}

/// Hands a nonce out for the next request.
pub fn with_nonce(mut response: Response, nonce: HeaderValue) -> Response {
    response.headers_mut().insert(DPOP_NONCE, nonce);
    response
}
