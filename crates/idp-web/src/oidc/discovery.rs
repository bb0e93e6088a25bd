//! `/.well-known/openid-configuration`

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::state::App;

/// The metadata, serialised beforehand.
pub async fn get(State(app): State<App>) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=300")];
    (headers, app.discovery.load().to_vec()).into_response()
}
