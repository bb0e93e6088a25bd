//! Numbers for the dashboard: what is counted, in which spans of time, and how long answers took. No line of them names
//! anybody.

mod counted;
mod histogram;
mod span;

pub use counted::{Counted, activity, counted};
pub use histogram::{BOUNDS, BUCKETS, bucket_of, percentile};
pub use span::{Range, Span};

/// Attempts to sign in: `signed_in`, `failed`, `second_failed`.
pub const SIGN_INS: &str = "sign_ins";
/// Accounts that came and went: `registered`, `erased`.
pub const ACCOUNTS: &str = "accounts";
/// Verifications that were settled, by outcome.
pub const VERIFICATIONS: &str = "verifications";
/// How many were active in a span, each counted once: `members`, `services`.
pub const ACTIVE: &str = "active";
/// How many there are: `permanent`, `temporary`.
pub const MEMBERS: &str = "members";
/// Temporary memberships by the day on which they end; told ahead and not counted up.
pub const ENDING: &str = "ending";
/// What waits to be delivered: `mails`, `notices`, `events`.
pub const WAITING: &str = "waiting";
/// What was delivered, tried in vain and given up: `notice_delivered`, `mail_sent`, …
pub const DELIVERIES: &str = "deliveries";
/// Answers by endpoint and class: `token/2`, the first digit of the status.
pub const ANSWERS: &str = "answers";
/// Answers by endpoint and how long they took: `token/07`, the number of the bucket.
pub const LATENCY: &str = "latency";
