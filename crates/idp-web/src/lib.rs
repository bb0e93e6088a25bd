//! MOC Account over HTTP: pages, protocol endpoints, jobs, configuration and the `idp` program.

pub mod config;
pub mod log;
pub mod proxy;
