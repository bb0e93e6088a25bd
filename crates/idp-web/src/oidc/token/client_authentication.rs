//! Reads what a client presents, and has it judged.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use chrono::{DateTime, Utc};
use idp_core::authorization_header::basic;
use idp_core::authorize::{ProtocolError, RawRequest};
use idp_core::client::{ASSERTION_TYPE, Client, Presented, Refusal, authenticate};
use idp_core::id::ClientId;
use idp_core::secret::Secret;

use super::TokenError;
use super::assertion::Assertion;
use crate::state::App;

/// Which endpoint is asked: the one for pushed requests takes assertions for the issuer alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The token endpoint, and those for introspection, revocation and devices.
    Token,
    /// The endpoint for pushed authorization requests (RFC 9126).
    Pushed,
}

/// The client of a request, proven by its registered method and no other. Every endpoint that servers call asks here.
///
/// # Errors
/// `invalid_client`, or `invalid_request` when it comes with two proofs at once (RFC 6749 §2.3).
pub async fn authenticate_request(
    app: &App,
    headers: &HeaderMap,
    parameters: &RawRequest,
    place: Place,
    now: DateTime<Utc>,
) -> Result<Arc<Client>, TokenError> {
    let mut authorizations = headers.get_all(header::AUTHORIZATION).iter();
    let authorization = authorizations.next();
    if authorizations.next().is_some() {
        return Err(ProtocolError::invalid_request("the Authorization header is repeated").into());
    }
    let assertion = presented_assertion(parameters)?;
    let (id, presented) = match (authorization, &assertion) {
        (Some(value), _) => {
            if parameters.get("client_secret").is_some() || assertion.is_some() {
                return Err(ProtocolError::invalid_request("one way of authenticating at a time").into());
            }
            let (id, secret) = value.to_str().ok().and_then(basic).ok_or_else(TokenError::invalid_client)?;
            if parameters.get("client_id").is_some_and(|other| other != id) {
                return Err(
                    ProtocolError::invalid_request("client_id is not the one of the Authorization header").into()
                );
            }
            (id, Presented::Basic(secret))
        }
        (None, Some(assertion)) => {
            if parameters.get("client_secret").is_some() {
                return Err(ProtocolError::invalid_request("one way of authenticating at a time").into());
            }
            let named = assertion.client_id().ok_or_else(TokenError::invalid_client)?;
            // RFC 7521 §4.2: client_id is not needed; where it is sent it must be the same client.
            if parameters.get("client_id").is_some_and(|other| other != named) {
                return Err(TokenError::invalid_client());
            }
            (named, Presented::Assertion)
        }
        (None, None) => {
            let id = parameters.get("client_id").ok_or_else(TokenError::invalid_client)?.to_owned();
            match parameters.get("client_secret") {
                Some(secret) => (id, Presented::Post(Secret::presented(secret))),
                None => (id, Presented::Nothing),
            }
        }
    };
    let id = ClientId::parse(&id).ok_or_else(TokenError::invalid_client)?;
    let client = app.store.client(&id).await?.ok_or_else(TokenError::invalid_client)?;
    if let Err(refusal) = authenticate(&client, &presented, now) {
        tracing::warn!(client.id = %id, ?refusal, "a client was not believed");
        app.usage.note(&id, "invalid_client", now);
        // An assertion has not been looked at yet, and a public client proves nothing: neither is told anything.
        if refusal == Refusal::NotInUse && matches!(presented, Presented::Basic(_) | Presented::Post(_)) {
            return Err(TokenError::not_in_use(client.status));
        }
        return Err(TokenError::invalid_client());
    }
    if let Some(assertion) = assertion {
        assertion.prove(app, &client, place, now).await?;
    }
    Ok(client)
}

/// `client_assertion`, where one is sent.
fn presented_assertion(parameters: &RawRequest) -> Result<Option<Assertion<'_>>, TokenError> {
    match (parameters.get("client_assertion_type"), parameters.get("client_assertion")) {
        (None, None) => Ok(None),
        // RFC 7523 §2.2: exactly this one.
        (Some(ASSERTION_TYPE), Some(text)) => Assertion::read(text).map(Some).ok_or_else(TokenError::invalid_client),
        (Some(_), Some(_)) => Err(TokenError::invalid_client()),
        _ => Err(ProtocolError::invalid_request("client_assertion and client_assertion_type go together").into()),
    }
}
