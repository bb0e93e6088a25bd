//! A posted form: from this site, from this browser, each field once.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{HeaderMap, StatusCode, header};
use idp_core::authorize::RawRequest;
use url::form_urlencoded;
use zeroize::Zeroize;

use super::Visitor;
use crate::error::AppError;
use crate::state::App;

/// What the browser says of the page a request comes from (Fetch Metadata).
pub(crate) const FETCH_SITE: &str = "sec-fetch-site";

/// A form that may be acted on, and the visitor who sent it.
pub struct Posted {
    /// Who sent it.
    pub visitor: Visitor,
    fields: RawRequest,
}

impl Posted {
    /// A field as it was typed; absent and empty are the same.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).unwrap_or_default()
    }

    /// A field that is there and not empty.
    pub fn given(&self, name: &str) -> Option<&str> {
        self.fields.get(name)
    }

    /// A form whose token was judged, read from its parts.
    pub(super) fn of(visitor: Visitor, fields: &[(String, String)]) -> Result<Self, AppError> {
        let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Ok(Self { visitor, fields: RawRequest::parse(&[&text])? })
    }

    /// The names of all fields.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.names()
    }

    /// What was typed, without the form's token.
    pub fn typed(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.names().filter(|name| *name != "csrf").map(|name| (name, self.field(name)))
    }

    /// Whether a box was ticked.
    pub fn is_ticked(&self, name: &str) -> bool {
        self.fields.get(name) == Some("yes")
    }

    /// The sign-in that waits for this page.
    pub fn request(&self) -> Option<&str> {
        crate::oidc::pending::handle(self.fields.get("request")?)
    }
}

impl FromRequest<App> for Posted {
    type Rejection = AppError;

    async fn from_request(request: Request, app: &App) -> Result<Self, AppError> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, app).await?;
        if !is_form(&parts.headers) {
            return Err(another_form());
        }
        if !is_from_here(&parts.headers, app.issuer()) {
            return Err(AppError::forged_form());
        }
        let bytes = Bytes::from_request(Request::from_parts(parts, body), app).await.map_err(|_| too_large())?;
        let mut text = String::from_utf8(bytes.to_vec()).map_err(|_| AppError::bad_request("the form is not UTF-8"))?;
        let fields = RawRequest::parse(&[&text]);
        text.zeroize();
        let fields = fields?;
        if !fields.get("csrf").is_some_and(|token| visitor.owns_form(token)) {
            return Err(AppError::forged_form());
        }
        Ok(Self { visitor, fields })
    }
}

/// A body of a kind that is no form of ours.
pub(super) fn another_form() -> AppError {
    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    AppError::new(status, "invalid_request", "error-page-request-title", "error-page-request-body")
}

/// A body longer than anything a page of ours sends.
pub(super) fn too_large() -> AppError {
    let status = StatusCode::PAYLOAD_TOO_LARGE;
    AppError::new(status, "too_large", "error-page-request-title", "error-page-request-body")
}

/// Whether the body is `application/x-www-form-urlencoded`.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// Whether the browser says that a page of ours sent this. Old browsers say nothing; then the form's token decides.
pub(super) fn is_from_here(headers: &HeaderMap, issuer: &str) -> bool {
    let fetch_site = headers.get(FETCH_SITE).map(|value| value.as_bytes());
    let site_ok = matches!(fetch_site, None | Some(b"same-origin" | b"none"));
    let origin_ok = headers.get(header::ORIGIN).is_none_or(|value| value.as_bytes() == issuer.as_bytes());
    site_ok && origin_ok
}
