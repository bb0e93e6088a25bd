//! What members see and do.
//!
//! Walk B of `docs/flows.md`: [`register`] → [`welcome`] → [`verify`] → the badge in the next ID token.

pub mod about;
pub mod about_picture;
pub mod accept;
pub mod arrival;
pub mod data;
pub mod delete;
pub mod document;
pub mod edit;
pub mod email_change;
pub mod factor_change;
pub mod half;
pub mod history;
pub mod home;
pub mod language;
pub mod login;
pub mod login_passkey;
pub mod lost_factor;
pub mod mailed_factor;
pub mod new_password;
pub mod not_me;
pub mod passkeys;
pub mod password;
pub mod personal;
pub mod post_office;
pub mod profile;
pub mod proof;
pub mod receipt;
pub mod recover;
pub mod recovery_codes;
pub mod register;
pub mod restrict;
pub mod second;
pub mod security;
pub mod seen;
pub mod services;
pub mod sign_out;
pub mod thaid;
pub mod totp;
pub mod typed;
pub mod verify;
pub mod welcome;
pub mod well_known;
pub mod words;
pub mod work;
