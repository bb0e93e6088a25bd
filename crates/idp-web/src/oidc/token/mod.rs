//! `/token`: the client proves who it is, then one file for each grant.

mod authorization_code;
mod client_authentication;
mod error;
mod mint;
mod refresh_token;

pub use error::TokenError;

use axum::extract::{Request, State};
use axum::response::Response;
use idp_core::authorize::{ErrorCode, ProtocolError, RawRequest};
use idp_core::client::{Client, GrantType};

use crate::extract::is_form;
use crate::state::App;

/// One request at the token endpoint, its client proven.
struct TokenRequest<'a> {
    app: &'a App,
    client: &'a Client,
    parameters: &'a RawRequest,
    now: chrono::DateTime<chrono::Utc>,
    origin: String,
}

/// A form posted by a client, which has proven who it is; and from where it came.
///
/// # Errors
/// `invalid_request` for what is not one form with each parameter once, `invalid_client` for who is not believed.
pub(super) async fn proven_form(
    app: &App,
    request: Request,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(std::sync::Arc<Client>, RawRequest, String), TokenError> {
    let (parts, body) = request.into_parts();
    if !is_form(&parts.headers) {
        return Err(ProtocolError::invalid_request("the body must be application/x-www-form-urlencoded").into());
    }
    let body = axum::body::to_bytes(body, 32 * 1024)
        .await
        .map_err(|_| ProtocolError::invalid_request("the body is too long"))?;
    let body = std::str::from_utf8(&body).map_err(|_| ProtocolError::invalid_request("the body is not UTF-8"))?;
    if parts.uri.query().is_some_and(|query| !query.is_empty()) {
        return Err(ProtocolError::invalid_request("parameters belong into the body").into());
    }
    let parameters = RawRequest::parse(&[body])
        .map_err(|_| ProtocolError::invalid_request("a parameter is repeated or badly encoded"))?;
    let client = client_authentication::authenticate_request(app, &parts.headers, &parameters, now).await?;
    Ok((client, parameters, crate::extract::origin(&parts, app).to_string()))
}

/// POST, and nothing else (RFC 6749 §3.2).
pub async fn post(State(app): State<App>, request: Request) -> Result<Response, TokenError> {
    let now = app.now();
    let (client, parameters, origin) = proven_form(&app, request, now).await?;
    let grant = parameters.get("grant_type").ok_or(ProtocolError::invalid_request("grant_type is missing"))?;
    let grant = GrantType::parse(grant)
        .ok_or(ProtocolError::new(ErrorCode::UnsupportedGrantType, "grant_type is not supported"))?;
    if !client.may_use(grant) {
        return Err(ProtocolError::new(ErrorCode::UnauthorizedClient, "the client may not use this grant_type").into());
    }
    let request = TokenRequest { app: &app, client: &client, parameters: &parameters, now, origin };
    match grant {
        GrantType::AuthorizationCode => authorization_code::redeem(&request).await,
        GrantType::RefreshToken => refresh_token::refresh(&request).await,
    }
}
