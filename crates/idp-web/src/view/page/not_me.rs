//! Somebody says: that was not me.

use askama::Template;

use crate::view::{Shell, Text};

/// `POST /not-me` with `token`, so that a mail scanner following the link does nothing.
#[derive(Template)]
#[template(path = "page/not_me.html")]
pub struct NotMePage {
    /// What all pages share.
    pub shell: Shell,
    /// Secret of the link in the mail.
    pub token: String,
    /// What was done in the person's name.
    pub what: Text,
    /// What pressing the button does.
    pub then: Text,
    /// What the button says.
    pub confirm: Text,
}
