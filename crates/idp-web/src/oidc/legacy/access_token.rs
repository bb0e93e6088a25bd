//! `POST /auth/accesstoken`: a code becomes an access token, and nothing else.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use idp_core::authorize::{ErrorCode, ProtocolError, RawRequest};
use idp_core::client::LEGACY_ACCESS_TOKEN;
use idp_core::id::ClientId;
use serde_json::{Value, json};

use super::{allowed, verifier};
use crate::extract::is_form;
use crate::oidc::token::{self, TokenError};
use crate::state::App;

/// The ordinary exchange, with the verifier that the service does not know; of its answer, what the old system gave.
pub async fn post(State(app): State<App>, request: Request) -> Result<Response, TokenError> {
    let now = app.now();
    let (mut parts, body) = request.into_parts();
    if !is_form(&parts.headers) {
        return Err(ProtocolError::invalid_request("the body must be application/x-www-form-urlencoded").into());
    }
    let body = axum::body::to_bytes(body, 32 * 1024)
        .await
        .map_err(|_| ProtocolError::invalid_request("the body is too long"))?;
    let body = std::str::from_utf8(&body).map_err(|_| ProtocolError::invalid_request("the body is not UTF-8"))?;
    let parameters = RawRequest::parse(&[body])
        .map_err(|_| ProtocolError::invalid_request("a parameter is repeated or badly encoded"))?;
    let id = parameters.get("client_id").and_then(ClientId::parse).ok_or_else(TokenError::invalid_client)?;
    let client = app.store.client(&id).await?.ok_or_else(TokenError::invalid_client)?;
    allowed(&client, now)?;
    if parameters.get("grant_type") != Some("authorization_code") {
        let description = "the only grant_type here is authorization_code";
        return Err(ProtocolError::new(ErrorCode::UnsupportedGrantType, description).into());
    }
    let ordinary = parameters.narrowed(&LEGACY_ACCESS_TOKEN, &[("code_verifier", &verifier(&app, &client))]);
    parts.headers.remove(header::CONTENT_LENGTH);
    let answer = token::post(State(app), Request::from_parts(parts, Body::from(ordinary))).await?;
    cut(answer).await
}

/// Of the tokens, the access token alone.
async fn cut(answer: Response) -> Result<Response, TokenError> {
    let (parts, body) = answer.into_parts();
    let broken = || TokenError::from(ProtocolError::new(ErrorCode::ServerError, "the answer could not be made"));
    let body = axum::body::to_bytes(body, 64 * 1024).await.map_err(|_| broken())?;
    let whole: Value = serde_json::from_slice(&body).map_err(|_| broken())?;
    let cut = json!({
        "access_token": whole["access_token"],
        "token_type": whole["token_type"],
        "expires_in": whole["expires_in"],
    });
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    Ok((parts.status, headers, axum::Json(cut)).into_response())
}
