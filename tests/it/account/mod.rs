//! What members see and do, a file for each of `crates/idp-web/src/account`.

mod accept;
mod canary;
mod data;
mod delete;
mod edit;
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
mod restrict;
mod same_time;
mod second;
mod security;
mod services;
mod sign_out;
mod verify;
mod walk;
mod welcome;
