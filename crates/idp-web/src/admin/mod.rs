//! The console: what staff do in a browser, under `/admin`.
//!
//! Reading order: [`routes`] (every address, each with the operation that it needs), [`gate`] (who comes in), [`duty`] (who
//! acts, in a handler), then a file for each page.

#[expect(dead_code, reason = "the lists that use it come next")]
mod cursor;
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
