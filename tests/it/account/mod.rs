//! What members see and do, a file for each of `crates/idp-web/src/account`.

mod canary;
mod delete;
mod forged_forms;
mod hub;
mod language;
mod login;
mod not_me;
mod password;
mod profile;
mod recover;
pub(crate) mod register;
mod second;
mod security;
mod services;
mod sign_out;
mod verify;
mod welcome;
