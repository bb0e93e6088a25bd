//! The console, a file for each of `crates/idp-web/src/admin`.

mod approvals;
mod audit;
mod clients;
mod dashboard;
mod disputes;
mod gate;
mod invitation;
mod life;
mod lists;
mod matrix;
mod members;
mod reviews;
mod staff;
mod traffic;

pub(crate) use matrix::golden;
