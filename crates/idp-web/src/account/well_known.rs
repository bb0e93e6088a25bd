//! What programs that keep passwords and passkeys look for: the pages on which a member changes them.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use crate::error::AppError;
use crate::extract::Visitor;
use crate::state::App;
use crate::urls;

/// GET `/.well-known/change-password` (W3C "A Well-Known URL for Changing Passwords"): a redirect.
pub async fn change_password(visitor: Visitor) -> Response {
    visitor.go(urls::PASSWORD)
}

/// GET `/.well-known/passkey-endpoints` (W3C "A Well-Known URL for Relying Party Passkey Endpoints"): never a redirect.
///
/// # Errors
/// 404 where there are no passkeys.
pub async fn passkey_endpoints(State(app): State<App>) -> Result<Json<Value>, AppError> {
    if app.passkeys.is_none() {
        return Err(AppError::not_found());
    }
    let page = app.url(urls::PASSKEYS);
    Ok(Json(json!({ "enroll": page, "manage": page })))
}
