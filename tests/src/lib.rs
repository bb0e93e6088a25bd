//! What the tests through the front door share.

pub mod chromium;
