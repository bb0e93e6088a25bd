//! `/jwks.json`

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use idp_core::jose::JWKS_MAX_AGE;

use crate::state::App;

/// The public keys. The time it may be kept is far below the time a next key is published before it signs.
pub async fn get(State(app): State<App>) -> Response {
    let age = format!("public, max-age={}", JWKS_MAX_AGE.num_seconds());
    let headers = [(header::CONTENT_TYPE, "application/json".to_owned()), (header::CACHE_CONTROL, age)];
    (headers, app.keys.load().document().to_vec()).into_response()
}
