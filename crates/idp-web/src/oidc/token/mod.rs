//! `/token`: the client proves who it is, then one file for each grant.

mod assertion;
mod authorization_code;
mod client_authentication;
mod client_credentials;
mod device_code;
mod error;
mod first_tokens;
mod form;
mod mint;
mod refresh_token;

pub use client_authentication::{Place, authenticate_request};
pub use error::TokenError;
pub use form::ServerForm;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::response::Response;
use chrono::{DateTime, Utc};
use idp_core::authorize::{ErrorCode, ProtocolError, RawRequest};
use idp_core::client::{Client, GrantType};
use idp_core::dpop::Thumbprint;

use crate::oidc::dpop;
use crate::state::App;
use crate::urls;

/// One request at the token endpoint, its client proven.
struct TokenRequest<'a> {
    app: &'a App,
    client: &'a Client,
    parameters: &'a RawRequest,
    /// The key that the request proves to hold.
    key: Option<Thumbprint>,
    now: DateTime<Utc>,
    origin: String,
}

/// POST, and nothing else (RFC 6749 §3.2).
pub async fn post(State(app): State<App>, request: Request) -> Result<Response, TokenError> {
    let now = app.now();
    let ServerForm { parts, parameters } = ServerForm::read(request).await?;
    let client = authenticate_request(&app, &parts.headers, &parameters, Place::Token, now).await?;
    let grant = parameters.get("grant_type").ok_or(ProtocolError::invalid_request("grant_type is missing"))?;
    let grant = GrantType::parse(grant)
        .ok_or(ProtocolError::new(ErrorCode::UnsupportedGrantType, "grant_type is not supported"))?;
    if !client.may_use(grant) {
        return Err(ProtocolError::new(ErrorCode::UnauthorizedClient, "the client may not use this grant_type").into());
    }
    let request = TokenRequest {
        app: &app,
        client: &client,
        parameters: &parameters,
        key: proven_key(&app, &parts, &client, now).await?,
        now,
        origin: crate::extract::origin(&parts, &app).to_string(),
    };
    let answered = match grant {
        GrantType::AuthorizationCode => authorization_code::redeem(&request).await,
        GrantType::RefreshToken => refresh_token::refresh(&request).await,
        GrantType::ClientCredentials => client_credentials::give(&request).await,
        GrantType::DeviceCode => device_code::redeem(&request).await,
    };
    let outcome = match (&answered, grant) {
        (Ok(_), GrantType::AuthorizationCode | GrantType::DeviceCode) => "signed_in",
        (Ok(_), GrantType::RefreshToken) => "refreshed",
        (Ok(_), GrantType::ClientCredentials) => "served",
        (Err(error), _) => error.code(),
    };
    app.usage.note(&client.id, outcome, now);
    answered
}

/// The key that the tokens will be bound to. A client set so is given none without (RFC 9449 §5.2).
async fn proven_key(
    app: &App,
    parts: &Parts,
    client: &Client,
    now: DateTime<Utc>,
) -> Result<Option<Thumbprint>, TokenError> {
    let key = dpop::proven_key(app, parts, urls::TOKEN, None, now).await;
    let key = key.map_err(|refusal| TokenError::dpop(refusal, dpop::fresh_nonce(app, now)))?;
    if key.is_none() && client.dpop_bound_access_tokens {
        let why = "the client must prove possession of a key with the header DPoP";
        return Err(ProtocolError::new(ErrorCode::InvalidDpopProof, why).into());
    }
    Ok(key)
}
