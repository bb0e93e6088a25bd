//! The provider, tested through its front door; the store, tested on both engines.

mod browser;
mod store;
