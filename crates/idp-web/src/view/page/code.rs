//! The six digits sent to a mailbox.

use askama::Template;

use crate::view::{FieldErrors, Shell, Text};

/// `POST` to `action` with `code`; `POST` to `resend_action` for another code.
#[derive(Template)]
#[template(path = "page/code.html")]
pub struct CodePage {
    /// What all pages share.
    pub shell: Shell,
    /// What is wrong with the form.
    pub errors: FieldErrors,
    /// Where the code went, as it may be shown.
    pub sent_to: String,
    /// Reference printed in the mail, so that people match the two.
    pub reference: String,
    /// Minutes the code is good for.
    pub minutes_valid: u32,
    /// Seconds until another code may be asked for; 0 is now.
    pub resend_after: u32,
    /// Where the code is sent to.
    pub action: &'static str,
    /// Where another code is asked for.
    pub resend_action: &'static str,
    /// The page before this one.
    pub back_href: &'static str,
    /// Number of this step in the registration, when it is part of one.
    pub step: Option<u8>,
    /// The sign-in that waits, if one does.
    pub request: Option<String>,
}

impl CodePage {
    fn sent(&self) -> Text {
        Text::key("otp-sent").with("dest", &self.sent_to).with("ref", &self.reference)
    }
}
