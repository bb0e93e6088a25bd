//! A member as staff see them.

use askama::Template;

use crate::view::page::MembershipView;
use crate::view::{Console, FieldErrors, Shell, Text};

/// `POST /admin/members/{id}/…` with `why` and `reason`, for what the reader may do.
#[derive(Template)]
#[template(path = "admin/member.html")]
pub struct MemberPage {
    /// What all pages share.
    pub shell: Shell,
    /// The console around it.
    pub console: Console,
    /// The account's id.
    pub id: String,
    /// Where the forms are sent to, without the deed.
    pub base: String,
    /// Proof that a reason was given, to be sent along.
    pub why: String,
    /// The reason that was given.
    pub given_reason: String,
    /// What was just done.
    pub done: Option<Text>,
    /// What could not be done.
    pub not_done: Option<Text>,
    /// Name, as far as the reader's role shows it.
    pub name: String,
    /// What the role shows of the person: name of the value, value.
    pub facts: Vec<(Text, String)>,
    /// The membership.
    pub membership: MembershipView,
    /// How sure, with which reference, when there is a badge.
    pub evidence: Option<Evidence>,
    /// Whether it may be used; a sentence when not.
    pub standing: Option<Text>,
    /// Live sessions.
    pub sessions: Vec<Line>,
    /// Sign-ins, failed ones among them.
    pub sign_ins: Vec<Line>,
    /// Services that are linked.
    pub services: Vec<Line>,
    /// Letters that were sent: kinds and times.
    pub mails: Vec<Line>,
    /// Attempts at verification and reviews.
    pub cases: Vec<Line>,
    /// What the reader may do now.
    pub deeds: Vec<DeedForm>,
    /// A request to withdraw the badge that waits for a second person.
    pub request: Option<WithdrawalRequest>,
    /// What is wrong with the form of a deed.
    pub errors: FieldErrors,
    /// Which deed's form it is about.
    pub faulty: Option<&'static str>,
    /// The reason typed there.
    pub typed: String,
}

/// How somebody was verified.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The level.
    pub ial: String,
    /// The registry's reference.
    pub reference: String,
    /// When, as written.
    pub at: String,
}

/// A line of a list: what, and more about it.
#[derive(Clone, Debug)]
pub struct Line {
    /// What.
    pub what: Text,
    /// More, as written.
    pub more: String,
    /// A page about it.
    pub href: Option<String>,
}

/// A deed that may be done.
#[derive(Clone, Debug)]
pub struct DeedForm {
    /// Its word, which ends the address.
    pub word: &'static str,
    /// What the button says.
    pub label: Text,
    /// What will happen.
    pub what: Text,
    /// Whether days are asked for.
    pub days: bool,
    /// What the member shows, to choose from; empty for other deeds.
    pub shown: Vec<Shown>,
    /// So many second factors were set up since a disputed deed: the form asks whose they are. None: it does not.
    pub new_factors: u32,
}

/// Something that the member shows.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The name of the box to tick.
    pub field: String,
    /// What it is.
    pub label: Text,
    /// The words.
    pub text: String,
    /// Where the picture is.
    pub picture: Option<String>,
}

/// A request to withdraw the badge. `POST {base}/badge-approve` or `/badge-decline` with `why`, `approval`, `reason`.
#[derive(Clone, Debug)]
pub struct WithdrawalRequest {
    /// The request.
    pub id: String,
    /// Since when, as written.
    pub since: String,
    /// Why it was asked for.
    pub reason: String,
    /// Whether the reader can decide it: somebody else asked.
    pub may_decide: bool,
    /// They could, and lack the badge that it takes.
    pub unverified: bool,
}
