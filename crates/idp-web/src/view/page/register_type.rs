//! Registration, step 1: which kind of member.

use askama::Template;

use crate::view::{FieldErrors, Shell};

/// `POST /register` with `member_type` = `public` or `staff`.
#[derive(Template)]
#[template(path = "page/register_type.html")]
pub struct MemberTypePage {
    /// What all pages share.
    pub shell: Shell,
    /// Reference of the authorization request that waits, if any.
    pub request: Option<String>,
    /// What is wrong with the form.
    pub errors: FieldErrors,
}
