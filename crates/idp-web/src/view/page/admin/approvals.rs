//! What waits for a second person.

use askama::Template;

use crate::view::{Console, FieldErrors, Shell, Text};

/// `POST /admin/approvals/clients` with `id` and `decision` = `approved` or `declined`; `/admin/approvals/members` with
/// `reason` as well.
#[derive(Template)]
#[template(path = "admin/approvals.html")]
pub struct ApprovalsPage {
    /// What all pages share.
    pub shell: Shell,
    /// The console around it.
    pub console: Console,
    /// The reader would ask or decide, and lacks the badge for it.
    pub unverified: bool,
    /// A page of them.
    pub rows: Vec<ApprovalRow>,
    /// Where this page of the list begins: sent along, so that a fault is shown on it.
    pub after: String,
    /// The next page.
    pub next: Option<String>,
    /// The reason typed.
    pub typed: String,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

/// A request.
#[derive(Clone, Debug)]
pub struct ApprovalRow {
    /// Its identifier.
    pub id: String,
    /// What is asked for.
    pub kind: Text,
    /// What happens once it is approved.
    pub does: Text,
    /// About what.
    pub subject: String,
    /// The page of that.
    pub href: Option<String>,
    /// Who asked, and when.
    pub asked: String,
    /// Why.
    pub reason: String,
    /// Until when it can be decided.
    pub until: String,
    /// Where it stands.
    pub state: Text,
    /// Who decided, and when.
    pub decided: Option<String>,
    /// Whether the reader may decide it here.
    pub may_decide: bool,
    /// Whether it is about a member: the decision takes a reason.
    pub of_member: bool,
    /// Whether something is wrong with the reason typed for it.
    pub faulty: bool,
    /// Whether the reader asked, and waits.
    pub own: bool,
}
