//! Tests through the front door, a module for each area; the store, on both engines.

mod account;
mod architecture;
mod browser;
mod command;
mod jobs;
mod oidc;
mod store;
