//! Registration, step 2: terms of service and privacy notice.

use askama::Template;

use crate::view::{Document, FieldErrors, Shell};

/// `POST /register/terms` with `accept_terms` and `read_privacy`, both `yes`; never ticked beforehand (PDPA s.19).
#[derive(Template)]
#[template(path = "page/register_terms.html")]
pub struct TermsPage {
    /// What all pages share.
    pub shell: Shell,
    /// What is wrong with the form.
    pub errors: FieldErrors,
    /// The terms of service in force.
    pub terms: Document,
    /// The privacy notice in force.
    pub privacy: Document,
}
