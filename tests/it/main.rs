//! Tests through the front door, a module for each area; the store, on both engines.

mod browser;
mod oidc;
mod store;
