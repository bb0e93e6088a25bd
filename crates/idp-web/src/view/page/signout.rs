//! Sign out, asked before it is done.

use askama::Template;

use crate::view::Shell;

/// `POST /logout` with `request`.
#[derive(Template)]
#[template(path = "page/signout.html")]
pub struct SignOutPage {
    /// What all pages share.
    pub shell: Shell,
    /// Name of the service that asked for it, if any.
    pub service: Option<String>,
    /// Reference of the sign-out request that waits, if any.
    pub request: Option<String>,
    /// Where "stay signed in" leads.
    pub cancel_href: String,
}
