//! Delete the account.

use askama::Template;

use crate::view::{FieldErrors, Shell};

/// `POST /profile/delete` with `password`.
#[derive(Template)]
#[template(path = "page/delete.html")]
pub struct DeletePage {
    /// What all pages share.
    pub shell: Shell,
    /// The account's address, for password managers.
    pub email: String,
    /// What is wrong with the form.
    pub errors: FieldErrors,
}
