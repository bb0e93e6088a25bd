//! Every path of the console, once. What each needs stands in `routes.rs`.

#![expect(missing_docs, reason = "each constant is named after its page")]

use idp_core::id::ClientId;

pub const HOME: &str = "/admin";
pub const STAFF: &str = "/admin/staff";
pub const STAFF_GIVE: &str = "/admin/staff/give";
pub const STAFF_END: &str = "/admin/staff/end";
pub const STAFF_INVITE: &str = "/admin/staff/invite";
pub const CLIENTS: &str = "/admin/clients";
pub const CLIENT_NEW: &str = "/admin/clients/new";
pub const CLIENT: &str = "/admin/client/{client_id}";
pub const CLIENT_EDIT: &str = "/admin/client/{client_id}/edit";
pub const CLIENT_SECRET: &str = "/admin/client/{client_id}/secret";
pub const CLIENT_STATE: &str = "/admin/client/{client_id}/state";
pub const CLIENT_ASK: &str = "/admin/client/{client_id}/ask";
pub const APPROVALS: &str = "/admin/approvals";
pub const APPROVALS_CLIENTS: &str = "/admin/approvals/clients";
pub const AUDIT: &str = "/admin/audit";
pub const AUDIT_EXPORT: &str = "/admin/audit/export";

/// The page of a client.
pub fn client(id: &ClientId) -> String {
    CLIENT.replace("{client_id}", id.as_str())
}

/// The page on which it is changed.
pub fn client_edit(id: &ClientId) -> String {
    CLIENT_EDIT.replace("{client_id}", id.as_str())
}
