//! `/jwks.json`

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::state::App;

/// The public keys. The time it may be kept is far below the time a next key is published before it signs.
pub async fn get(State(app): State<App>) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=300")];
    (headers, app.keys.load().document().to_vec()).into_response()
}
