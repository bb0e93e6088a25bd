//! What a member may ask of those who hold their data.

use askama::Template;

use crate::view::{Shell, Text};

/// The ways to see, have, correct, restrict and end what is held, and who has seen it.
#[derive(Template)]
#[template(path = "page/data.html")]
pub struct DataPage {
    /// What all pages share.
    pub shell: Shell,
    /// Who has seen or received something; a list without lines is left out.
    pub seen: Vec<SeenList>,
}

/// One list of who has seen or received something, from a place on.
#[derive(Template)]
#[template(path = "page/seen.html")]
pub struct SeenPage {
    /// What all pages share.
    pub shell: Shell,
    /// The list.
    pub list: SeenList,
    /// Where the list begins, unless it is here.
    pub newest_href: Option<String>,
}

/// Looks of officials, or what services were given.
#[derive(Clone)]
pub struct SeenList {
    /// Its name, in the page.
    pub id: &'static str,
    /// The message with its heading.
    pub heading: &'static str,
    /// The lines, the newest first.
    pub lines: Vec<Seen>,
    /// Where it goes on.
    pub older_href: Option<String>,
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
