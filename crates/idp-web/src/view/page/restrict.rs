//! Have the account rest, or take it into use again.

use askama::Template;

use crate::view::Shell;

/// `POST /profile/restrict`, or `POST /profile/restrict/lift`.
#[derive(Template)]
#[template(path = "page/restrict.html")]
pub struct RestrictPage {
    /// What all pages share.
    pub shell: Shell,
    /// Since when it rests, as written; `None` when it is in use.
    pub since: Option<String>,
}
