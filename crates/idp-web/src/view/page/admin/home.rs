//! What there is to do.

use askama::Template;

use crate::view::{Console, Shell};

/// The sections that somebody may open.
#[derive(Template)]
#[template(path = "admin/home.html")]
pub struct HomePage {
    /// What all pages share.
    pub shell: Shell,
    /// The console around it.
    pub console: Console,
}
