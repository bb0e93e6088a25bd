//! Registration, step 4: the member's own data and password.

use askama::Template;

use crate::view::{FieldErrors, Shell};

/// `POST /register/details` with the fields of [`DetailsForm`], `password`, and when offered `accept_first_name`,
/// `keep_first_name`, `accept_year`, `guardian_agrees`, each `yes`.
#[derive(Template)]
#[template(path = "page/register_details.html")]
pub struct DetailsPage {
    /// What all pages share.
    pub shell: Shell,
    /// What is wrong with the form.
    pub errors: FieldErrors,
    /// The confirmed e-mail address, shown.
    pub email: String,
    /// Whether ministry personnel registers: organisation, division and position are then required.
    pub staff: bool,
    /// What was typed, kept; the password is not.
    pub form: DetailsForm,
    /// Fewest characters of a password.
    pub password_min: usize,
}

/// The titles offered by name; anything else is `other` with `title_other`.
pub const TITLES: [&str; 5] = ["นาย", "นาง", "นางสาว", "เด็กชาย", "เด็กหญิง"];

/// Data of a new member as typed. The names of the fields are those of the inputs.
#[derive(Clone, Default)]
pub struct DetailsForm {
    /// One of [`TITLES`], or `other`.
    pub title: String,
    /// The title when it is another.
    pub title_other: String,
    /// First name in Thai.
    pub first_name: String,
    /// Middle name in Thai, optional.
    pub middle_name: String,
    /// Surname in Thai.
    pub last_name: String,
    /// First name in Latin letters, optional.
    pub first_name_en: String,
    /// Surname in Latin letters, optional.
    pub last_name_en: String,
    /// `male`, `female` or `unspecified`.
    pub sex: String,
    /// Day of birth; empty when unknown.
    pub birth_day: String,
    /// Month of birth `1` to `12`; `0` for "unknown", empty when nothing was chosen.
    pub birth_month: String,
    /// Year of birth, Buddhist era.
    pub birth_year: String,
    /// Telephone number, optional.
    pub phone: String,
    /// `outside` or `inside` the ministry.
    pub personnel_type: String,
    /// Organisation.
    pub organization: String,
    /// Section or division.
    pub department: String,
    /// Position.
    pub position: String,
    /// The first name without the title that seems to stand in it, offered for choice.
    pub offer_first_name: Option<String>,
    /// The year of the Buddhist era that was probably meant, offered for choice.
    pub era_suggestion: Option<u16>,
    /// Whether the birth date is that of a minor who may register with the agreement of whoever has parental power.
    pub minor: bool,
    /// Whether that agreement was ticked.
    pub guardian_agrees: bool,
}
