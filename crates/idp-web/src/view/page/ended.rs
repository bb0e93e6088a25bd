//! The sixty days are over: verify or delete.

use askama::Template;

use crate::view::Shell;

/// Nothing but verification, deletion and sign-out.
#[derive(Template)]
#[template(path = "page/ended.html")]
pub struct EndedPage {
    /// What all pages share.
    pub shell: Shell,
    /// Last day of the temporary membership, as written.
    pub since: String,
    /// When the account is erased without a verification, as written.
    pub erased_on: Option<String>,
}
