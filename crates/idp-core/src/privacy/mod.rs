//! What is held about members, and for how long: one table each, from which the program works and which the
//! documentation is checked against.

pub mod held;
pub mod retention;
