//! What can go wrong on the way to a page. Every failure names a next step; the page is drawn by
//! `middleware::error_pages`, which knows the visitor's language.

use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp_core::authorize::{AddressError, ProtocolError, RawError};
use idp_store::StoreError;

use crate::hasher::HasherBusy;
use crate::view::text::Text;

/// A failure that ends in a page.
#[derive(Clone, Debug)]
pub struct AppError(Arc<Failure>);

/// What the page of a failure says.
#[derive(Debug)]
pub struct Failure {
    /// The HTTP status.
    pub status: StatusCode,
    /// The code in the element `error-code`.
    pub code: &'static str,
    /// The title.
    pub title: Text,
    /// What to do.
    pub body: Text,
    /// For developers: ASCII, never what was sent.
    pub detail: Option<String>,
    /// For the log alone.
    pub private: Option<String>,
    /// Where to go next; without it, home.
    pub next: Option<(String, Text)>,
}

impl AppError {
    /// A failure with the words of the messages `error-page-<name>-title` and `-body`.
    pub fn new(status: StatusCode, code: &'static str, title: &'static str, body: &'static str) -> Self {
        Self(Arc::new(Failure {
            status,
            code,
            title: Text::key(title),
            body: Text::key(body),
            detail: None,
            private: None,
            next: None,
        }))
    }

    fn change(self, change: impl FnOnce(&mut Failure)) -> Self {
        let mut failure = Arc::into_inner(self.0).expect("an error is changed only while it is made");
        change(&mut failure);
        Self(Arc::new(failure))
    }

    /// With a sentence for developers.
    #[must_use]
    pub fn detail(self, detail: impl Into<String>) -> Self {
        self.change(|failure| failure.detail = Some(detail.into()))
    }

    /// With values for its title and body.
    #[must_use]
    pub fn saying(self, values: &[(&'static str, String)]) -> Self {
        self.change(|failure| {
            failure.title.args.extend_from_slice(values);
            failure.body.args.extend_from_slice(values);
        })
    }

    /// With another place to go next.
    #[must_use]
    pub fn next(self, href: impl Into<String>, text: &'static str) -> Self {
        self.change(|failure| failure.next = Some((href.into(), Text::key(text))))
    }

    /// A request that makes no sense.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", "error-page-request-title", "error-page-request-body")
            .detail(detail)
    }

    /// A form without the token of this browser, or from another site.
    pub fn forged_form() -> Self {
        Self::new(StatusCode::FORBIDDEN, "form_expired", "error-page-form-title", "error-page-form-body")
    }

    /// There is no such page.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "error-page-missing-title", "error-page-missing-body")
    }

    /// The sign-in that was under way is gone, or belongs to another browser.
    pub fn request_gone() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "request_expired", "error-page-expired-title", "error-page-expired-body")
    }

    /// Too many requests from one place.
    pub fn too_many() -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "error-page-often-title", "rate-limited")
    }

    /// Something of ours is down for a moment.
    pub fn unavailable(private: impl Into<String>) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "temporarily_unavailable",
            "error-page-busy-title",
            "error-page-busy-body",
        )
        .change(|failure| failure.private = Some(private.into()))
    }

    /// A bug or a broken row.
    pub fn internal(private: impl Into<String>) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            "error-page-broken-title",
            "error-page-broken-body",
        )
        .change(|failure| failure.private = Some(private.into()))
    }

    /// What the page says.
    pub fn failure(&self) -> &Failure {
        &self.0
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        if let Some(private) = &self.0.private {
            tracing::error!(error.code = self.0.code, "{private}");
        }
        let mut response = self.0.status.into_response();
        if matches!(self.0.status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Corrupt { .. } | StoreError::Seal(_) => Self::internal(error.to_string()),
            _ => Self::unavailable(error.to_string()),
        }
    }
}

impl From<HasherBusy> for AppError {
    fn from(error: HasherBusy) -> Self {
        Self::unavailable(error.to_string())
    }
}

impl From<ProtocolError> for AppError {
    fn from(error: ProtocolError) -> Self {
        let code = error.code.as_str();
        Self::new(StatusCode::BAD_REQUEST, code, "error-page-service-title", "error-page-service-body")
            .detail(error.description)
    }
}

impl From<RawError> for AppError {
    fn from(error: RawError) -> Self {
        Self::bad_request(error.to_string())
    }
}

impl From<AddressError> for AppError {
    fn from(error: AddressError) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", "error-page-service-title", "error-page-service-body")
            .detail(error.to_string())
    }
}
