//! Makes the tokens of a grant.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use idp_core::account::{Access, Account};
use idp_core::authorize::{ErrorCode, ProtocolError};
use idp_core::client::{Client, MembershipPolicy};
use idp_core::grant::{Grant, RefreshToken};
use idp_core::jose::{Algorithm, TokenType};
use idp_core::secret::base64url;
use idp_core::token::{AccessClaims, IdClaims, expiry, half_hash, subject};
use idp_store::StoredAccount;
use serde::Serialize;

use super::TokenError;
use crate::state::App;

/// The answer of RFC 6749 §5.1.
#[derive(Serialize)]
struct Body<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    id_token: String,
    scope: String,
}

/// Whether this ID token is the first of its grant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion {
    /// A code was redeemed.
    Exchange,
    /// A refresh token was used.
    Refresh,
}

/// Whether `account` may still be served at `client`: checked whenever tokens are made.
pub(super) fn may_be_served(account: &Account, client: &Client, now: DateTime<Utc>) -> bool {
    let member_enough = client.membership == MembershipPolicy::Anyone || account.badge().is_some();
    account.access(now) == Access::Full && member_enough
}

/// Access token, ID token and refresh token as one answer.
pub(super) fn answer(
    app: &App,
    client: &Client,
    account: &StoredAccount,
    grant: &Grant,
    refresh: Option<&RefreshToken>,
    occasion: Occasion,
    now: DateTime<Utc>,
) -> Result<Response, TokenError> {
    let keys = app.keys.load();
    let broken = || ProtocolError::new(ErrorCode::ServerError, "no signing key is ready");
    let lifetimes = app.lifetimes();
    let session_ends = grant.authenticated_at + app.session_limits().absolute;
    let sub = subject(&account.subject_seed, client);
    let mut jti = [0; 16];
    app.chance.fill(&mut jti);
    let access_ends = expiry(now, lifetimes.access, session_ends, &account.account);
    let access_claims = AccessClaims::new(grant, app.issuer(), &sub, base64url(&jti), now, access_ends);
    let access_key = keys.signing(Algorithm::ES256).ok_or_else(broken)?;
    let access_token = access_key.seal_claims(TokenType::Access, &access_claims).map_err(|_| broken())?;
    let id_ends = expiry(now, lifetimes.id, session_ends, &account.account);
    let at_hash = half_hash(&access_token, client.id_token_algorithm);
    let id_claims = IdClaims::new(grant, &account.account, app.issuer(), &sub, at_hash, now, id_ends);
    let id_claims = if occasion == Occasion::Refresh { id_claims.without_nonce() } else { id_claims };
    let id_key = keys.signing(client.id_token_algorithm).ok_or_else(broken)?;
    let body = Body {
        expires_in: (access_ends - now).num_seconds().max(1),
        access_token: &access_token,
        token_type: "Bearer",
        refresh_token: refresh.map(RefreshToken::reveal),
        id_token: id_key.seal_claims(TokenType::Id, &id_claims).map_err(|_| broken())?,
        scope: grant.scopes.to_string(),
    };
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    Ok((headers, axum::Json(body)).into_response())
}
