//! Every path of the console, once. What each needs stands in `routes.rs`.

#![expect(missing_docs, reason = "each constant is named after its page")]

pub const HOME: &str = "/admin";
pub const STAFF: &str = "/admin/staff";
pub const STAFF_GIVE: &str = "/admin/staff/give";
pub const STAFF_END: &str = "/admin/staff/end";
pub const STAFF_INVITE: &str = "/admin/staff/invite";
