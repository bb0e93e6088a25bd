//! Passwords: which are strong enough.

pub mod policy;
