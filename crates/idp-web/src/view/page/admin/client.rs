//! One client application.

use askama::Template;

use super::Weak;
use crate::view::{Console, FieldErrors, Shell, Text};

/// What it is and what can be done: `POST …/secret`, `…/state` with `step`, `note_th`, `note_en`, `…/ask` with `kind` and
/// `reason`.
#[derive(Template)]
#[template(path = "admin/client.html")]
pub struct ClientPage {
    /// What all pages share.
    pub shell: Shell,
    /// The console around it.
    pub console: Console,
    /// Its name.
    pub name: String,
    /// Its `client_id`.
    pub client_id: String,
    /// Where it stands in its life.
    pub status: Text,
    /// The word for that.
    pub status_word: &'static str,
    /// What members read while it is suspended.
    pub notice: Option<String>,
    /// Who answers for it.
    pub owner: String,
    /// The department whose client admins look after it.
    pub department: Option<String>,
    /// The officials' mailboxes.
    pub stewards: Vec<String>,
    /// What the data are for.
    pub purpose: String,
    /// The address of the logo that members see.
    pub logo: Option<String>,
    /// What kind of program it is.
    pub kind: Text,
    /// How it proves who it is.
    pub method: &'static str,
    /// How ID tokens are signed.
    pub algorithm: &'static str,
    /// What it may ask for, in the members' words.
    pub scopes: Vec<Text>,
    /// Permanent members only.
    pub permanent_only: bool,
    /// Members are not asked.
    pub first_party: bool,
    /// Redirect URIs.
    pub redirect_uris: Vec<String>,
    /// Where members come back to after signing out.
    pub post_logout_uris: Vec<String>,
    /// Where it hears of signing out.
    pub backchannel: Option<String>,
    /// The events that it is told.
    pub events: Vec<Text>,
    /// Where they are posted.
    pub events_push: Option<String>,
    /// Events that it did not take: what, and what became of it.
    pub events_open: Vec<(Text, NoticeRow)>,
    /// Where its keys are.
    pub keys: Option<String>,
    /// When its secret was made.
    pub secret_made: Option<String>,
    /// How many days ago that was.
    pub secret_days: Option<i64>,
    /// Until when the secret before works.
    pub old_secret_until: Option<String>,
    /// Whether it has a secret.
    pub has_secret: bool,
    /// Until when it may speak the old dialect.
    pub legacy_until: Option<String>,
    /// When it was registered.
    pub made: String,
    /// When it was last changed.
    pub changed: String,
    /// When somebody was last given something through it.
    pub last_used: Option<String>,
    /// What it was answered in the last thirty days.
    pub outcomes: Vec<Outcome>,
    /// Notices of signing out that it did not take.
    pub notices: Vec<NoticeRow>,
    /// How many it took in the last seven days.
    pub delivered: u64,
    /// What is weak about it.
    pub weaknesses: Vec<Weak>,
    /// What waits for a second person.
    pub waiting: Vec<Text>,
    /// Whether the reader changes it.
    pub may_edit: bool,
    /// Whether the reader tries a sign-in to it.
    pub may_try: bool,
    /// Why it cannot be tried as it stands.
    pub not_tried: Option<Text>,
    /// Whether the reader makes a new secret.
    pub may_rotate: bool,
    /// Steps that the reader may take, by word and name.
    pub steps: Vec<(&'static str, Text)>,
    /// What the reader may ask a second person for, by word and name.
    pub askable: Vec<(&'static str, Text)>,
    /// The reader lacks the badge that asking for it takes.
    pub unverified: bool,
    /// What is wrong with a form.
    pub errors: FieldErrors,
}

/// How often it was answered so.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// `signed_in`, `refreshed`, `served`, or the code of an error.
    pub word: String,
    /// Whether that is no error.
    pub good: bool,
    /// How often.
    pub count: u64,
    /// Of a hundred.
    pub share: String,
}

/// A notice of signing out that was not taken.
#[derive(Clone, Debug)]
pub struct NoticeRow {
    /// When it was made.
    pub made: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was given up.
    pub given_up: Option<String>,
    /// What was wrong last.
    pub error: Option<String>,
}
