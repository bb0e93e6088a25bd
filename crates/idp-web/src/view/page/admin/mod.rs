//! Pages of the console, each of the same stem as its template.

mod home;
mod invitation;
mod staff;

pub use home::HomePage;
pub use invitation::InvitationPage;
pub use staff::{StaffForm, StaffPage, StaffRow};
