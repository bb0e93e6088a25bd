//! Clients that register themselves (RFC 7591, OpenID Connect Dynamic Client Registration 1.0), each with an initial
//! access token from an administrator, and look after their registration (RFC 7592). Off unless `clients.registration`
//! says otherwise. Every draft is judged as an administrator's is.

mod answer;
mod error;
mod manage;
mod sector;

pub use error::RegistrationError;
pub use manage::{delete, get, put};
pub(crate) use sector::listed;

use std::iter;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use chrono::{DateTime, Utc};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::authorization_header::{self, TokenScheme};
use idp_core::client::metadata;
use idp_core::client::{Client, ClientDraft, RegistrationPolicy, SelfManagement};
use idp_core::id::ClientId;
use idp_core::jose::Algorithm;
use idp_core::json::strict_object;
use idp_core::secret::Secret;
use serde_json::{Map, Value, json};

use self::answer::{Shown, answer};
use crate::logo;
use crate::state::App;

/// The longest metadata that are read, in bytes.
const LONGEST: usize = 64 * 1024;

/// POST: registers.
pub async fn post(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Result<Response, RegistrationError> {
    let now = app.now();
    let presented = bearer(&headers)?;
    let token = app.store.registration_token(&presented.digest()).await?;
    let token = token.filter(|token| token.is_good(now)).ok_or_else(RegistrationError::unauthorized)?;
    let metadata = object(&headers, &body)?;
    let (secret, access) = (Secret::make(&*app.chance), Secret::make(&*app.chance));
    let draft = draft(&app, &metadata, &token.policy, ClientId::make(&*app.chance)).await?;
    let client = accept(draft, &secret, now)?;
    let managed = SelfManagement { access: access.digest(), policy: token.policy };
    let client = Client { managed: Some(managed), ..client };
    let event = AuditEvent::new(now, Actor::Client, Action::ClientRegistered)
        .client(&client.id)
        .detail(json!({ "registration_token": token.id }));
    if !app.store.register_client(&client, token.id, now, &[event]).await? {
        // Somebody else had the last use.
        return Err(RegistrationError::unauthorized());
    }
    tracing::info!(client.id = %client.id, "a client registered itself as {}", client.id);
    logo::refresh(&app, &client, None).await;
    let secret = (!client.authentication.secrets().is_empty()).then_some(&secret);
    Ok(answer(&app, StatusCode::CREATED, &Shown { client: &client, access: &access, secret }))
}

/// What was asked for, held to the policy; with what its `sector_identifier_uri` lists.
async fn draft(
    app: &App,
    metadata: &Map<String, Value>,
    policy: &RegistrationPolicy,
    id: ClientId,
) -> Result<ClientDraft, RegistrationError> {
    // OpenID Connect Dynamic Client Registration §2: RS256 unless said otherwise.
    let begun = ClientDraft { id_token_algorithm: Algorithm::RS256, refresh_tokens: false, ..ClientDraft::new(id) };
    let mut draft = metadata::read(metadata, policy.begin(begun))?;
    policy.hold(&mut draft)?;
    if app.config.clients.refused(&draft).is_some() {
        return Err(RegistrationError::redirect_uri("http to this machine is not taken here"));
    }
    let plain = |uri: &Option<String>| uri.as_deref().is_some_and(|uri| uri.starts_with("http:"));
    let asked = [&draft.jwks_uri, &draft.sector_identifier_uri, &draft.logout.back];
    if asked.into_iter().any(plain) && !app.config.egress.allow_loopback {
        return Err(RegistrationError::metadata("an address that this server asks must be https"));
    }
    let keys = app.keys.load();
    let mut signed = iter::once(draft.id_token_algorithm).chain(draft.answers.algorithms());
    if signed.any(|algorithm| keys.signing(algorithm).is_none()) {
        return Err(RegistrationError::metadata("a signed_response_alg is not offered here"));
    }
    // Last, since it asks somebody else.
    if let Some(uri) = &draft.sector_identifier_uri {
        draft.sector_listed = listed(&app.egress, uri).await;
    }
    Ok(draft)
}

fn accept(draft: ClientDraft, secret: &Secret, now: DateTime<Utc>) -> Result<Client, RegistrationError> {
    draft.accept(secret, now).map_err(|errors| RegistrationError::of_draft(&errors))
}

/// The token of an `Authorization: Bearer` header; one such header, and nothing else.
fn bearer(headers: &HeaderMap) -> Result<Secret, RegistrationError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let first = values.next().ok_or_else(RegistrationError::missing)?;
    let token = match (first.to_str().ok().and_then(authorization_header::token), values.next()) {
        (Some((TokenScheme::Bearer, token)), None) if token.len() <= 256 => token,
        _ => return Err(RegistrationError::unauthorized()),
    };
    Ok(Secret::presented(token))
}

/// The body: one JSON object.
fn object(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, RegistrationError> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(RegistrationError::request("the body must be application/json"));
    }
    let unreadable = RegistrationError::request("the body is not a JSON object of a few levels with each name once");
    strict_object(body, LONGEST).ok_or(unreadable)
}
