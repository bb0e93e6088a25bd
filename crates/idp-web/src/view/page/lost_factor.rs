//! A lost second factor.

use askama::Template;

use super::{MailedCodeView, WorkView};
use crate::view::{FieldErrors, Shell};

/// `POST /login/second/lost`: with `code` once a code is on its way; after the waiting time it removes the factors.
#[derive(Template)]
#[template(path = "page/lost_factor.html")]
pub struct LostFactorPage {
    /// What all pages share.
    pub shell: Shell,
    /// What is wrong with the form.
    pub errors: FieldErrors,
    /// The sign-in that waits, if one does.
    pub request: Option<String>,
    /// The page of ours that comes next, as a word, if one asked for a proof.
    pub to: Option<&'static str>,
    /// The waiting time.
    pub wait_hours: u32,
    /// What somebody who keeps guessing is asked for, if it is asked.
    pub work: Option<WorkView>,
    /// The step.
    pub view: LostFactorView,
    /// Back to the second factor.
    pub back_href: String,
}

/// What comes next.
#[derive(Clone, Debug)]
pub enum LostFactorView {
    /// A code to the mailbox.
    Mailbox(MailedCodeView),
    /// The waiting time may begin.
    Begin,
    /// Nothing, before a moment.
    Waiting {
        /// That moment, in words.
        until: String,
    },
    /// The factors may be removed, with a code to the mailbox.
    Remove(MailedCodeView),
}

impl LostFactorPage {
    fn heading(&self) -> &'static str {
        match self.view {
            LostFactorView::Mailbox(_) | LostFactorView::Begin => "lost-title",
            LostFactorView::Waiting { .. } => "lost-waiting-title",
            LostFactorView::Remove(_) => "lost-remove-title",
        }
    }
}
