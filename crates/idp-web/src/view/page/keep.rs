//! Changing one's mind about deletion.

use askama::Template;

use crate::view::shell::Shell;

/// Asks whether to keep an account that is about to be erased.
#[derive(Template)]
#[template(path = "page/keep.html")]
pub struct KeepPage {
    /// What all pages share.
    pub shell: Shell,
}
