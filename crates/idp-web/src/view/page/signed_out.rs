//! Signed out, and the services this browser was signed in to hear of it.

use askama::Template;

use crate::urls;
use crate::view::Shell;

/// What is done, frames nobody sees, and the way back.
#[derive(Template)]
#[template(path = "page/signed_out.html")]
pub struct SignedOutPage {
    /// What all pages share.
    pub shell: Shell,
    /// The services' pages.
    pub frames: Vec<String>,
    /// The way back to the service that asked, proven.
    pub return_to: Option<String>,
}

impl SignedOutPage {
    fn login(&self) -> &'static str {
        urls::LOGIN
    }
}
