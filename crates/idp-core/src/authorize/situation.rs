//! The facts a decision rests on, gathered once.

use chrono::{DateTime, Utc};

use crate::account::Account;
use crate::claim::Release;
use crate::client::Client;
use crate::session::Session;

/// Who is signed in in this browser.
#[derive(Clone, Copy, Debug)]
pub struct SignedIn<'a> {
    /// The live session.
    pub session: &'a Session,
    /// Its account.
    pub account: &'a Account,
}

/// The facts.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// This moment.
    pub now: DateTime<Utc>,
    /// When the request first came in: a sign-in or a consent after it was made for it.
    pub began_at: DateTime<Utc>,
    /// Who asks.
    pub client: &'a Client,
    /// Who is there.
    pub signed_in: Option<SignedIn<'a>>,
    /// What the member has agreed to with this client, and when.
    pub consented: Option<&'a (Release, DateTime<Utc>)>,
    /// Whether the member has accepted the terms and the privacy notice in the versions in force.
    pub documents_accepted: bool,
    /// Whether `id_token_hint` and the `sub` in `claims`, if there were any, name the member who is signed in.
    pub hint: Hint,
}

/// What `id_token_hint` and the `sub` in `claims` say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// There was none.
    Absent,
    /// It names the member who is signed in.
    ThisMember,
    /// It names somebody else, or nobody is signed in.
    SomebodyElse,
}
