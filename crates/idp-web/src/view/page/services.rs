//! The services that receive something of the member.

use askama::Template;

use crate::view::{Shell, Text};

/// What each service receives; `POST /profile/services/withdraw` with `client_id`.
#[derive(Template)]
#[template(path = "page/services.html")]
pub struct ServicesPage {
    /// What all pages share.
    pub shell: Shell,
    /// Services the member has signed in to.
    pub services: Vec<LinkedService>,
}

/// A service the member has signed in to.
#[derive(Clone)]
pub struct LinkedService {
    /// Its `client_id`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The department that answers for it.
    pub owner: String,
    /// Since when, as written.
    pub since: String,
    /// Whether the member was asked, and agreed.
    pub asked: bool,
    /// What it receives.
    pub items: Vec<Text>,
}
