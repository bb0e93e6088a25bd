//! `grant_type=refresh_token` (RFC 6749 §6): rotation that forgives a lost reply and nothing else.

use axum::response::Response;
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::authorize::{ErrorCode, ProtocolError};
use idp_core::grant::{Grant, RefreshRefusal, RefreshToken, RefreshVerdict};
use idp_core::scope::{Scope, ScopeSet};

use super::authorization_code::released;
use super::mint::{Beforehand, Minting, Occasion, answer, may_be_served};
use super::{TokenError, TokenRequest};

/// Trades a refresh token for the next.
pub(super) async fn refresh(request: &TokenRequest<'_>) -> Result<Response, TokenError> {
    let &TokenRequest { app, client, parameters, now, .. } = request;
    let key = request.key.as_ref();
    let text = parameters.get("refresh_token").ok_or(ProtocolError::invalid_request("refresh_token is missing"))?;
    let presented = RefreshToken::parse(text).ok_or_else(TokenError::invalid_grant)?;
    let Some(mut grant) = app.store.grant_by_handle(&presented.handle.digest()).await? else {
        return Err(TokenError::invalid_grant());
    };
    // Another client's token is as good as none, and does no harm to its family.
    let (true, true, Some(family)) = (grant.client_id == client.id, grant.state.gives_tokens(), &grant.refresh) else {
        return Err(TokenError::invalid_grant());
    };
    // RFC 9449 §5: a public client's refresh token is worth something to the holder of its key alone.
    if client.is_public() && grant.bound_to.is_some() && grant.bound_to.as_ref() != key {
        return Err(TokenError::invalid_grant());
    }
    let mut target = grant.resources.within(client).target(parameters.all("resource"), app.issuer())?;
    let event = |action| {
        AuditEvent::new(now, Actor::Client, action)
            .account(grant.account_id)
            .client(&client.id)
            .session(grant.session_id)
            .from(request.origin.clone())
    };
    let idle = app.lifetimes().refresh_idle;
    // Two branches cannot grow of a token that is bound and belongs to a client that proves itself: it stays as it is.
    let stays = client.keeps_refresh_tokens();
    let fresh = if stays { presented.clone() } else { presented.next(&*app.chance) };
    let verdict = match stays {
        true => family.present_again(&presented, idle, now),
        false => family.present(&presented, &fresh, idle, now),
    };
    let (next, expected) = match verdict {
        RefreshVerdict::Rotate { next, expected } => (next, expected),
        RefreshVerdict::Refuse(RefreshRefusal::Expired) => return Err(TokenError::invalid_grant()),
        RefreshVerdict::Refuse(RefreshRefusal::Replayed) => {
            tracing::warn!(client.id = %client.id, grant.id = %grant.id, "a refresh token was replayed");
            app.store.revoke_grant(grant.id, now, &[event(Action::RefreshReused)]).await?;
            return Err(TokenError::invalid_grant());
        }
    };
    let account = app.store.account(grant.account_id).await?.ok_or_else(TokenError::invalid_grant)?;
    if !may_be_served(&account.account, client, now) {
        return Err(TokenError::invalid_grant());
    }
    let lost = account.account.badge().is_none().then_some(Scope::CitizenId);
    let held = grant.scopes.intersect(client.scopes).without(ScopeSet::from_iter(lost));
    let wished = parameters.get("scope");
    grant.scopes = narrowed(wished, &grant, held)?;
    if let Some(wished) = wished {
        target.resources = target.resources.with_scopes_of(wished);
    }
    grant.refresh = Some(next.clone());
    let event = event(Action::TokensRefreshed).detail(released(&grant));
    let beforehand = Beforehand::of(app, client, &grant, now).await?;
    let tokens = answer(Minting {
        app,
        client,
        account: &account,
        grant: &grant,
        beforehand: &beforehand,
        refresh: Some(&fresh),
        target,
        key,
        occasion: Occasion::Refresh,
        now,
    })?;
    let written = match stays {
        true => app.store.use_again(grant.id, &expected, now, &[event]).await?,
        false => app.store.rotate(grant.id, &expected, &next, &[event]).await?,
    };
    if !written {
        // The same token twice at once: the other one was written, this answer never existed.
        return Err(TokenError::invalid_grant());
    }
    Ok(tokens)
}

/// RFC 6749 §6: the scope may be narrower than what was granted, never wider. What the client or the member has lost
/// since is left out.
fn narrowed(wished: Option<&str>, grant: &Grant, held: ScopeSet) -> Result<ScopeSet, ProtocolError> {
    let Some(wished) = wished else { return Ok(held) };
    if !grant.resources.admits(wished, grant.scopes) || wished.trim_matches(' ').is_empty() {
        return Err(ProtocolError::new(ErrorCode::InvalidScope, "the scope is wider than what was granted"));
    }
    Ok(ScopeSet::parse(wished).intersect(held).union(held.intersect(ScopeSet::from_iter([Scope::OpenId]))))
}
