//! Sign-in: e-mail and password, and the way to register.

use askama::Template;

use super::ServiceLinks;
use crate::view::{Shell, Text};

/// What a form asks for after repeated failures.
#[derive(Clone)]
pub struct WorkView {
    /// The task.
    pub task: String,
    /// Zero bits asked for.
    pub bits: u32,
    /// Or so many seconds.
    pub wait: i64,
}

/// `POST /login` with `username` and `password`.
#[derive(Template)]
#[template(path = "page/login.html")]
pub struct SignInPage {
    /// What all pages share.
    pub shell: Shell,
    /// Reference of the authorization request that waits, if any.
    pub request: Option<String>,
    /// The page of ours that comes next, as a word, if one asked for a proof.
    pub to: Option<&'static str>,
    /// What was typed as user name, kept.
    pub username: String,
    /// Why the last try did not succeed.
    pub error: Option<Text>,
    /// Something to know before signing in, such as that the session ended.
    pub notice: Option<Text>,
    /// Whether only the password of the shown account is asked for again.
    pub reauth: bool,
    /// Whether passkeys are taken here.
    pub passkeys: bool,
    /// Where ThaID's sign-in begins; none where it is off.
    pub thaid: Option<String>,
    /// What is to be worked or waited for first, after repeated failures.
    pub work: Option<WorkView>,
    /// The service that the person is on the way to.
    pub links: Option<ServiceLinks>,
}
