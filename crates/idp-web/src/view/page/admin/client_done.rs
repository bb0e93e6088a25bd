//! A client was registered, or has a new secret.

use askama::Template;

use crate::view::{Console, Shell, Text};

/// The id, the secret this once, and lines to copy.
#[derive(Template)]
#[template(path = "admin/client_done.html")]
pub struct ClientDonePage {
    /// What all pages share.
    pub shell: Shell,
    /// The console around it.
    pub console: Console,
    /// What was done.
    pub title: Text,
    /// The `client_id`.
    pub client_id: String,
    /// The secret, if it has one.
    pub secret: Option<String>,
    /// The issuer.
    pub issuer: String,
    /// Lines to copy.
    pub snippets: Vec<Snippet>,
    /// The client's page.
    pub href: String,
    /// Whether the reader tries a sign-in to it.
    pub may_try: bool,
}

/// Lines to copy.
#[derive(Clone, Debug)]
pub struct Snippet {
    /// For which stack.
    pub stack: &'static str,
    /// The lines.
    pub text: String,
}
