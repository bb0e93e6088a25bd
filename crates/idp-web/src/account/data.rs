//! `/profile/data`: the ways to see, have and end what is held about oneself.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::profile;
use crate::extract::Visitor;
use crate::view::Page as _;
use crate::view::page::DataPage;

/// GET.
pub async fn get(visitor: Visitor) -> Response {
    match profile::at_home(&visitor) {
        Ok(_) => visitor.dress(DataPage { shell: visitor.shell() }.render_response(StatusCode::OK).into_response()),
        Err(elsewhere) => *elsewhere,
    }
}
