//! Another e-mail address.

use askama::Template;

use crate::view::{FieldErrors, Shell};

/// `POST /profile/email` with `email`.
#[derive(Template)]
#[template(path = "page/email_change.html")]
pub struct EmailChangePage {
    /// What all pages share.
    pub shell: Shell,
    /// What is wrong with the form.
    pub errors: FieldErrors,
    /// The address the account has.
    pub current: String,
    /// The new address, as typed.
    pub email: String,
}
