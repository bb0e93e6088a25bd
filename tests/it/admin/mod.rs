//! The console, a file for each of `crates/idp-web/src/admin`.

mod again;
mod approvals;
mod audit;
mod clients;
mod dashboard;
mod disputes;
mod gate;
mod invitation;
mod life;
mod lists;
mod logo;
mod matrix;
mod members;
mod reviews;
mod shown;
mod staff;
mod traffic;
mod trial;

pub(crate) use matrix::golden;
