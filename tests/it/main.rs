//! Tests through the front door, a module for each area.

mod account;
mod command;
mod oidc;
