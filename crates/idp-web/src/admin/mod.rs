//! The console: what staff do in a browser, under `/admin`.
//!
//! Reading order: [`routes`] (every address, each with the operation that it needs), [`gate`] (who comes in), [`duty`] (who
//! acts, in a handler), then a file for each page.

mod again;
mod approvals;
pub(crate) mod audit;
mod client;
mod cursor;
mod dashboard;
mod day;
mod drawer;
mod duty;
mod gate;
mod home;
mod invitation;
mod members;
pub mod paths;
mod reviews;
pub mod routes;
mod staff;
mod traffic;

pub(crate) use approvals::may_see as may_see_approval;
pub(crate) use client::{Filter as ClientFilter, find as find_client, is_unused as is_unused_client};
pub use cursor::Cursors;
pub use duty::OnDuty;
pub use invitation::{INVITATION_LIFETIME, accept as accept_invitation, first_link, page as invitation_page};
pub(crate) use members::{looks_after, masked_email, named as named_member};
pub(crate) use reviews::{Found as ReviewFound, named as named_review};

use axum::http::StatusCode;

use crate::error::AppError;

/// Somebody else changed what was about to be changed; `here` is where to look at it again.
fn overtaken(here: &str) -> AppError {
    AppError::new(StatusCode::CONFLICT, "overtaken", "adm-overtaken-title", "adm-overtaken-body").next(here, "adm-back")
}
