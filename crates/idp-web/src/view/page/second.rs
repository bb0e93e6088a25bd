//! A second factor.

use askama::Template;
use idp_core::account::FactorKind;

use super::WorkView;
use crate::view::{FieldErrors, Shell, Text};

/// `POST /login/second` with `by` and `code`; `POST /login/second/mail` for a code by mail.
#[derive(Template)]
#[template(path = "page/second.html")]
pub struct SecondFactorPage {
    /// What all pages share.
    pub shell: Shell,
    /// What is wrong with the form.
    pub errors: FieldErrors,
    /// The sign-in that waits, if one does.
    pub request: Option<String>,
    /// The page of ours that comes next, as a word, if one asked for a proof.
    pub to: Option<&'static str>,
    /// Whether nobody is signed in yet; otherwise a session is made stronger.
    pub signing_in: bool,
    /// Whether ThaID came before it, and not the password.
    pub by_thaid: bool,
    /// The factor asked for.
    pub kind: FactorKind,
    /// What somebody who keeps guessing is asked for, if it is asked.
    pub work: Option<WorkView>,
    /// For a code by mail: where it goes or went.
    pub mailed: Option<MailedCodeView>,
    /// The other factors.
    pub others: Vec<SecondWay>,
    /// The page for whoever lost every factor that they set up, right after the password.
    pub lost_href: Option<String>,
    /// Where giving up leads.
    pub cancel_href: String,
}

/// Another factor that may be proven instead.
#[derive(Clone, Debug)]
pub struct SecondWay {
    /// Its page.
    pub href: String,
    /// What it is.
    pub text: Text,
}

/// A code by mail.
#[derive(Clone, Debug)]
pub struct MailedCodeView {
    /// The address.
    pub to: String,
    /// The reference of the code that is on its way, if one is.
    pub reference: Option<String>,
    /// Minutes a code is good for.
    pub minutes: u32,
    /// Seconds until another may be asked for.
    pub resend_after: u32,
}

impl MailedCodeView {
    pub(super) fn sent(&self) -> Text {
        Text::key("otp-sent").with("dest", &self.to).with("ref", self.reference.as_deref().unwrap_or_default())
    }
}
