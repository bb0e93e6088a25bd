//! A client looks after its own registration (RFC 7592), with the token it was given when it registered.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::client::{Client, ClientStatus, SelfManagement};
use idp_core::id::ClientId;
use idp_core::secret::Secret;
use serde_json::Value;

use super::answer::{Shown, answer};
use super::{RegistrationError, accept, bearer, draft, object};
use crate::logo;
use crate::state::App;

/// GET: the registration as it is.
pub async fn get(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, RegistrationError> {
    let (client, _, access) = own(&app, &id, &headers).await?;
    Ok(answer(&app, StatusCode::OK, &Shown { client: &client, access: &access, secret: None }))
}

/// PUT: the whole registration anew (RFC 7592 §2.2); what is left out is as if it had never been said.
pub async fn put(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, RegistrationError> {
    let now = app.now();
    let (old, managed, access) = own(&app, &id, &headers).await?;
    let metadata = object(&headers, &body)?;
    if metadata.get("client_id").and_then(Value::as_str) != Some(old.id.as_str()) {
        return Err(RegistrationError::request("client_id must be in the body, and the one of the address"));
    }
    for ours in
        ["registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"]
    {
        if metadata.contains_key(ours) {
            return Err(RegistrationError::request("a member that this server alone sets must be left out"));
        }
    }
    // §2.2: a secret may be named, and must be the current one; it cannot be chosen.
    if let Some(named) = metadata.get("client_secret") {
        let digest = named.as_str().map(|named| Secret::presented(named).digest());
        let current = old.authentication.secrets().iter().find(|kept| kept.expires_at.is_none());
        if digest.is_none() || digest != current.map(|kept| kept.digest) {
            return Err(RegistrationError::request("client_secret is not the one of this client"));
        }
    }
    let secret = Secret::make(&*app.chance);
    let draft = draft(&app, &metadata, &managed.policy, old.id.clone()).await?.beside_what_is_set(&old);
    let renewed = old.renewed_by(accept(draft, &secret, now)?, now);
    let (next, made) = renewed.map_err(|why| RegistrationError::of_draft(&[why.into()]))?;
    replace(&app, &old, &next, Action::ClientChanged).await?;
    logo::refresh(&app, &next, Some(&old)).await;
    Ok(answer(&app, StatusCode::OK, &Shown { client: &next, access: &access, secret: made.then_some(&secret) }))
}

/// DELETE: the client is over for good (§2.3), as if the console had removed it. Its grants die with it: nothing brings
/// back what is retired.
pub async fn delete(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, RegistrationError> {
    let (old, _, _) = own(&app, &id, &headers).await?;
    let next = Client { updated_at: app.now(), ..(*old).clone().retired() };
    replace(&app, &old, &next, Action::ClientRemoved).await?;
    Ok((StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, "no-store")]).into_response())
}

/// The client whose token was presented. For an id that is nobody's the answer is the same as for a wrong token
/// (RFC 7592 §2.1).
async fn own(
    app: &App,
    id: &str,
    headers: &HeaderMap,
) -> Result<(Arc<Client>, SelfManagement, Secret), RegistrationError> {
    let presented = bearer(headers)?;
    let id = ClientId::parse(id).ok_or_else(RegistrationError::unauthorized)?;
    let client = app.store.client(&id).await?.ok_or_else(RegistrationError::unauthorized)?;
    let managed = client.managed.clone().filter(|managed| managed.access == presented.digest());
    let managed = managed.ok_or_else(RegistrationError::unauthorized)?;
    if client.status != ClientStatus::Active {
        return Err(RegistrationError::unauthorized());
    }
    Ok((client, managed, presented))
}

async fn replace(app: &App, old: &Client, next: &Client, action: Action) -> Result<(), RegistrationError> {
    let event = AuditEvent::new(next.updated_at, Actor::Client, action).client(&next.id);
    if app.store.replace_client(next, old.updated_at, &[event]).await? {
        return Ok(());
    }
    Err(RegistrationError::request("the registration was changed by somebody else meanwhile"))
}
