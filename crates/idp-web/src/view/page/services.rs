//! The services that receive something of the member, and the receipts of what was agreed to.

use askama::Template;

use crate::view::{Shell, Text};

/// What each service receives; `POST /profile/services/withdraw` with `client_id`, `POST /profile/services/withdraw-all`.
#[derive(Template)]
#[template(path = "page/services.html")]
pub struct ServicesPage {
    /// What all pages share.
    pub shell: Shell,
    /// Services the member has signed in to.
    pub services: Vec<LinkedService>,
    /// What was given and withdrawn, the newest first.
    pub receipts: Vec<ReceiptRow>,
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
    /// When it last received something, as written.
    pub last: Option<String>,
    /// Whether the member was asked, and agreed.
    pub asked: bool,
    /// What it receives.
    pub items: Vec<Text>,
}

/// A receipt, in a line.
#[derive(Clone)]
pub struct ReceiptRow {
    /// Its number.
    pub number: i64,
    /// The service.
    pub name: String,
    /// Given, or withdrawn.
    pub given: bool,
    /// When, as written.
    pub at: String,
}
