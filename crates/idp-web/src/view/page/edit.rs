//! Correct one's own data.

use askama::Template;

use super::DetailsForm;
use crate::view::{FieldErrors, Shell};

/// `POST /profile/edit` with the fields of [`DetailsForm`]; of a verified member without first name, surname and birth date.
#[derive(Template)]
#[template(path = "page/edit.html")]
pub struct EditPage {
    /// What all pages share.
    pub shell: Shell,
    /// What is wrong with the form.
    pub errors: FieldErrors,
    /// What the register confirmed: shown, not asked.
    pub verified: Option<VerifiedFacts>,
    /// Whether it is ministry personnel: organisation, division and position are then required.
    pub staff: bool,
    /// The data as it is, or as it was typed.
    pub form: DetailsForm,
}

/// What the register confirmed.
#[derive(Clone)]
pub struct VerifiedFacts {
    /// First name.
    pub first_name: String,
    /// Surname.
    pub last_name: String,
    /// Date of birth, as written.
    pub birth: String,
}
