//! A lost second factor.

use askama::Template;

use super::MailedCodeView;
use crate::view::{FieldErrors, Shell};

/// `POST /login/second/lost`: with `code` once a code is on its way, with `remove` once the waiting time is over.
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
    /// The factors may be removed.
    Remove,
}

impl LostFactorPage {
    fn heading(&self) -> &'static str {
        match self.view {
            LostFactorView::Mailbox(_) | LostFactorView::Begin => "lost-title",
            LostFactorView::Waiting { .. } => "lost-waiting-title",
            LostFactorView::Remove => "lost-remove-title",
        }
    }
}
