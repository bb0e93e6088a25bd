//! The member's sign-ins.

use askama::Template;

use crate::view::{Shell, Text};

/// Browsers that are signed in, each with a form to sign it out, and what came before.
#[derive(Template)]
#[template(path = "page/history.html")]
pub struct HistoryPage {
    /// What all pages share.
    pub shell: Shell,
    /// Browsers that are signed in; empty on the later pages.
    pub sessions: Vec<LiveSession>,
    /// Attempts to sign in, the newest first.
    pub rows: Vec<HistoryRow>,
    /// The page with what came before.
    pub older_href: Option<String>,
    /// Whether this is the first page.
    pub first: bool,
    /// How many days back it goes.
    pub days: i64,
}

/// A browser that is signed in.
#[derive(Clone)]
pub struct LiveSession {
    /// The session's id, which is no secret.
    pub id: String,
    /// Browser and system, as far as they tell.
    pub device: String,
    /// When it signed in, as written.
    pub since: String,
    /// When it was last used, as written.
    pub last: String,
    /// Whether it is this one.
    pub current: bool,
}

/// An attempt to sign in.
#[derive(Clone)]
pub struct HistoryRow {
    /// When, as written.
    pub at: String,
    /// What came of it.
    pub outcome: Outcome,
    /// What came of it, in words.
    pub result: Text,
    /// How: password, passkey.
    pub how: Text,
    /// Browser and system, as far as they tell.
    pub device: String,
    /// From where, as far as the network tells.
    pub network: String,
    /// Whether it is the network this page was asked for from.
    pub same_network: bool,
    /// The service on the way to which it happened.
    pub service: Option<String>,
    /// Whether it began the session this page is seen in.
    pub current: bool,
}

/// Whether an attempt succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Signed in.
    Success,
    /// Refused.
    Refused,
}
