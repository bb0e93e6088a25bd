//! `/client-logo/{name}`: a picture of ours, under a name that changes with it.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp_core::client::LogoName;

use crate::state::App;

/// GET.
pub async fn get(State(app): State<App>, Path(name): Path<String>) -> Response {
    let found = match name.strip_suffix(".png").and_then(LogoName::parse) {
        Some(name) => app.store.logo(&name).await,
        None => Ok(None),
    };
    match found {
        Ok(Some(png)) => (
            [
                (header::CONTENT_TYPE, "image/png"),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
                (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
                (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
            ],
            png,
        )
            .into_response(),
        Ok(None) => (StatusCode::NOT_FOUND, "no such picture").into_response(),
        Err(error) => {
            tracing::error!("a logo could not be read: {error}");
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")]).into_response()
        }
    }
}
