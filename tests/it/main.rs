//! The provider, tested through its front door.

mod browser;
