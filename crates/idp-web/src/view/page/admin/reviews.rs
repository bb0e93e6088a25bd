//! Verifications that need a person.

use askama::Template;

use crate::view::{Console, FieldErrors, Shell, Text};

/// The queue, and what was decided.
#[derive(Template)]
#[template(path = "admin/reviews.html")]
pub struct ReviewsPage {
    /// What all pages share.
    pub shell: Shell,
    /// The console around it.
    pub console: Console,
    /// Whether those that were decided are shown.
    pub decided: bool,
    /// The reviews.
    pub rows: Vec<ReviewRow>,
    /// The next page.
    pub next: Option<String>,
}

/// A review in the queue.
#[derive(Clone, Debug)]
pub struct ReviewRow {
    /// Its page.
    pub href: String,
    /// Why a human has to look.
    pub kind: Text,
    /// Since when, as written.
    pub since: String,
    /// Where it stands.
    pub state: Text,
    /// Who has taken it.
    pub officer: Option<String>,
}

/// `POST /admin/reviews/{id}/take`, `/release`; `/hand-over` with `to` and `moved_because`; `/approve`, `/decline` with
/// `case`, `reason` and, for the last, `why`.
#[derive(Template)]
#[template(path = "admin/review.html")]
pub struct ReviewPage {
    /// What all pages share.
    pub shell: Shell,
    /// The console around it.
    pub console: Console,
    /// The path the forms are sent to, without the deed.
    pub base: String,
    /// The attempt that is shown: what is decided is what was looked at.
    pub case: String,
    /// Why a human has to look.
    pub kind: Text,
    /// What to do about this kind.
    pub advice: Text,
    /// Since when it waits, as written.
    pub since: String,
    /// Where it stands.
    pub state: Text,
    /// Who has taken it.
    pub officer: Option<String>,
    /// What the account says of itself: name of the value, value.
    pub account: Vec<(Text, String)>,
    /// What was typed from the card, and what the registry said.
    pub evidence: Vec<(Text, String)>,
    /// What the badge was given for, where it is about another name.
    pub before: Vec<(Text, String)>,
    /// The member's page.
    pub member_href: String,
    /// The page of whoever holds the number.
    pub holder_href: Option<String>,
    /// Whether the reader can take it.
    pub may_take: bool,
    /// Whether the reader has taken it.
    pub may_decide: bool,
    /// Who can have it instead: account, name. Empty: the reader cannot hand it over.
    pub officers: Vec<(String, String)>,
    /// They could, and lack the badge that it takes.
    pub unverified: bool,
    /// Why the reader cannot.
    pub refusal: Option<Text>,
    /// Reasons to decline.
    pub choices: Vec<(&'static str, Text)>,
    /// What could not be done.
    pub not_done: Option<Text>,
    /// The reason typed.
    pub typed: String,
    /// The reason typed for handing it over.
    pub moved_because: String,
    /// What is wrong with the form.
    pub errors: FieldErrors,
}
