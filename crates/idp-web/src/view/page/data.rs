//! What a member may ask of those who hold their data.

use askama::Template;

use crate::view::{Shell, Text};

/// The ways to see, have, correct, restrict and end what is held, and who has seen it.
#[derive(Template)]
#[template(path = "page/data.html")]
pub struct DataPage {
    /// What all pages share.
    pub shell: Shell,
    /// Who has seen or received something, the newest first.
    pub seen: Vec<Seen>,
}

/// That somebody saw or received something.
#[derive(Clone)]
pub struct Seen {
    /// Who: a role at the ministry, or a service.
    pub who: Text,
    /// What, in words; empty for a look at everything.
    pub what: Vec<Text>,
    /// Why, where a reason was given.
    pub why: Option<String>,
    /// When, as written: a moment, or a day and how often.
    pub when: Text,
}
