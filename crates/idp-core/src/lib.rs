//! What the provider decides, as pure values: no clock, no chance, no store, no network.

pub mod email;
pub mod password;
pub mod phone;
pub mod thai;
