//! Verification of personnel: the mailbox at the ministry.

use askama::Template;

use crate::view::{FieldErrors, Shell};

/// `POST /verify/staff/mailbox` with `email`.
#[derive(Template)]
#[template(path = "page/verify_mailbox.html")]
pub struct StaffMailboxPage {
    /// What all pages share.
    pub shell: Shell,
    /// What is wrong with the form.
    pub errors: FieldErrors,
    /// What was typed, kept.
    pub email: String,
    /// Domains of the ministry's mailboxes, such as `moc.go.th`.
    pub domains: Vec<String>,
    /// The sign-in that waits, if one does.
    pub request: Option<String>,
}
