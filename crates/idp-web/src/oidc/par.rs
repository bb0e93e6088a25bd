//! `/par`: pushed authorization requests (RFC 9126). The client proves who it is and leaves its request here; the browser
//! carries a name of it.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use idp_core::authorize::{AuthorizationRequest, ErrorCode, ProtocolError, RawRequest, ReturnAddress};
use idp_core::client::Client;
use idp_core::id::ClientId;
use idp_core::secret::Secret;
use idp_store::Space;
use serde::{Deserialize, Serialize};

use super::token::{Place, ServerForm, TokenError, authenticate_request};
use super::{dpop, pending, request_object, source};
use crate::error::AppError;
use crate::state::App;
use crate::urls;

/// How long the browser has to bring the name. RFC 9126 §2.2 thinks of 5 to 600 seconds.
const LIFETIME: Duration = Duration::from_secs(90);
/// So many may one client push in a minute; above it something runs wild.
const PER_CLIENT_PER_MINUTE: u64 = 6000;
/// Every name begins with this (RFC 9126 §2.2).
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// A name that means nothing, not any more, or not to this client.
pub const SPENT: ProtocolError =
    ProtocolError::new(ErrorCode::InvalidRequestUri, "request_uri is unknown, expired, spent or of another client");

/// What proves the client belongs to the endpoint, not to the request (RFC 9126 §2.1).
const PROOFS: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

/// A pushed request as it is kept. Losing it costs a person one repeated sign-in at the service.
#[derive(Serialize, Deserialize)]
struct Pushed {
    client: ClientId,
    query: String,
    ends_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct Body {
    request_uri: String,
    expires_in: u64,
}

/// POST, and nothing else.
pub async fn post(State(app): State<App>, request: Request) -> Result<Response, TokenError> {
    let now = app.now();
    // RFC 9126 §2.3: too much has its own status here.
    let form = ServerForm::read_or(request, StatusCode::PAYLOAD_TOO_LARGE).await?;
    let ServerForm { parts, parameters } = form;
    let client = authenticate_request(&app, &parts.headers, &parameters, Place::Pushed, now).await?;
    if parameters.get("request_uri").is_some() {
        // RFC 9126 §2.1.
        return Err(ProtocolError::invalid_request("request_uri cannot be pushed").into());
    }
    let raw = match parameters.get("request") {
        // RFC 9126 §3: what stands beside it does not count.
        Some(object) => request_object::open(&app, &client, object, now).await?,
        None if client.requests.signed => return Err(source::UNSIGNED.into()),
        None => parameters.without(&PROOFS),
    };
    let raw = judged(&client, bound(&app, &parts, raw, now).await?)?;
    let key = format!("par:{}", client.id);
    if app.short_lived.count(Space::Rate, &key, Duration::from_secs(60)).await? > PER_CLIENT_PER_MINUTE {
        return Ok((StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "60")]).into_response());
    }
    let name = Secret::make(&*app.chance);
    let pushed = Pushed { client: client.id.clone(), query: raw.encode(), ends_at: now + LIFETIME };
    let bytes = serde_json::to_vec(&pushed).expect("text and a moment are always JSON");
    app.short_lived.put(Space::Pushed, name.reveal(), &bytes, LIFETIME).await?;
    let body = Body { request_uri: format!("{PREFIX}{}", name.reveal()), expires_in: LIFETIME.as_secs() };
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    Ok((StatusCode::CREATED, headers, axum::Json(body)).into_response())
}

/// RFC 9449 §10.1: a proof that comes with the request binds the code to its key, as `dpop_jkt` does.
async fn bound(app: &App, parts: &Parts, raw: RawRequest, now: DateTime<Utc>) -> Result<RawRequest, TokenError> {
    let key = dpop::proven_key(app, parts, urls::PAR, None, now).await;
    let Some(key) = key.map_err(|refusal| TokenError::dpop(refusal, dpop::fresh_nonce(app, now)))? else {
        return Ok(raw);
    };
    if raw.get("dpop_jkt").is_some_and(|named| named != key.as_str()) {
        return Err(ProtocolError::new(ErrorCode::InvalidDpopProof, "dpop_jkt is not the key of the proof").into());
    }
    Ok(raw.with("dpop_jkt", key.as_str()))
}

/// The request, judged as the authorization endpoint would judge it, so that the client hears here what is wrong
/// (RFC 9126 §2.1). It will be judged again when it is used.
fn judged(client: &std::sync::Arc<Client>, raw: RawRequest) -> Result<RawRequest, ProtocolError> {
    let raw = raw.with("client_id", client.id.as_str());
    let wrong_address = ProtocolError::invalid_request("redirect_uri or response_mode is missing or not allowed");
    ReturnAddress::prove(&raw, Some(std::sync::Arc::clone(client))).map_err(|_| wrong_address)?;
    AuthorizationRequest::parse(&raw, client)?;
    Ok(raw)
}

/// The part of a `request_uri` that is ours to know; `None` for one that cannot be of this endpoint.
pub fn name(request_uri: &str) -> Option<&str> {
    pending::handle(request_uri.strip_prefix(PREFIX)?)
}

/// What `client` pushed under `name`, if it still counts. Reading spends nothing: the page may be loaded again until the
/// request is answered.
///
/// # Errors
/// When the short-lived store is down.
pub async fn find(
    app: &App,
    name: &str,
    client: &ClientId,
    now: DateTime<Utc>,
) -> Result<Option<RawRequest>, AppError> {
    let Some(bytes) = app.short_lived.get(Space::Pushed, name).await? else { return Ok(None) };
    let Ok(pushed) = serde_json::from_slice::<Pushed>(&bytes) else { return Ok(None) };
    if pushed.client != *client || now >= pushed.ends_at {
        return Ok(None);
    }
    Ok(RawRequest::kept(&pushed.query).ok())
}

/// Spends the request under `name`; of several who try at once, one does. The mark outlives every sign-in that may still
/// wait with this request.
///
/// # Errors
/// When the short-lived store is down.
pub async fn spend(app: &App, name: &str) -> Result<bool, AppError> {
    let first = app.short_lived.put_new(Space::Pushed, &mark(name), b"", pending::LIFETIME + LIFETIME).await?;
    if first {
        app.short_lived.remove(Space::Pushed, name).await?;
    }
    Ok(first)
}

/// Takes the mark back, because nothing was answered after all: the sign-in goes on.
///
/// # Errors
/// When the short-lived store is down.
pub async fn unspend(app: &App, name: Option<&str>) -> Result<(), AppError> {
    match name {
        Some(name) => Ok(app.short_lived.remove(Space::Pushed, &mark(name)).await?),
        None => Ok(()),
    }
}

fn mark(name: &str) -> String {
    format!("spent:{name}")
}
