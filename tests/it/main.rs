//! Tests through the front door, a module for each area; the store, on both engines.

// Tests await handlers that await each other deeply.
#![recursion_limit = "256"]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod account;
mod admin;
mod api;
mod architecture;
mod browser;
mod command;
mod jobs;
mod oidc;
mod parties;
mod reliability;
mod spec_map;
mod store;
