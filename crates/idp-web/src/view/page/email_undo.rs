//! A change of address is taken back.

use askama::Template;

use crate::view::Shell;

/// `POST /profile/email/undo` with `token`, so that a mail scanner following the link does nothing.
#[derive(Template)]
#[template(path = "page/email_undo.html")]
pub struct EmailUndoPage {
    /// What all pages share.
    pub shell: Shell,
    /// Secret of the link in the mail.
    pub token: String,
    /// The address that the account will have again.
    pub email: String,
}
