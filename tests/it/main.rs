//! Tests through the front door, a module for each area; the store, on both engines.

#![expect(clippy::unwrap_used, reason = "a test that fails says where, in its helpers too")]

mod account;
mod architecture;
mod browser;
mod command;
mod oidc;
mod store;
