//! Find a member.

use askama::Template;

use crate::view::{Console, FieldErrors, Shell, Text};

/// `POST /admin/members/search` with `sought`; `/admin/members/number` with `national_id` and `reason`.
#[derive(Template)]
#[template(path = "admin/members.html")]
pub struct MembersPage {
    /// What all pages share.
    pub shell: Shell,
    /// The console around it.
    pub console: Console,
    /// What was typed into the box.
    pub sought: String,
    /// Why the number is sought, as typed.
    pub reason: String,
    /// Whether the reader may search by number.
    pub by_number: bool,
    /// Lists: where, name, whether it is the one shown.
    pub lists: Vec<(String, Text, bool)>,
    /// What was found; `None` before anything was searched for.
    pub found: Option<Found>,
    /// A message about a search that found nobody.
    pub nobody: Option<Text>,
    /// What is wrong with the forms.
    pub errors: FieldErrors,
}

/// A page of members.
#[derive(Clone, Debug)]
pub struct Found {
    /// The members.
    pub rows: Vec<MemberRow>,
    /// The next page.
    pub next: Option<String>,
}

/// A member in a list: as much as it takes to tell them apart.
#[derive(Clone, Debug)]
pub struct MemberRow {
    /// Their page.
    pub href: String,
    /// Their name.
    pub name: String,
    /// Their address, masked.
    pub email: String,
    /// Temporary, ended, permanent.
    pub membership: Text,
    /// Suspended, frozen, to be erased; nothing for an account in use.
    pub standing: Option<Text>,
    /// Since when they are members, as written.
    pub since: String,
}
