//! Makes the tokens of a grant.

use std::sync::Arc;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use idp_core::account::{Access, Account, VerifiedIdentity};
use idp_core::authorize::{ErrorCode, ProtocolError};
use idp_core::client::{Client, MembershipPolicy};
use idp_core::dpop::Thumbprint;
use idp_core::grant::{Grant, RefreshToken};
use idp_core::jose::{Algorithm, ClientKeys, Content, Encryption, KeyError, TokenType};
use idp_core::resource::Target;
use idp_core::secret::base64url;
use idp_core::token::{AccessClaims, IdClaims, RequestedClaims, Source, expiry, half_hash, subject, verified_claims};
use idp_store::StoredAccount;
use serde::Serialize;

use super::TokenError;
use crate::oidc::client_keys::keys_of;
use crate::oidc::dpop::{fresh_nonce, with_nonce};
use crate::portrait;
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

/// What an ID token needs beside its grant, where the client wants more than most: read before the answer is made, since
/// it may take the store or the client's own address.
#[derive(Default)]
pub(super) struct Beforehand {
    requested: Option<RequestedClaims>,
    identity: Option<VerifiedIdentity>,
    encryption: Option<(Encryption, Arc<ClientKeys>)>,
}

impl Beforehand {
    /// For an ID token of `grant`. Claims by name are given as far as the client may still have them.
    pub(super) async fn of(app: &App, client: &Client, grant: &Grant, now: DateTime<Utc>) -> Result<Self, TokenError> {
        let mut ready = Self::default();
        if let Some(requested) = &grant.claims {
            let requested = requested.as_ref().clone().within(client.scopes);
            if !requested.verified_id_token.is_empty() {
                ready.identity = app.store.identity(grant.account_id).await?;
            }
            ready.requested = Some(requested);
        }
        if let Some(how) = client.answers.id_token_encryption {
            let keys = keys_of(app, client, now).await.map_err(|error| {
                tracing::warn!(client.id = %client.id, %error, "an ID token could not be encrypted");
                ProtocolError::invalid_request(
                    "the ID token is to be encrypted, and the keys of this client cannot be had",
                )
            })?;
            ready.encryption = Some((how, keys));
        }
        Ok(ready)
    }

    fn claims<'a>(&self, app: &App, claims: IdClaims<'a>, account: &StoredAccount, now: DateTime<Utc>) -> IdClaims<'a> {
        let Some(requested) = &self.requested else { return claims };
        let picture = portrait::address(app, account);
        let verified = match (account.account.badge(), &self.identity) {
            (Some(badge), Some(identity)) => verified_claims(&requested.verified_id_token, badge, identity, now),
            _ => None,
        };
        let (account, picture) = (&account.account, picture.as_deref());
        let source = Source { account, identity: None, locale: requested.locale, picture };
        claims.with_named(requested.id_token, verified, source)
    }

    fn seal(&self, token: String) -> Result<String, KeyError> {
        match &self.encryption {
            Some((how, keys)) => keys.encrypt(*how, Content::Token, token.as_bytes()),
            None => Ok(token),
        }
    }
}

/// What tokens are made of.
pub(super) struct Minting<'a> {
    pub(super) app: &'a App,
    pub(super) client: &'a Client,
    pub(super) account: &'a StoredAccount,
    pub(super) grant: &'a Grant,
    /// What its ID token needs beside it.
    pub(super) beforehand: &'a Beforehand,
    /// The refresh token that goes along.
    pub(super) refresh: Option<&'a RefreshToken>,
    /// For whom the access token is.
    pub(super) target: Target,
    /// The key it is bound to.
    pub(super) key: Option<&'a Thumbprint>,
    pub(super) occasion: Occasion,
    pub(super) now: DateTime<Utc>,
}

/// Access token, ID token and refresh token as one answer.
pub(super) fn answer(minting: Minting<'_>) -> Result<Response, TokenError> {
    let Minting { app, client, account, grant, beforehand, refresh, target, key, occasion, now } = minting;
    let keys = app.keys.load();
    let broken = || ProtocolError::new(ErrorCode::ServerError, "no signing key is ready");
    let lifetimes = app.lifetimes();
    let session_ends = grant.authenticated_at + app.session_limits().absolute;
    let sub = subject(&account.subject_seed, client);
    let mut jti = [0; 16];
    app.chance.fill(&mut jti);
    let access_ends = expiry(now, lifetimes.access, session_ends, &account.account);
    let access_claims = AccessClaims::new(grant, app.issuer(), &sub, base64url(&jti), now, access_ends);
    let scope = target.scope(grant.scopes);
    let scopes = scope.to_string();
    let access_claims = access_claims.meant_for(target.audience(app.issuer()), scope, key);
    let access_key = keys.signing(Algorithm::ES256).ok_or_else(broken)?;
    let access_token = access_key.seal_claims(TokenType::Access, &access_claims).map_err(|_| broken())?;
    let id_ends = expiry(now, lifetimes.id, session_ends, &account.account);
    let at_hash = half_hash(&access_token, client.id_token_algorithm);
    let id_claims = IdClaims::new(grant, &account.account, app.issuer(), &sub, at_hash, now, id_ends);
    let id_claims = if occasion == Occasion::Refresh { id_claims.without_nonce() } else { id_claims };
    let id_claims = beforehand.claims(app, id_claims, account, now);
    let id_key = keys.signing(client.id_token_algorithm).ok_or_else(broken)?;
    let id_token = id_key.seal_claims(TokenType::Id, &id_claims).and_then(|token| beforehand.seal(token));
    let body = Body {
        expires_in: (access_ends - now).num_seconds().max(1),
        access_token: &access_token,
        token_type: token_type(key),
        refresh_token: refresh.map(RefreshToken::reveal),
        id_token: id_token.map_err(|_| broken())?,
        scope: scopes,
    };
    Ok(send(app, &body, key, now))
}

/// `token_type` (RFC 6750 §4, RFC 9449 §5).
pub(super) fn token_type(key: Option<&Thumbprint>) -> &'static str {
    if key.is_some() { "DPoP" } else { "Bearer" }
}

/// Sends an answer with tokens. Who proves possession is told the nonce for the next proof.
pub(super) fn send(app: &App, body: &impl Serialize, key: Option<&Thumbprint>, now: DateTime<Utc>) -> Response {
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    let response = (headers, axum::Json(body)).into_response();
    if key.is_some() { with_nonce(response, fresh_nonce(app, now)) } else { response }
}
