//! Registration, step 3: the e-mail address.

use askama::Template;

use crate::view::{FieldErrors, Shell};

/// `POST /register/email` with `email`.
#[derive(Template)]
#[template(path = "page/register_email.html")]
pub struct EmailPage {
    /// What all pages share.
    pub shell: Shell,
    /// What is wrong with the form.
    pub errors: FieldErrors,
    /// What was typed, kept.
    pub email: String,
    /// Whether ministry personnel registers, who is told about the ministry's mailbox.
    pub staff: bool,
}
