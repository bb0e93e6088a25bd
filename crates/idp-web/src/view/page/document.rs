//! A document by itself.

use askama::Template;

use crate::view::{Document, Shell};

/// The terms of service at `/terms`, the privacy notice at `/privacy`.
#[derive(Template)]
#[template(path = "page/document.html")]
pub struct DocumentPage {
    /// What all pages share.
    pub shell: Shell,
    /// The document.
    pub document: Document,
}
