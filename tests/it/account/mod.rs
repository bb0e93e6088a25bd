//! What members see and do, a file for each of `crates/idp-web/src/account`.

mod canary;
mod delete;
mod forged_forms;
mod hub;
mod language;
mod login;
mod login_passkey;
mod not_me;
mod passkeys;
mod password;
mod profile;
mod recover;
pub(crate) mod register;
mod services;
mod sign_out;
mod verify;
mod welcome;
mod work;
