//! A new version of terms or privacy notice.

use askama::Template;

use crate::view::{Document, FieldErrors, Shell};

/// `POST /terms/accept` with `version`, and `accept_terms`, `read_privacy`, each `yes`, for what is new.
#[derive(Template)]
#[template(path = "page/accept.html")]
pub struct AcceptPage {
    /// What all pages share.
    pub shell: Shell,
    /// What is wrong with the form.
    pub errors: FieldErrors,
    /// The terms of service, where they are new.
    pub terms: Option<Document>,
    /// The privacy notice, where it is new.
    pub privacy: Option<Document>,
    /// Both versions in force.
    pub version: &'static str,
    /// The sign-in that waits.
    pub request: Option<String>,
    /// The way out for who does not accept.
    pub cancel_href: String,
}
