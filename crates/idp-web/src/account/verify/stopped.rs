//! Pages of a verification that stopped: each says what to do next.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp_core::account::Access;
use idp_verify::outgoing::BREAKER_PAUSE;

use crate::extract::{Member, Visitor};
use crate::oidc::authorize::leading_on;
use crate::oidc::pending::service_name;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::page::{StoppedKind, VerifyStoppedPage};
use crate::view::text::Text;

/// The page for `kind`.
pub(super) async fn stop(app: &App, visitor: &Visitor, kind: StoppedKind, request: Option<&str>) -> Response {
    let (status, retry) = match &kind {
        StoppedKind::HeldByOther | StoppedKind::NumberRests { .. } => (StatusCode::CONFLICT, false),
        StoppedKind::Deceased => (StatusCode::UNPROCESSABLE_ENTITY, false),
        StoppedKind::TriesUsedUp { .. } => (StatusCode::TOO_MANY_REQUESTS, false),
        StoppedKind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, true),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, true),
    };
    let page = VerifyStoppedPage {
        shell: visitor.shell_for(service_name(app, visitor, request).await),
        kind,
        continue_href: urls::PROFILE.to_owned(),
        continue_text: Text::key("stopped-to-profile"),
        retry_href: retry.then(|| urls::with_request(urls::VERIFY, request)),
    };
    let page = page.render_response(status).into_response();
    leading_on(visitor, request, page)
}

/// An outage: 503 with the time after which asking again makes sense, and the way on as a temporary member.
pub(super) async fn unavailable(app: &App, visitor: &Visitor, member: &Member, request: Option<&str>) -> Response {
    let goes_on = member.account.access(visitor.now) == Access::Full;
    let (continue_href, key) = match request {
        Some(handle) if goes_on => (urls::with_request(urls::RESUME, Some(handle)), "stopped-go-on"),
        _ => (urls::PROFILE.to_owned(), "stopped-to-profile"),
    };
    let page = VerifyStoppedPage {
        shell: visitor.shell_for(service_name(app, visitor, request).await),
        kind: StoppedKind::Unavailable,
        continue_href,
        continue_text: Text::key(key),
        retry_href: Some(urls::with_request(urls::VERIFY, request)),
    };
    let mut response = page.render_response(StatusCode::SERVICE_UNAVAILABLE).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(BREAKER_PAUSE.as_secs()));
    leading_on(visitor, request, response)
}
