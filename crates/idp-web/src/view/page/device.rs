//! The code that a device shows, typed by its member.

use askama::Template;

use crate::view::{FieldErrors, Shell};

/// `POST /device` with `user_code`.
#[derive(Template)]
#[template(path = "page/device.html")]
pub struct DevicePage {
    /// What all pages share.
    pub shell: Shell,
    /// What is wrong with the form.
    pub errors: FieldErrors,
    /// The code, where the address had one.
    pub user_code: String,
}
