//! `/recover`: a forgotten password, by a mailed link. The link lets its holder set a password and nothing else: it signs
//! nobody in, lifts no suspension and no freezing, and gives no badge.

mod ask;
mod set;

pub use ask::{get as ask_page, post as ask};
pub use set::{get as set_page, post as set};

use chrono::TimeDelta;

/// How long a link may be used.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(30);
