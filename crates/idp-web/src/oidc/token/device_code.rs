//! `grant_type=urn:ietf:params:oauth:grant-type:device_code` (RFC 8628 §3.4): a device asks whether its member has agreed.

use axum::response::Response;
use idp_core::audit::Action;
use idp_core::authorize::{ErrorCode, ProtocolError};
use idp_core::grant::{DeviceRequest, GrantState, POLL_SECONDS, Poll, device_digest, verifies};

use super::authorization_code::{event, released};
use super::first_tokens::{first_tokens, lasting_key};
use super::mint::may_be_served;
use super::{TokenError, TokenRequest};

/// Answers a device: not yet, no, or with tokens, once.
pub(super) async fn redeem(request: &TokenRequest<'_>) -> Result<Response, TokenError> {
    let &TokenRequest { app, client, parameters, now, .. } = request;
    let code = parameters.get("device_code").ok_or(ProtocolError::invalid_request("device_code is missing"))?;
    let digest = device_digest(code);
    let device = app.store.device(&digest).await?.filter(|device| device.client_id == client.id);
    let device = device.ok_or_else(TokenError::invalid_grant)?;
    wait(request, &device).await?;
    let grant = app.store.grant_by_code(&digest).await?.filter(|grant| grant.state == GrantState::Issued);
    let mut grant = grant.ok_or_else(TokenError::invalid_grant)?;
    if let Err(refusal) = verifies(grant.challenge.as_ref(), parameters.get("code_verifier")) {
        tracing::warn!(client.id = %client.id, grant.id = %grant.id, ?refusal, "a device code was refused");
        let event = event(request, &grant, Action::GrantRevoked);
        app.store.revoke_grant(grant.id, now, &[event]).await?;
        return Err(TokenError::invalid_grant());
    }
    let target = grant.resources.within(client).target(parameters.all("resource"), app.issuer())?;
    let account = app.store.account(grant.account_id).await?.ok_or_else(TokenError::invalid_grant)?;
    if !may_be_served(&account.account, client, now) {
        return Err(ProtocolError::new(ErrorCode::AccessDenied, "the member may not use this service").into());
    }
    let tokens = first_tokens(request, &mut grant, &account, target).await?;
    let event = event(request, &grant, Action::TokensIssued).detail(released(&grant));
    // The code never went through a browser: a second use is the device itself, asking twice.
    match app.store.redeem_bound(grant.id, grant.refresh.as_ref(), lasting_key(request), now, &[event]).await? {
        true => Ok(tokens),
        false => Err(TokenError::invalid_grant()),
    }
}

/// What a device hears before its member has agreed (§3.5).
async fn wait(request: &TokenRequest<'_>, device: &DeviceRequest) -> Result<(), TokenError> {
    let &TokenRequest { app, now, .. } = request;
    let (code, description) = match device.poll(now) {
        Poll::Approved => return Ok(()),
        Poll::Pending => {
            app.store.note_poll(&device.digest, device.poll_seconds, now).await?;
            (ErrorCode::AuthorizationPending, "the member has not answered yet")
        }
        Poll::SlowDown => {
            let slower = device.poll_seconds.saturating_add(POLL_SECONDS).min(600);
            app.store.note_poll(&device.digest, slower, now).await?;
            (ErrorCode::SlowDown, "ask five seconds less often")
        }
        Poll::Denied => (ErrorCode::AccessDenied, "the member did not agree"),
        Poll::Expired => (ErrorCode::ExpiredToken, "the member did not answer in time"),
    };
    Err(ProtocolError::new(code, description).into())
}
