//! The civil registry: the dialect it is asked in, the client that asks, and a simulator with its sample citizens.

mod citizens;
mod client;
mod dialect;
mod simulator;

pub use citizens::{Outcome, SampleCitizen, citizens};
pub use client::{HttpRegistry, RegistrySettings};
pub use simulator::RegistrySimulator;
