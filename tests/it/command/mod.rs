//! The `idp` program as an operator meets it: a process with arguments, files, signals and an exit code.

mod admin;
mod check;
mod client;
mod client_features;
mod client_text;
mod deeds;
mod demo;
mod every;
mod inside;
mod keys;
mod mail;
mod member;
mod migrate;
mod pages;
pub(crate) mod program;
mod serve;
mod told;
