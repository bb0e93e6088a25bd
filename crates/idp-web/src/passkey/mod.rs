//! Passkeys (Web Authentication): what the browser is asked, where the question waits, and what an answer proves.
//!
//! [`door`] is the only place that names the library; [`ceremony`] keeps a question for five minutes, for one browser and
//! one answer. Pages: `account/passkeys` adds and removes, `account/passkey_sign_in` signs in.

pub mod ceremony;
pub mod door;

pub use ceremony::{begin, take};
pub use door::{Assertion, Ceremony, Door, NewKey, Proven, Refusal};
