//! Verification: as general public or as ministry personnel, or through ThaID.

use askama::Template;

use crate::view::{Shell, Text};

/// Links to `/verify/public` and `/verify/staff`.
#[derive(Template)]
#[template(path = "page/verify.html")]
pub struct VerifyChoicePage {
    /// What all pages share.
    pub shell: Shell,
    /// The account that is being verified.
    pub account_email: String,
    /// Reference of the authorization request that waits, if any.
    pub request: Option<String>,
    /// Whether ThaID is on.
    pub thaid: bool,
    /// Something to know first.
    pub notice: Option<Text>,
    /// Name of the service that takes permanent members only and sent the person here.
    pub required_by: Option<String>,
    /// Where "not now" leads.
    pub cancel_href: String,
}

/// A link to ThaID, and what it will be asked.
#[derive(Template)]
#[template(path = "page/verify_thaid.html")]
pub struct VerifyThaidPage {
    /// What all pages share.
    pub shell: Shell,
    /// The account that is being verified.
    pub account_email: String,
    /// Where the sign-in there begins.
    pub begin_href: String,
    /// The choice of ways.
    pub back_href: String,
}
