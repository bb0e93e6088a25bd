//! Who did what.

use askama::Template;

use crate::view::{Console, Shell, Text};

/// The log, with what it is filtered by in the query; `POST /admin/audit/export` with the same fields.
#[derive(Template)]
#[template(path = "admin/audit.html")]
pub struct AuditPage {
    /// What all pages share.
    pub shell: Shell,
    /// The console around it.
    pub console: Console,
    /// A page of lines.
    pub rows: Vec<AuditRow>,
    /// The next page.
    pub next: Option<String>,
    /// What is not as it was sealed.
    pub broken: Option<Text>,
    /// Lines that are sealed, and sound.
    pub sealed: usize,
    /// Lines that wait for their seal.
    pub waiting: usize,
    /// Lines at the foot of the page whose seals were not checked.
    pub unchecked: usize,
    /// Whether the reader takes it away as a file.
    pub may_export: bool,
    /// Lines that a file holds at most.
    pub most: usize,
    /// What is looked for.
    pub form: AuditForm,
}

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct AuditForm {
    /// Who did it: an account's id.
    pub actor: String,
    /// About whom.
    pub account: String,
    /// An action's word, or its beginning with the dot.
    pub action: String,
    /// A `client_id`.
    pub client: String,
    /// From this day on.
    pub from: String,
    /// Up to and with this day.
    pub until: String,
}

impl AuditForm {
    /// The fields by name.
    pub fn fields(&self) -> [(&'static str, &str); 6] {
        [
            ("actor", &self.actor),
            ("account", &self.account),
            ("action", &self.action),
            ("client", &self.client),
            ("from", &self.from),
            ("until", &self.until),
        ]
    }
}

/// A line.
#[derive(Clone, Debug)]
pub struct AuditRow {
    /// Its number.
    pub seq: i64,
    /// When.
    pub at: String,
    /// What.
    pub action: String,
    /// What kind of actor.
    pub actor: String,
    /// Which.
    pub actor_id: Option<String>,
    /// About whom.
    pub account: Option<String>,
    /// Through which client.
    pub client: Option<String>,
    /// From where.
    pub origin: Option<String>,
    /// More.
    pub detail: Option<String>,
}
