//! The authorization request, from strings to a decision.
//!
//! 1. [`RawRequest`]: strings, each parameter once.
//! 2. [`ReturnAddress`]: client and redirect URI proven; the only type that can build an answer to the client.
//! 3. [`AuthorizationRequest`]: every parameter typed.
//! 4. [`decide()`]: what comes next, from the request and the [`Situation`] alone.
//!
//! An error before step 2 is a page; after it, an answer to the client.

mod acr;
mod claims_request;
mod decide;
mod error;
mod raw;
mod request;
pub mod request_object;
mod response_mode;
mod return_address;
mod situation;
mod verified_request;
mod voice;

pub use acr::AcrWish;
pub use claims_request::ClaimsRequest;
pub use decide::{Next, SignInReason, VerifyReason, decide};
pub use error::{ErrorCode, ProtocolError};
pub use raw::{RawError, RawRequest};
pub use request::{AuthorizationRequest, Prompt};
pub use response_mode::{Carrier, ResponseMode};
pub use return_address::{AddressError, Answer, ReturnAddress};
pub use situation::{Hint, SignedIn, Situation};
pub use voice::Voice;
