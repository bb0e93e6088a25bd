//! `GET /auth/resource`: who signed in, under the old names. Every field is there, empty where nothing may be said.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp_core::authorization_header::{self, TokenScheme};
use idp_core::jose::{TokenType, Unverified};
use idp_core::token::AccessClaims;
use serde_json::{Value, json};

use super::allowed;
use crate::oidc::bearer::Refusal;
use crate::oidc::userinfo;
use crate::state::App;

/// The ordinary userinfo, for a client that may speak the dialect.
pub async fn get(State(app): State<App>, request: Request) -> Result<Response, Refusal> {
    if !speaks(&app, request.headers()).await? {
        return Err(Refusal::InvalidToken(TokenScheme::Bearer));
    }
    let (parts, _) = request.into_parts();
    let answer = userinfo::serve(State(app), Request::from_parts(parts, Body::empty())).await?;
    let (parts, body) = answer.into_parts();
    let body = axum::body::to_bytes(body, 64 * 1024).await.map_err(|_| Refusal::Unavailable)?;
    let claims: Value = serde_json::from_slice(&body).map_err(|_| Refusal::Unavailable)?;
    if parts.status != StatusCode::OK {
        return Err(Refusal::InvalidToken(TokenScheme::Bearer));
    }
    Ok(([(header::CACHE_CONTROL, "no-store")], axum::Json(resource(&claims))).into_response())
}

/// Whether the token was given to a client that may speak the dialect. Whether it lives is userinfo's question.
async fn speaks(app: &App, headers: &HeaderMap) -> Result<bool, Refusal> {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| authorization_header::token(value.to_str().ok()?));
    let Some((_, token)) = token else { return Err(Refusal::NoBearer) };
    let claims: Result<AccessClaims, _> =
        Unverified::parse(token).and_then(|token| token.verify(TokenType::Access, &app.keys.load()));
    let Ok(claims) = claims else { return Ok(false) };
    let client = app.store.client(&claims.client_id).await?;
    Ok(client.is_some_and(|client| allowed(&client, app.now()).is_ok()))
}

/// The old names. `IdentificationNo` needs the scope `citizen_id`, as everywhere.
fn resource(claims: &Value) -> Value {
    let text = |name: &str| claims[name].as_str().unwrap_or_default();
    json!({
        "ID": text("sub"),
        "IsVerify": if claims["verified_badge"] == true { "Y" } else { "N" },
        // Legal persons do not sign in here.
        "Type": "person",
        "IdentificationNo": text("citizen_id"),
        "TitleName": text("title"),
        "FirstName": text("given_name#th"),
        "LastName": text("family_name#th"),
        "FirstNameEn": text("given_name#en"),
        "LastNameEn": text("family_name#en"),
        "Email": text("email"),
        "DepartmentName": text("organization"),
    })
}
