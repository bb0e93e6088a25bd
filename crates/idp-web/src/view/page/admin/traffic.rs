//! The traffic log.

use askama::Template;

use crate::view::{Console, FieldErrors, Shell};

/// `POST /admin/traffic` and `…/export` with the fields of [`TrafficForm`] and `after`.
#[derive(Template)]
#[template(path = "admin/traffic.html")]
pub struct TrafficPage {
    /// What all pages share.
    pub shell: Shell,
    /// The console around it.
    pub console: Console,
    /// What is looked for.
    pub form: TrafficForm,
    /// What is wrong with it.
    pub errors: FieldErrors,
    /// What was found, when somebody has looked.
    pub rows: Option<Vec<TrafficRow>>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// What is looked for, and why.
#[derive(Clone, Debug, Default)]
pub struct TrafficForm {
    /// An account's id.
    pub account: String,
    /// A network address.
    pub address: String,
    /// From this day on.
    pub from: String,
    /// Up to and with this day.
    pub until: String,
    /// Why.
    pub reason: String,
}

impl TrafficForm {
    /// The fields by name.
    pub fn fields(&self) -> [(&'static str, &str); 5] {
        [
            ("account", &self.account),
            ("address", &self.address),
            ("from", &self.from),
            ("until", &self.until),
            ("reason", &self.reason),
        ]
    }
}

/// A line.
#[derive(Clone, Debug)]
pub struct TrafficRow {
    /// When.
    pub at: String,
    /// For what, how, and how it was answered.
    pub what: String,
    /// Whose.
    pub account: Option<String>,
    /// In which session.
    pub session: Option<String>,
    /// For which service.
    pub client: Option<String>,
    /// From which address and port.
    pub from: String,
}
