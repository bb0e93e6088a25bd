//! `/device_authorization` (RFC 8628 §3.1): a device without a keyboard begins to wait for its member.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::authorize::{ErrorCode, ProtocolError};
use idp_core::client::GrantType;
use idp_core::grant::{Challenge, DEVICE_LIFETIME, DeviceRequest, DeviceState, POLL_SECONDS, UserCode, device_digest};
use idp_core::resource::ResourceSet;
use idp_core::scope::{Scope, ScopeSet};
use idp_core::secret::Secret;
use idp_store::Space;
use serde::Serialize;

use super::device::mark;
use super::token::{Place, ServerForm, TokenError, authenticate_request};
use crate::proxy::origin_bucket;
use crate::state::App;
use crate::urls;

/// So many devices may begin to wait from one origin in a minute.
const PER_ORIGIN_PER_MINUTE: u64 = 60;

/// RFC 8628 §3.2.
#[derive(Serialize)]
struct Body<'a> {
    device_code: &'a str,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: String,
    expires_in: i64,
    interval: u32,
}

/// POST.
pub async fn post(State(app): State<App>, request: Request) -> Result<Response, TokenError> {
    let now = app.now();
    let ServerForm { parts, parameters } = ServerForm::read(request).await?;
    let client = authenticate_request(&app, &parts.headers, &parameters, Place::Token, now).await?;
    if !client.may_use(GrantType::DeviceCode) {
        return Err(ProtocolError::new(ErrorCode::UnauthorizedClient, "the client may not use device codes").into());
    }
    let asked = parameters.get("scope").map(ScopeSet::parse).unwrap_or_default();
    if !asked.contains(Scope::OpenId) {
        return Err(ProtocolError::new(ErrorCode::InvalidScope, "the scope openid is needed").into());
    }
    let resources = ResourceSet::asked(&client, parameters.all("resource"), parameters.get("scope"))?;
    let challenge = parameters
        .get("code_challenge")
        .map(|challenge| Challenge::parse(challenge, parameters.get("code_challenge_method")))
        .transpose()
        .map_err(|_| ProtocolError::invalid_request("code_challenge must be S256"))?;
    let origin = crate::extract::origin(&parts, &app);
    let count = format!("device:{}", origin_bucket(origin));
    if app.short_lived.count(Space::Rate, &count, Duration::from_secs(60)).await? > PER_ORIGIN_PER_MINUTE {
        return Err(ProtocolError::new(ErrorCode::SlowDown, "too many devices ask from one place").into());
    }
    // Two devices draw the same user code once in a lifetime; then it is drawn again.
    for _ in 0..3 {
        let (device_code, user_code) = (Secret::make(&*app.chance), UserCode::make(&*app.chance));
        let device = DeviceRequest {
            digest: device_digest(device_code.reveal()),
            client_id: client.id.clone(),
            scopes: asked.intersect(client.scopes),
            resources: resources.clone(),
            challenge: challenge.clone(),
            created_at: now,
            expires_at: now + DEVICE_LIFETIME,
            state: DeviceState::Waiting,
            poll_seconds: POLL_SECONDS,
            polled_at: None,
        };
        let event =
            AuditEvent::new(now, Actor::Client, Action::DeviceAsked).client(&client.id).from(origin.to_string());
        if app.store.insert_device(&device, &mark(&app, &user_code), &[event]).await? {
            let body = Body {
                device_code: device_code.reveal(),
                verification_uri: app.url(urls::DEVICE),
                verification_uri_complete: format!("{}?user_code={}", app.url(urls::DEVICE), user_code.shown()),
                user_code: user_code.shown(),
                expires_in: DEVICE_LIFETIME.num_seconds(),
                interval: POLL_SECONDS,
            };
            return Ok(([(header::CACHE_CONTROL, "no-store")], axum::Json(body)).into_response());
        }
    }
    Err(ProtocolError::new(ErrorCode::TemporarilyUnavailable, "please try again").into())
}
