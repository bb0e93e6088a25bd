//! Why somebody opens a member's page.

use askama::Template;

use crate::view::{Console, FieldErrors, Shell};

/// `POST {action}` with `reason`.
#[derive(Template)]
#[template(path = "admin/member_reason.html")]
pub struct MemberReasonPage {
    /// What all pages share.
    pub shell: Shell,
    /// The console around it.
    pub console: Console,
    /// Where the reason is sent.
    pub action: String,
    /// The account's id.
    pub account: String,
    /// What was typed.
    pub reason: String,
    /// What is wrong with it.
    pub errors: FieldErrors,
}
