//! What handlers are given: who is visiting, and what they posted.

mod cookie;
mod posted;
mod upload;
mod visitor;

pub use cookie::{Cookie, CookieJar};
pub(crate) use posted::FETCH_SITE;
pub use posted::Posted;
pub(crate) use posted::is_form;
pub use upload::{PostedWithFile, Sent, Upload};
pub(crate) use visitor::origin;
pub use visitor::{Member, Visitor, see_other};
