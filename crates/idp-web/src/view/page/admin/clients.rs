//! Client applications.

use askama::Template;

use crate::view::{Console, Shell, Text};

/// The list, with what it is filtered by in the query.
#[derive(Template)]
#[template(path = "admin/clients.html")]
pub struct ClientsPage {
    /// What all pages share.
    pub shell: Shell,
    /// The console around it.
    pub console: Console,
    /// A page of them.
    pub rows: Vec<ClientRow>,
    /// The next page.
    pub next: Option<String>,
    /// What is looked for.
    pub filter: ClientFilter,
    /// Statuses by word and name.
    pub statuses: Vec<(&'static str, Text)>,
    /// Departments by word and name.
    pub departments: Vec<(&'static str, &'static str)>,
    /// Days after which a client that nobody uses counts as unused.
    pub unused_days: u32,
    /// Whether the reader registers clients.
    pub may_create: bool,
}

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct ClientFilter {
    /// Words in id, name or owner.
    pub q: String,
    /// A status.
    pub status: &'static str,
    /// A department.
    pub department: String,
    /// `weak` or `unused`.
    pub only: &'static str,
}

/// A client in the list.
#[derive(Clone, Debug)]
pub struct ClientRow {
    /// Its page.
    pub href: String,
    /// Its `client_id`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who answers for it.
    pub owner: String,
    /// Where it stands in its life.
    pub status: Text,
    /// The word for that.
    pub status_word: &'static str,
    /// When somebody was last given something through it.
    pub used: Option<String>,
    /// Nobody for a long time.
    pub unused: bool,
    /// When its secret was made.
    pub secret_made: Option<String>,
    /// Until when it may speak the old dialect.
    pub legacy_until: Option<String>,
    /// What is weak about it.
    pub weaknesses: Vec<Weak>,
}

/// Something weak.
#[derive(Clone, Debug)]
pub struct Weak {
    /// In words.
    pub text: Text,
    /// Whether somebody should do something about it.
    pub serious: bool,
}
