//! Verification succeeded: the badge.

use askama::Template;

use crate::view::{Shell, Text};

/// Shows the badge, and leads on to the service or the profile.
#[derive(Template)]
#[template(path = "page/verify_done.html")]
pub struct VerifyDonePage {
    /// What all pages share.
    pub shell: Shell,
    /// The member's name.
    pub name: String,
    /// How the identity was verified.
    pub method: Text,
    /// Since when, as written.
    pub since: String,
    /// Where "continue" leads.
    pub continue_href: String,
    /// Name of the service that waits, if any.
    pub service: Option<String>,
}
