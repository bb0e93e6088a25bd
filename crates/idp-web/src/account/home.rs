//! `/`: the profile, or the sign-in page.

use axum::response::Response;

use crate::extract::Visitor;
use crate::urls;

/// GET.
pub async fn get(visitor: Visitor) -> Response {
    visitor.go(if visitor.member.is_some() { urls::PROFILE } else { urls::LOGIN })
}
