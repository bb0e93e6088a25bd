//! What a request brings: parameters and bodies are exactly what the document says, or the request is refused.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use idp_core::secret::{Digest, Secret};
use serde::de::DeserializeOwned;

use super::problem::{Kind, Problem};
use crate::state::App;

/// The parameters in the URL.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<App> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let read = Query::<T>::try_from_uri(&parts.uri);
        let bad = |_| Problem::bad("a parameter in the URL is unknown here, twice there, or not of its type");
        read.map(|Query(asked)| Self(asked)).map_err(bad)
    }
}

/// The body, and a mark of the whole request.
pub(super) struct Sent<T> {
    /// The body.
    pub(super) body: T,
    /// The digest of method, path and body: whether a request is the same as one before.
    pub(super) mark: Digest,
}

impl<T: DeserializeOwned> FromRequest<App> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) {
            return Err(Problem::new(Kind::UnsupportedMediaType));
        }
        let before = format!("{} {}\n", request.method(), request.uri().path());
        let bytes = Bytes::from_request(request, app).await.map_err(|rejection: BytesRejection| {
            match rejection.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Kind::TooLarge),
                _ => Problem::bad("the body broke off"),
            }
        })?;
        let body = serde_json::from_slice(&bytes).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            if !error.is_data() {
                return Problem::bad(format!("the body is not JSON: {place}"));
            }
            // The one message that holds nothing of what was sent.
            let said = error.to_string();
            let lacks = said.split(" at line").next().filter(|text| text.starts_with("missing field `"));
            let what = lacks.unwrap_or("a member is unknown, or its value not one that the document allows");
            Problem::new(Kind::Unprocessable).detail(format!("{what}: {place}"))
        })?;
        let mut whole = before;
        whole.push_str(&String::from_utf8_lossy(&bytes));
        Ok(Self { body, mark: Secret::presented(whole).digest() })
    }
}

/// What the path names: text, whatever it is. That it names nothing is for the handler to say.
pub(super) struct Named(pub(super) String);

impl FromRequestParts<App> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let named = Path::<String>::from_request_parts(parts, app).await;
        named.map(|Path(named)| Self(named)).map_err(|_| Problem::new(Kind::NotFound))
    }
}
