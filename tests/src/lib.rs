//! What the tests need around them: servers that are started for a test run and end with it.

pub mod servers;
