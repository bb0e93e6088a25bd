//! `grant_type=authorization_code` (RFC 6749 §4.1.3): a code becomes tokens, once.

use std::sync::Arc;

use axum::response::Response;
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::authorize::ProtocolError;
use idp_core::grant::{Exchange, ExchangeRefusal, Grant, judge_exchange};
use idp_core::secret::{Digest, Secret};
use idp_store::StoreError;
use serde_json::json;

use super::first_tokens::{first_tokens, lasting_key};
use super::mint::may_be_served;
use super::{TokenError, TokenRequest};
use crate::state::App;

/// Redeems a code.
pub(super) async fn redeem(request: &TokenRequest<'_>) -> Result<Response, TokenError> {
    let &TokenRequest { app, client, parameters, now, .. } = request;
    let key = request.key.as_ref();
    let code = parameters.get("code").ok_or(ProtocolError::invalid_request("code is missing"))?;
    let Some(mut grant) = find(app, &Secret::presented(code).digest()).await? else {
        return Err(TokenError::invalid_grant());
    };
    let exchange = Exchange {
        client,
        redirect_uri: parameters.get("redirect_uri"),
        verifier: parameters.get("code_verifier"),
        key,
    };
    if let Err(refusal) = judge_exchange(&grant, &exchange, app.lifetimes().code, now) {
        refuse(request, &grant, refusal).await?;
        return Err(TokenError::invalid_grant());
    }
    let target = grant.resources.within(client).target(parameters.all("resource"), app.issuer())?;
    let account = app.store.account(grant.account_id).await?.ok_or_else(TokenError::invalid_grant)?;
    if !may_be_served(&account.account, client, now) {
        return Err(TokenError::invalid_grant());
    }
    // Everything is signed before the code is spent, so that a failure leaves the code as it was.
    let tokens = first_tokens(request, &mut grant, &account, target).await?;
    let event = event(request, &grant, Action::TokensIssued).detail(released(&grant));
    if !app.store.redeem_bound(grant.id, grant.refresh.as_ref(), lasting_key(request), now, &[event]).await? {
        // Somebody was faster with the same code: that is a reuse, and it ends what the other one got.
        refuse(request, &grant, ExchangeRefusal::Reused).await?;
        return Err(TokenError::invalid_grant());
    }
    Ok(tokens)
}

/// A code that was issued here a moment ago is in memory; what became of it meanwhile, redeeming it tells.
async fn find(app: &App, code: &Digest) -> Result<Option<Grant>, StoreError> {
    match app.store.just_issued(code) {
        Some(grant) => Ok(Some(Arc::unwrap_or_clone(grant))),
        None => app.store.grant_by_code(code).await,
    }
}

async fn refuse(request: &TokenRequest<'_>, grant: &Grant, refusal: ExchangeRefusal) -> Result<(), TokenError> {
    tracing::warn!(client.id = %request.client.id, grant.id = %grant.id, ?refusal, "a code was refused");
    let action = match refusal {
        // RFC 6749 §4.1.2: a code used twice revokes what it gave.
        ExchangeRefusal::Reused => Action::CodeReused,
        // A wrong verifier means that the code is in the wrong hands: it dies.
        ExchangeRefusal::Verifier => Action::GrantRevoked,
        ExchangeRefusal::OtherClient
        | ExchangeRefusal::Revoked
        | ExchangeRefusal::Expired
        | ExchangeRefusal::OtherKey
        | ExchangeRefusal::OtherRedirectUri => return Ok(()),
    };
    let event = event(request, grant, action).detail(json!({ "why": format!("{refusal:?}") }));
    request.app.store.revoke_grant(grant.id, request.now, &[event]).await?;
    Ok(())
}

/// What the tokens of a grant give access to, for the member who asks later who received what.
pub(super) fn released(grant: &Grant) -> serde_json::Value {
    let mut told = serde_json::Map::new();
    told.insert("scope".to_owned(), grant.scopes.to_string().into());
    if let Some(claims) = &grant.claims {
        told.insert("claims".to_owned(), claims.all().to_string().into());
    }
    if !grant.resources.is_empty() {
        told.insert("resources".to_owned(), grant.resources.to_string().into());
    }
    told.into()
}

pub(super) fn event(request: &TokenRequest<'_>, grant: &Grant, action: Action) -> AuditEvent {
    AuditEvent::new(request.now, Actor::Client, action)
        .account(grant.account_id)
        .client(&grant.client_id)
        .session(grant.session_id)
        .from(request.origin.clone())
}
