//! Who has which role.

use askama::Template;

use crate::view::{Console, FieldErrors, Shell, Text};

/// `POST /admin/staff/give` with `email`, `role`, `department`; `/admin/staff/invite` with the last two; `/admin/staff/end`
/// and `/admin/staff/withdraw` with `id`.
#[derive(Template)]
#[template(path = "admin/staff.html")]
pub struct StaffPage {
    /// What all pages share.
    pub shell: Shell,
    /// The console around it.
    pub console: Console,
    /// Roles in force.
    pub rows: Vec<StaffRow>,
    /// Invitations that nobody has used.
    pub invitations: Vec<InvitationRow>,
    /// The name of the next invitation, signed: it is made once.
    pub once: String,
    /// Whether the reader gives and ends roles.
    pub may_change: bool,
    /// Roles by word and name.
    pub roles: Vec<(&'static str, Text)>,
    /// Departments by word and name.
    pub departments: Vec<(&'static str, &'static str)>,
    /// What was typed.
    pub form: StaffForm,
    /// A link that was just made: shown this once.
    pub invitation: Option<String>,
    /// What is wrong with the form.
    pub errors: FieldErrors,
}

/// What was typed.
#[derive(Clone, Debug, Default)]
pub struct StaffForm {
    /// Whose account.
    pub email: String,
    /// The role's word.
    pub role: String,
    /// The department's word.
    pub department: String,
}

/// An invitation that is still good.
#[derive(Clone, Debug)]
pub struct InvitationRow {
    /// Its name.
    pub id: String,
    /// The role it gives.
    pub role: Text,
    /// Its department.
    pub department: Option<String>,
    /// Who made it; nobody: an operator.
    pub by: Option<String>,
    /// Until when it is good, as written.
    pub until: String,
}

/// A role in force.
#[derive(Clone, Debug)]
pub struct StaffRow {
    /// The row.
    pub id: String,
    /// Whose account, by its id.
    pub account: String,
    /// Their name.
    pub who: String,
    /// The role.
    pub role: Text,
    /// Its department.
    pub department: Option<String>,
    /// Since when, as written.
    pub since: String,
}
