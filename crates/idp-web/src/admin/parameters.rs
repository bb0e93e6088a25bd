//! The parameters in a page's address: exactly those that the page knows, each once and of its kind. Another one is refused
//! and never passed over, so that nobody takes a list for a sorted or filtered one that is not (S089).

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::AppError;
use crate::state::App;

/// What a page reads from its address; its type denies unknown fields.
pub(super) struct Parameters<T>(pub(super) T);

/// Of a page that takes none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

impl<T: DeserializeOwned> FromRequestParts<App> for Parameters<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, AppError> {
        let bad = |_| {
            AppError::bad_request("a parameter in the address is unknown here, twice there, or not of its kind")
                .next(parts.uri.path(), "adm-back")
        };
        Query::<T>::try_from_uri(&parts.uri).map(|Query(asked)| Self(asked)).map_err(bad)
    }
}
