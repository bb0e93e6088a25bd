//! What members see and do, a file for each of `crates/idp-web/src/account`.

mod register;
