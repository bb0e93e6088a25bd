//! A forgotten password: which mailbox gets the link.

use askama::Template;

use super::WorkView;
use crate::view::{FieldErrors, Shell};

/// `POST /recover` with `email`.
#[derive(Template)]
#[template(path = "page/recover.html")]
pub struct RecoverPage {
    /// What all pages share.
    pub shell: Shell,
    /// Reference of the authorization request that waits, if any.
    pub request: Option<String>,
    /// What is wrong with the form.
    pub errors: FieldErrors,
    /// What was typed, kept.
    pub email: String,
    /// What is to be worked or waited for first, after repeated failures.
    pub work: Option<WorkView>,
}
