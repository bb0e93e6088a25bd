//! The member's own passkeys.

use askama::Template;

use crate::view::{Shell, Text};

/// The list, with forms to add, name and remove.
#[derive(Template)]
#[template(path = "page/passkeys.html")]
pub struct PasskeysPage {
    /// What all pages share.
    pub shell: Shell,
    /// The passkeys there are, the oldest first.
    pub passkeys: Vec<PasskeyRow>,
    /// The account as authenticators know it, base64url.
    pub owner: String,
    /// Whether there may be one more.
    pub room: bool,
    /// Whether the member has just proven to be there, so that something may be changed.
    pub proven: bool,
    /// Where to prove it.
    pub prove_href: String,
    /// The name a new passkey gets unless another is typed.
    pub suggestion: String,
    /// What was done.
    pub notice: Option<Text>,
    /// Why something was not.
    pub error: Option<Text>,
}

/// A passkey.
#[derive(Clone)]
pub struct PasskeyRow {
    /// Its identifier.
    pub id: String,
    /// What the member calls it.
    pub name: String,
    /// When it was added, as written.
    pub since: String,
    /// When it was last used, as written.
    pub last: Option<String>,
    /// Whether a copy is kept elsewhere.
    pub backed_up: bool,
    /// Its identifier at the authenticator, base64url: lets the browser forget the ones that are gone.
    pub credential: String,
}
