//! Everything that is held about a member, to be read.

use askama::Template;

use crate::view::Shell;

/// Section by section, row by row.
#[derive(Template)]
#[template(path = "page/held.html")]
pub struct HeldPage {
    /// What all pages share.
    pub shell: Shell,
    /// The sections; those without rows say so.
    pub sections: Vec<HeldSection>,
    /// When it was put together, as written.
    pub made_at: String,
}

/// A section.
#[derive(Clone)]
pub struct HeldSection {
    /// The message with its name.
    pub label: &'static str,
    /// Its rows.
    pub rows: Vec<Vec<HeldLine>>,
}

/// A value with its name.
#[derive(Clone)]
pub struct HeldLine {
    /// The message with its name.
    pub label: &'static str,
    /// As written.
    pub value: String,
}
