//! The authorization request, from strings to a decision.
//!
//! 1. [`RawRequest`]: strings, each parameter once.
//! 2. [`ReturnAddress`]: client and redirect URI proven; the only type that can build an answer to the client.
//! 3. [`AuthorizationRequest`]: every parameter typed.
//! 4. [`decide()`]: what comes next, from the request and the [`Situation`] alone.
//!
//! An error before step 2 is a page; after it, an answer to the client.

mod decide;
mod error;
mod raw;
mod request;
mod return_address;
mod situation;

pub use decide::{Next, SignInReason, VerifyReason, decide};
pub use error::{ErrorCode, ProtocolError};
pub use raw::{RawError, RawRequest};
pub use request::{AuthorizationRequest, Prompt};
pub use return_address::{AddressError, Answer, ResponseMode, ReturnAddress};
pub use situation::{Hint, SignedIn, Situation};
