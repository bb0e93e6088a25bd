//! Tests through the front door, a module for each area; the store, on both engines.

// The future of a test that walks through everything is deep.
#![recursion_limit = "256"]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod account;
mod architecture;
mod browser;
mod command;
mod jobs;
mod oidc;
mod store;
