//! May this service have these data.

use askama::Template;

use super::ServiceLinks;
use crate::view::{Shell, Text};

/// `POST /consent` with `request` and `decision` = `allow` or `deny`.
#[derive(Template)]
#[template(path = "page/consent.html")]
pub struct ConsentPage {
    /// What all pages share.
    pub shell: Shell,
    /// Reference of the authorization request that waits.
    pub request: String,
    /// Who asks.
    pub service: ServiceCard,
    /// The scopes that are shown, with spaces between.
    pub shown: String,
    /// What it asks for.
    pub items: Vec<ConsentItem>,
}

/// A service as the member sees it.
#[derive(Clone)]
pub struct ServiceCard {
    /// Its name.
    pub name: String,
    /// The department that answers for it.
    pub owner: String,
    /// What the data are for, as it follows "เพื่อ" or "for".
    pub purpose: String,
    /// Its logo, and what it says itself.
    pub links: ServiceLinks,
}

/// One thing a service asks for.
#[derive(Clone)]
pub struct ConsentItem {
    /// The scope.
    pub scope: String,
    /// What it is called.
    pub label: Text,
    /// What would be sent, as the member sees it; the citizen number masked.
    pub values: Vec<String>,
    /// Whether the member allowed it before.
    pub already: bool,
}

impl ConsentPage {
    fn title(&self) -> Text {
        Text::key("con-title").with("client", &self.service.name)
    }

    fn body(&self) -> Text {
        Text::key("con-body").with("client", &self.service.name).with("purpose", &self.service.purpose)
    }
}
