//! The answer to a service, carried by a form.

use askama::Template;

use crate::view::Shell;

/// OAuth 2.0 Form Post Response Mode: sent on by the static script, by a button where there is none.
#[derive(Template)]
#[template(path = "page/form_post.html")]
pub struct FormPostPage {
    /// What all pages share.
    pub shell: Shell,
    /// Where the form goes: the service's redirect URI.
    pub action: String,
    /// Names and values of the answer.
    pub fields: Vec<(String, String)>,
}
