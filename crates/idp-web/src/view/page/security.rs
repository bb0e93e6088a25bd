//! The security of the account: what its member signs in with, and the pages by which that changes.

use askama::Template;

use crate::view::qr::Picture;
use crate::view::{FieldErrors, Shell};

/// The overview.
#[derive(Template)]
#[template(path = "page/security.html")]
pub struct SecurityPage {
    /// What all pages share.
    pub shell: Shell,
    /// The day on which the password was set.
    pub password_since: String,
    /// The authenticator app, if there is one.
    pub totp: Option<FactorRow>,
    /// Whether ThaID signs the member in; `None` where it cannot: it is off, or they have not been verified.
    pub thaid: Option<ThaidRow>,
    /// How many passkeys there are; `None` where there can be none.
    pub passkeys: Option<u32>,
    /// Recovery codes that are left; `None` where no factor calls for them.
    pub codes_left: Option<u32>,
    /// The day on which every second factor goes, as somebody asked for who says that they are lost.
    pub removal: Option<String>,
}

impl SecurityPage {
    /// Whether the password alone is enough to sign in.
    fn password_alone(&self) -> bool {
        self.codes_left.is_none()
    }
}

/// ThaID, for a member whom it can sign in.
#[derive(Clone, Debug)]
pub struct ThaidRow {
    /// The day since which it does not, at the member's word.
    pub closed_since: Option<String>,
}

/// `POST /profile/security/thaid` with `open`.
#[derive(Template)]
#[template(path = "page/thaid_door.html")]
pub struct ThaidDoorPage {
    /// What all pages share.
    pub shell: Shell,
    /// The day since which nobody is signed in through ThaID.
    pub closed_since: Option<String>,
}

/// A factor that was set up.
#[derive(Clone, Debug)]
pub struct FactorRow {
    /// The day on which it was.
    pub since: String,
    /// The moment it was last used, if it was.
    pub last_used: Option<String>,
}

/// `POST /profile/security/totp` with `code`.
#[derive(Template)]
#[template(path = "page/totp.html")]
pub struct TotpPage {
    /// What all pages share.
    pub shell: Shell,
    /// What is wrong with the form.
    pub errors: FieldErrors,
    /// The secret as a picture for the app.
    pub picture: Picture,
    /// The secret in letters, for typing.
    pub secret: String,
    /// The address that opens the app on the telephone that shows this page.
    pub address: String,
}

/// `POST /profile/security/totp/remove`.
#[derive(Template)]
#[template(path = "page/totp_remove.html")]
pub struct RemoveFactorPage {
    /// What all pages share.
    pub shell: Shell,
}

/// `POST /profile/security/recovery-codes` for a new set.
#[derive(Template)]
#[template(path = "page/recovery_codes.html")]
pub struct RecoveryCodesPage {
    /// What all pages share.
    pub shell: Shell,
    /// A fresh set, shown this once; empty otherwise.
    pub codes: Vec<String>,
    /// How many are left.
    pub left: u32,
}

impl RecoveryCodesPage {
    /// The set as a file to be kept: a link that holds its content.
    fn file(&self) -> String {
        let mut text = String::from("data:text/plain;charset=utf-8,MOC%20Account%0D%0A");
        for code in &self.codes {
            text.push_str("%0D%0A");
            text.push_str(code);
        }
        text
    }
}
