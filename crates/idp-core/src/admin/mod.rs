//! Who looks after the provider: roles of staff, what each may do, and what takes two people.

mod approval;
mod department;
mod entry;
mod permission;
mod role;

pub use approval::{APPROVAL_LIFETIME, Approval, ApprovalKind, ApprovalState, Decision, DecisionRefusal};
pub use department::{Department, DepartmentError};
pub use entry::{AtTheGate, Entry, enter};
pub use permission::{Operation, PROOF_AGE, Reach, Weight};
pub use role::{Role, Staff, StaffRole, StaffRoleError};
