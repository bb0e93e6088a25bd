//! Another password, by a mailed link or by the one in use.

use askama::Template;

use crate::view::{FieldErrors, Shell};

/// `POST /recover/set` with `token` and `password`, or `POST /profile/password` with `current` and `password`.
#[derive(Template)]
#[template(path = "page/new_password.html")]
pub struct NewPasswordPage {
    /// What all pages share.
    pub shell: Shell,
    /// The account's address, for password managers and for whoever holds several.
    pub email: String,
    /// What proves that the password may be set.
    pub proof: PasswordProof,
    /// Fewest characters of a password.
    pub password_min: usize,
    /// What is wrong with the form; passwords are not kept.
    pub errors: FieldErrors,
}

/// What proves that a password may be set.
#[derive(Clone)]
pub enum PasswordProof {
    /// A mailed link.
    Link {
        /// Its secret.
        token: String,
        /// Reference of the authorization request that waits, if any.
        request: Option<String>,
    },
    /// The password in use, which is asked for.
    Current,
}

impl NewPasswordPage {
    fn action(&self) -> &'static str {
        match self.proof {
            PasswordProof::Link { .. } => "/recover/set",
            PasswordProof::Current => "/profile/password",
        }
    }

    fn title(&self) -> &'static str {
        match self.proof {
            PasswordProof::Link { .. } => "new-password-title",
            PasswordProof::Current => "change-password-title",
        }
    }

    fn then(&self) -> &'static str {
        match self.proof {
            PasswordProof::Link { .. } => "new-password-then",
            PasswordProof::Current => "change-password-then",
        }
    }
}
