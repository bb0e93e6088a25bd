//! Somebody proved again who they are, and what they had sent waits to be sent on.

use askama::Template;

use crate::view::{Console, Shell, Text};

/// `POST` to `action` with what was typed.
#[derive(Template)]
#[template(path = "admin/again.html")]
pub struct AgainPage {
    /// What all pages share.
    pub shell: Shell,
    /// The console around it.
    pub console: Console,
    /// What will be done.
    pub what: Text,
    /// Where the form goes.
    pub action: String,
    /// The page that it was sent from.
    pub back: String,
    /// What was written in it.
    pub said: Vec<String>,
    /// Everything that was in it, by name.
    pub fields: Vec<(String, String)>,
}
