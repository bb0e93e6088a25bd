//! placeholder
pub mod assets;
pub mod demo;
pub mod mail;
pub mod view;
