//! What a member may ask of those who hold their data.

use askama::Template;

use crate::view::Shell;

/// The ways to see, have and end what is held.
#[derive(Template)]
#[template(path = "page/data.html")]
pub struct DataPage {
    /// What all pages share.
    pub shell: Shell,
}
