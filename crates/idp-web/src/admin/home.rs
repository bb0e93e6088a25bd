//! `/admin`: what there is for somebody to do.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::{OnDuty, paths};
use crate::extract::Visitor;
use crate::view::Page as _;
use crate::view::page::admin::HomePage;

/// GET.
pub(super) async fn get(duty: OnDuty, visitor: Visitor) -> Response {
    let page = HomePage { shell: visitor.shell(), console: duty.console(paths::HOME) };
    visitor.dress(page.render_response(StatusCode::OK).into_response())
}
