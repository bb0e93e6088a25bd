//! The console, a file for each of `crates/idp-web/src/admin`.

mod gate;
mod invitation;
mod matrix;
mod members;
mod reviews;
mod staff;
