//! Tests through the front door, a module for each area; the store, on both engines.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod account;
mod architecture;
mod browser;
mod command;
mod jobs;
mod oidc;
mod store;
