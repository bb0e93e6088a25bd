//! Become staff.

use askama::Template;

use crate::view::{Shell, Text};

/// `POST /staff/invitation` with `token`.
#[derive(Template)]
#[template(path = "admin/invitation.html")]
pub struct InvitationPage {
    /// What all pages share.
    pub shell: Shell,
    /// The link's secret.
    pub token: String,
    /// The role it gives.
    pub role: Text,
    /// The department it is bound to.
    pub department: Option<String>,
}
