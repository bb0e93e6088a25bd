//! A fault, and what to do next.

use askama::Template;

use crate::view::{Action, Shell, Text};

/// Every fault that is answered with a page.
#[derive(Template)]
#[template(path = "page/error.html")]
pub struct ErrorPage {
    /// What all pages share.
    pub shell: Shell,
    /// OAuth or own code, plain in the element `error-code`.
    pub code: String,
    /// Heading.
    pub title: Text,
    /// What happened and what to do.
    pub body: Text,
    /// ASCII detail for the developer of a service.
    pub detail: Option<String>,
    /// Next steps.
    pub actions: Vec<Action>,
    /// Reference of this request, to tell the staff.
    pub reference: String,
}
