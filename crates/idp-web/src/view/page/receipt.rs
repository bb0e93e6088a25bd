//! One consent receipt.

use askama::Template;

use crate::view::{Shell, Text};

/// What was agreed to or withdrawn, when, and on which texts; a link to it as a file.
#[derive(Template)]
#[template(path = "page/receipt.html")]
pub struct ReceiptPage {
    /// What all pages share.
    pub shell: Shell,
    /// Its number.
    pub number: i64,
    /// The service.
    pub name: String,
    /// The department that answers for it.
    pub owner: String,
    /// What the service is for.
    pub purpose: String,
    /// Given, or withdrawn.
    pub given: bool,
    /// When, as written.
    pub at: String,
    /// What may be received.
    pub items: Vec<Text>,
    /// The version of the words on the consent page.
    pub text_version: Option<String>,
    /// The documents accepted by then: what they are called, and where they are.
    pub documents: Vec<(Text, String)>,
}
