//! Pages of the console, each of the same stem as its template.

mod again;
mod approvals;
mod audit;
mod client;
mod client_done;
mod client_form;
mod client_trial;
mod clients;
mod dashboard;
mod home;
mod invitation;
mod member;
mod member_reason;
mod members;
mod reviews;
mod staff;
mod traffic;

pub use again::AgainPage;
pub use approvals::{ApprovalRow, ApprovalsPage};
pub use audit::{AuditForm, AuditPage, AuditRow};
pub use client::{ClientPage, NoticeRow, Outcome};
pub use client_done::{ClientDonePage, Snippet};
pub use client_form::{ClientForm, ClientFormPage, ScopeTick};
pub use client_trial::{TrialCheck, TrialPage, TrialStep};
pub use clients::{ClientFilter, ClientRow, ClientsPage, Weak};
pub use dashboard::{DashboardPage, EndpointRow, RangeLink, Tile};
pub use home::HomePage;
pub use invitation::InvitationPage;
pub use member::{DeedForm, Evidence, Line, MemberPage, Shown, WithdrawalRequest};
pub use member_reason::MemberReasonPage;
pub use members::{Found, MemberRow, MembersPage};
pub use reviews::{ReviewPage, ReviewRow, ReviewsPage};
pub use staff::{InvitationRow, StaffForm, StaffPage, StaffRow};
pub use traffic::{TrafficForm, TrafficPage, TrafficRow};
