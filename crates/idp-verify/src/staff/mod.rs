//! The ministry's staff directory: the dialect it is asked in, the client that asks, and a simulator with its people.

mod client;
mod dialect;
mod personnel;
mod simulator;

pub use client::{HttpStaffDirectory, StaffSettings};
pub use personnel::{DEMO_STAFF_DOMAIN, SampleStaff, StaffOutcome, personnel};
pub use simulator::StaffSimulator;
