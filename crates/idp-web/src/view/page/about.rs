//! What a member chooses to show.

use askama::Template;

use crate::view::{FieldErrors, Shell, Text};

/// `POST /profile/about` with the fields of [`AboutForm`]; `POST /profile/about/picture` with a file.
#[derive(Template)]
#[template(path = "page/about.html")]
pub struct AboutPage {
    /// What all pages share.
    pub shell: Shell,
    /// What is wrong with either form.
    pub errors: FieldErrors,
    /// The words as they are, or as they were typed.
    pub form: AboutForm,
    /// Where the picture is.
    pub picture: Option<String>,
    /// Names of the services that receive what is shown.
    pub receivers: Vec<String>,
    /// That staff took something away, when and why.
    pub removed: Option<Text>,
}

/// Everything optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AboutForm {
    /// `nickname`
    pub nickname: String,
    /// `preferred_username`
    pub username: String,
    /// `profile`
    pub profile: String,
    /// `website`
    pub website: String,
}

impl AboutForm {
    /// Whether nothing is filled in.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
