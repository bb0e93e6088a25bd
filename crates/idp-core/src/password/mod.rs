//! Passwords: what is good enough, and how one is kept.

mod hash;
pub mod policy;

pub use hash::{HashCost, HashMemory, PasswordHash};
