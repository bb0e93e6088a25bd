//! MOC Account over HTTP: pages, protocol endpoints, jobs, configuration and the `idp` program.
//!
//! Reading order: [`routes`] is the URL table; [`oidc`] and [`account`] hold a file for each URL; [`run`] starts it all.

pub mod account;
pub mod admin;
pub mod api;
pub mod assets;
pub mod clients;
pub mod command;
pub mod config;
pub mod demo;
pub mod egress;
pub mod error;
pub mod extract;
pub mod figures;
pub mod hasher;
pub mod jobs;
pub mod key_rotation;
pub mod keys;
pub mod listener;
pub mod log;
pub mod logo;
pub mod mail;
pub mod members;
pub mod middleware;
pub mod oidc;
pub mod passkey;
pub mod picture;
pub mod portrait;
pub mod proxy;
pub mod roles;
pub mod routes;
pub mod run;
pub mod state;
pub mod time;
pub mod traffic;
pub mod urls;
pub mod usage;
pub mod view;
