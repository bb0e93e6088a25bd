//! `/revoke` (RFC 7009): a client gives back what it was given, and nothing else.
//!
//! A refresh token takes its whole grant along. An access token takes those of the same refresh with it, so that nothing
//! has to be looked up where tokens are used; without a refresh token to go on with, the grant ends.

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::authorize::{ErrorCode, ProtocolError};
use idp_core::client::Client;
use idp_core::grant::RefreshToken;
use idp_core::jose::{TokenType, Unverified};
use idp_core::secret::Secret;
use idp_core::token::AnyAccessClaims;

use super::token::{Place, ServerForm, TokenError, authenticate_request};
use crate::state::App;

/// POST.
pub async fn post(State(app): State<App>, request: Request) -> Result<Response, TokenError> {
    let now = app.now();
    let ServerForm { parts, parameters } = ServerForm::read(request).await?;
    let client = authenticate_request(&app, &parts.headers, &parameters, Place::Token, now).await?;
    // token_type_hint is a hint: what a token is can be seen.
    let token = parameters.get("token").ok_or(ProtocolError::invalid_request("token is missing"))?;
    let event = AuditEvent::new(now, Actor::Client, Action::TokenRevoked)
        .client(&client.id)
        .from(crate::extract::origin(&parts, &app).to_string());
    match RefreshToken::parse(token) {
        Some(presented) => revoke_refresh(&app, &client, &presented, event, now).await?,
        None => revoke_access(&app, &client, token, event, now).await?,
    }
    // RFC 7009 §2.2: the same for a token that nobody knows.
    Ok((StatusCode::OK, [(header::CACHE_CONTROL, "no-store")]).into_response())
}

async fn revoke_refresh(
    app: &App,
    client: &Client,
    presented: &RefreshToken,
    event: AuditEvent,
    now: DateTime<Utc>,
) -> Result<(), TokenError> {
    let Some(grant) = app.store.grant_by_handle(&presented.handle.digest()).await? else { return Ok(()) };
    if grant.client_id != client.id {
        return Err(foreign());
    }
    // Whichever of the family it is: only its client knows the handle.
    let event = event.account(grant.account_id).session(grant.session_id);
    app.store.revoke_grant(grant.id, now, &[event]).await?;
    Ok(())
}

async fn revoke_access(
    app: &App,
    client: &Client,
    token: &str,
    event: AuditEvent,
    now: DateTime<Utc>,
) -> Result<(), TokenError> {
    let read = Unverified::parse(token).and_then(|token| token.verify(TokenType::Access, &app.keys.load()));
    match read {
        Err(_) => Ok(()),
        Ok(AnyAccessClaims::Member(claims)) if claims.client_id == client.id => {
            let Some(grant) = app.store.grant(claims.grant).await? else { return Ok(()) };
            let event = event.account(grant.account_id).session(grant.session_id);
            match grant.refresh {
                Some(_) => app.store.revoke_access_tokens(grant.id, claims.generation, &[event]).await?,
                None => app.store.revoke_grant(grant.id, now, &[event]).await?,
            };
            Ok(())
        }
        Ok(AnyAccessClaims::Machine(claims)) if claims.client_id == client.id => {
            let ends = DateTime::from_timestamp(claims.exp, 0).unwrap_or(now);
            app.store.revoke_token(&Secret::presented(claims.jti).digest(), ends, &[event]).await?;
            Ok(())
        }
        Ok(_) => Err(foreign()),
    }
}

/// RFC 7009 §2.1: another client's token is refused, and the client is told.
fn foreign() -> TokenError {
    ProtocolError::new(ErrorCode::UnauthorizedClient, "the token was given to another client").into()
}
