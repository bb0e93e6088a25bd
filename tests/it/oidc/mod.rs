//! The protocol spine.

mod sign_in;
