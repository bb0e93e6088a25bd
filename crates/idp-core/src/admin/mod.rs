//! Who looks after the provider: roles of staff, what each may do, and what takes two people.

mod api_scope;
mod approval;
mod department;
mod entry;
mod permission;
mod program;
mod role;

pub use api_scope::{ApiScope, api_resource};
pub use approval::{
    APPROVAL_LIFETIME, Approval, ApprovalKind, ApprovalState, Decision, DecisionRefusal, TwoPeople, counts_as_person,
};
pub use department::{Department, DepartmentError};
pub use entry::{AtTheGate, Entry, enter};
pub use permission::{Operation, PROOF_AGE, Reach, Weight};
pub use program::{is_program, program_id};
pub use role::{Role, Staff, StaffRole, StaffRoleError};
