//! `/events`: a service fetches what happened to its members, and says what it has (in the spirit of RFC 8936, as a form, so
//! that every way of client authentication works). What is not acknowledged is given again.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp_core::authorize::{ErrorCode, ProtocolError};
use idp_core::client::{Client, ClientStatus};
use idp_core::jose::TokenType;
use idp_core::token::{EventClaims, subject};
use idp_store::{ClientEvent, StoreError};
use serde_json::json;
use uuid::Uuid;

use super::token::{Place, ServerForm, TokenError, authenticate_request};
use crate::figures::Delivery;
use crate::state::App;

/// Events in one answer at most.
const MOST: u32 = 100;
/// Acknowledgements in one request at most.
const ACKS: usize = 200;

/// POST with `ack` (names of events, between spaces) and `maxEvents`, both optional.
pub async fn post(State(app): State<App>, request: Request) -> Result<Response, TokenError> {
    let now = app.now();
    let ServerForm { parts, parameters } = ServerForm::read(request).await?;
    let client = authenticate_request(&app, &parts.headers, &parameters, Place::Token, now).await?;
    if client.is_public() || client.events.kinds.is_empty() || client.events.push.is_some() {
        let why = "the client is not registered to fetch events";
        return Err(ProtocolError::new(ErrorCode::UnauthorizedClient, why).into());
    }
    debug_assert_eq!(client.status, ClientStatus::Active, "others are not authenticated");
    let invalid = ProtocolError::invalid_request;
    let names: Vec<&str> = parameters.get("ack").unwrap_or_default().split_whitespace().collect();
    if names.len() > ACKS {
        return Err(invalid("ack names too many events").into());
    }
    let acks: Option<Vec<Uuid>> = names.into_iter().map(|name| Uuid::try_parse(name).ok()).collect();
    let acks = acks.ok_or(invalid("ack holds what is no name of an event"))?;
    let most = match parameters.get("maxEvents").map(str::parse::<u32>) {
        None => MOST,
        Some(Ok(most)) => most.min(MOST),
        Some(Err(_)) => return Err(invalid("maxEvents is no number").into()),
    };
    for _ in 0..app.store.events_acknowledged(&client.id, &acks, now).await? {
        app.meter.delivery(Delivery::EventDelivered);
    }
    let waiting = app.store.waiting_events(&client.id, now, most + 1).await?;
    let more = waiting.len() > most as usize;
    let mut sets = BTreeMap::new();
    for event in waiting.iter().take(most as usize) {
        match token_of(&app, &client, event).await? {
            Ok(Some(token)) => {
                sets.insert(event.id.to_string(), token);
            }
            // Of an account erased meanwhile nobody is told any more.
            Ok(None) => app.store.event_delivered(event, now).await?,
            Err(error) => tracing::error!(client.id = %client.id, "an event could not be signed: {error}"),
        }
    }
    let answer = Json(json!({ "sets": sets, "moreAvailable": more }));
    Ok((StatusCode::OK, [(header::CACHE_CONTROL, "no-store")], answer).into_response())
}

/// The event as a Security Event Token, signed as the client's ID tokens are; `None` when its account was erased.
///
/// # Errors
/// Outside: when the store is down. Inside: why it cannot be signed.
pub async fn token_of(
    app: &App,
    client: &Client,
    event: &ClientEvent,
) -> Result<Result<Option<String>, String>, StoreError> {
    let sub = match event.account_id {
        None => None,
        Some(id) => match app.store.account(id).await? {
            Some(account) => Some(subject(&account.subject_seed, client)),
            None => return Ok(Ok(None)),
        },
    };
    let jti = event.id.to_string();
    let (issuer, aud) = (app.issuer(), client.id.as_str());
    let claims = EventClaims::new(issuer, aud, event.kind, sub.as_deref(), &jti, event.made_at, app.now());
    let keys = app.keys.load();
    let Some(key) = keys.signing(client.id_token_algorithm) else {
        return Ok(Err("no signing key is ready".to_owned()));
    };
    Ok(key.seal_claims(TokenType::Event, &claims).map(Some).map_err(|error| error.to_string()))
}
