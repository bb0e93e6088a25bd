//! What the tests need around them: servers that end with the test run, and a browser.

pub mod chromium;
pub mod servers;
