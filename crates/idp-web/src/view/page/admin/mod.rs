//! Pages of the console, each of the same stem as its template.

mod home;
mod invitation;
mod member;
mod member_reason;
mod members;
mod reviews;
mod staff;

pub use home::HomePage;
pub use invitation::InvitationPage;
pub use member::{DeedForm, Evidence, Line, MemberPage, WithdrawalRequest};
pub use member_reason::MemberReasonPage;
pub use members::{Found, MemberRow, MembersPage};
pub use reviews::{ReviewPage, ReviewRow, ReviewsPage};
pub use staff::{StaffForm, StaffPage, StaffRow};
