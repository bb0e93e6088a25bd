//! What members see and do, a file for each of `crates/idp-web/src/account`.

mod canary;
mod delete;
mod email_change;
mod forged_forms;
mod history;
mod hub;
mod language;
mod login;
mod new_device;
mod not_me;
mod password;
mod profile;
mod recover;
pub(crate) mod register;
mod same_time;
mod services;
mod sign_out;
mod verify;
mod walk;
mod welcome;
