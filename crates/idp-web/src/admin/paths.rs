//! Every path of the console, once. What each needs stands in `routes.rs`.

#![expect(missing_docs, reason = "each constant is named after its page")]

use idp_core::id::ClientId;

pub const HOME: &str = "/admin";
/// Where somebody comes back to who had to prove again on the way.
pub const AGAIN: &str = "/admin/again";
pub const STAFF: &str = "/admin/staff";
pub const STAFF_GIVE: &str = "/admin/staff/give";
pub const STAFF_END: &str = "/admin/staff/end";
pub const STAFF_INVITE: &str = "/admin/staff/invite";
pub const STAFF_WITHDRAW: &str = "/admin/staff/withdraw";
pub const CLIENTS: &str = "/admin/clients";
pub const CLIENT_NEW: &str = "/admin/clients/new";
/// What is wrong with the form as far as it is typed.
pub const CLIENT_CHECK: &str = "/admin/clients/check";
pub const CLIENT: &str = "/admin/client/{client_id}";
pub const CLIENT_EDIT: &str = "/admin/client/{client_id}/edit";
pub const CLIENT_SECRET: &str = "/admin/client/{client_id}/secret";
/// The secrets before the one in use, to be ended.
pub const CLIENT_SECRET_OLDER: &str = "/admin/client/{client_id}/secret-older";
pub const CLIENT_STATE: &str = "/admin/client/{client_id}/state";
pub const CLIENT_ASK: &str = "/admin/client/{client_id}/ask";
pub const CLIENT_TRY: &str = "/admin/client/{client_id}/try";
/// Where every trial is answered.
pub const TRIAL: &str = "/admin/trial";
pub const APPROVALS: &str = "/admin/approvals";
pub const APPROVALS_CLIENTS: &str = "/admin/approvals/clients";
pub const APPROVALS_MEMBERS: &str = "/admin/approvals/members";
pub const DASHBOARD: &str = "/admin/dashboard";
pub const DASHBOARD_CSV: &str = "/admin/dashboard.csv";
pub const TRAFFIC: &str = "/admin/traffic";
pub const TRAFFIC_EXPORT: &str = "/admin/traffic/export";
pub const AUDIT: &str = "/admin/audit";
pub const AUDIT_EXPORT: &str = "/admin/audit/export";

pub const MEMBERS: &str = "/admin/members";
pub const MEMBERS_SEARCH: &str = "/admin/members/search";
pub const MEMBERS_NUMBER: &str = "/admin/members/number";
pub const MEMBER: &str = "/admin/members/{account}";
pub const MEMBER_OPEN: &str = "/admin/members/{account}/open";
pub const MEMBER_SUSPEND: &str = "/admin/members/{account}/suspend";
pub const MEMBER_RESTORE: &str = "/admin/members/{account}/restore";
pub const MEMBER_SESSIONS: &str = "/admin/members/{account}/sessions";
pub const MEMBER_RECOVERY: &str = "/admin/members/{account}/recovery";
pub const MEMBER_MAIL: &str = "/admin/members/{account}/mail";
pub const MEMBER_EXTEND: &str = "/admin/members/{account}/extend";
pub const MEMBER_SHOWN: &str = "/admin/members/{account}/remove-shown";
pub const MEMBER_BADGE: &str = "/admin/members/{account}/badge";
pub const MEMBER_BADGE_APPROVE: &str = "/admin/members/{account}/badge-approve";
pub const MEMBER_BADGE_DECLINE: &str = "/admin/members/{account}/badge-decline";

pub const REVIEWS: &str = "/admin/reviews";
pub const REVIEW: &str = "/admin/reviews/{id}";
pub const REVIEW_TAKE: &str = "/admin/reviews/{id}/take";
pub const REVIEW_RELEASE: &str = "/admin/reviews/{id}/release";
pub const REVIEW_HAND_OVER: &str = "/admin/reviews/{id}/hand-over";
pub const REVIEW_APPROVE: &str = "/admin/reviews/{id}/approve";
pub const REVIEW_DECLINE: &str = "/admin/reviews/{id}/decline";

/// The page of a client.
pub fn client(id: &ClientId) -> String {
    CLIENT.replace("{client_id}", id.as_str())
}

/// The page of its last trial, at which one is begun.
pub fn client_try(id: &ClientId) -> String {
    CLIENT_TRY.replace("{client_id}", id.as_str())
}

/// The page on which it is changed.
pub fn client_edit(id: &ClientId) -> String {
    CLIENT_EDIT.replace("{client_id}", id.as_str())
}
