//! Tests through the front door, a module for each area; the store, on both engines; the shape of the workspace.

mod architecture;
mod browser;
mod oidc;
mod store;
