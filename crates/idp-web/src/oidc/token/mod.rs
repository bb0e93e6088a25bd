//! `/token`: the client proves who it is, then one file for each grant.

mod assertion;
mod authorization_code;
mod client_authentication;
mod error;
mod form;
mod mint;
mod refresh_token;

pub use client_authentication::{Place, authenticate_request};
pub use error::TokenError;
pub use form::ServerForm;

use axum::extract::{Request, State};
use axum::response::Response;
use idp_core::authorize::{ErrorCode, ProtocolError, RawRequest};
use idp_core::client::{Client, GrantType};

use crate::state::App;

/// One request at the token endpoint, its client proven.
struct TokenRequest<'a> {
    app: &'a App,
    client: &'a Client,
    parameters: &'a RawRequest,
    now: chrono::DateTime<chrono::Utc>,
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
        now,
        origin: crate::extract::origin(&parts, &app).to_string(),
    };
    match grant {
        GrantType::AuthorizationCode => authorization_code::redeem(&request).await,
        GrantType::RefreshToken => refresh_token::refresh(&request).await,
    }
}
