//! What members see and do.
//!
//! Walk B of `docs/flows.md`: [`register`] → [`welcome`] → [`verify`] → the badge in the next ID token.

pub mod data;
pub mod delete;
pub mod document;
pub mod half;
pub mod home;
pub mod language;
pub mod login;
pub mod login_passkey;
pub mod mailed_factor;
pub mod new_password;
pub mod not_me;
pub mod passkeys;
pub mod password;
pub mod post_office;
pub mod profile;
pub mod proof;
pub mod recover;
mod recovery_codes;
pub mod register;
pub mod second;
pub mod services;
pub mod sign_out;
mod totp;
pub mod typed;
pub mod verify;
pub mod welcome;
pub mod well_known;
pub mod words;
pub mod work;
