//! The tests: the store on every engine.

mod store;
