//! The console: what staff do in a browser, under `/admin`.
//!
//! Reading order: [`routes`] (every address, each with the operation that it needs), [`gate`] (who comes in), [`duty`] (who
//! acts, in a handler), then a file for each page.

mod approvals;
pub(crate) mod audit;
mod client;
mod cursor;
mod dashboard;
mod duty;
mod gate;
mod home;
mod invitation;
mod members;
pub mod paths;
mod reviews;
pub mod routes;
mod staff;

pub use cursor::Cursors;
pub use duty::OnDuty;
pub use invitation::{INVITATION_LIFETIME, accept as accept_invitation, first_link, page as invitation_page};
pub(crate) use members::masked_email;

use axum::http::StatusCode;

use crate::error::AppError;

/// Somebody else changed what was about to be changed; `here` is where to look at it again.
fn overtaken(here: &str) -> AppError {
    AppError::new(StatusCode::CONFLICT, "overtaken", "adm-overtaken-title", "adm-overtaken-body").next(here, "adm-back")
}
