//! Verification: the data on the face of the citizen ID card.

use askama::Template;

use crate::view::{FieldErrors, Shell, Text};

/// `POST /verify/public` or `/verify/staff` with the fields of [`CardForm`], and when offered `accept_first_name`,
/// `keep_first_name`, `accept_year`, each `yes`.
#[derive(Template)]
#[template(path = "page/verify_card.html")]
pub struct VerifyCardPage {
    /// What all pages share.
    pub shell: Shell,
    /// Whether ministry personnel is being verified.
    pub staff: bool,
    /// Whether it is a permanent member who verifies anew: `POST /verify/renew`.
    pub renew: bool,
    /// Where the same is done through ThaID, when it is another way to verify anew.
    pub thaid: Option<String>,
    /// Whether it is somebody who lost their second factor: `POST /login/second/lost`.
    pub lost: bool,
    /// What is wrong with the form.
    pub errors: FieldErrors,
    /// What is wrong as a whole, such as that the register holds other data.
    pub error: Option<Text>,
    /// The account that is being verified.
    pub account_email: String,
    /// What was typed, kept.
    pub form: CardForm,
    /// The sign-in that waits, if one does.
    pub request: Option<String>,
}

/// Data of a citizen ID card as typed. The names of the fields are those of the inputs.
#[derive(Clone, Default)]
pub struct CardForm {
    /// The 13-digit number.
    pub national_id: String,
    /// First name in Thai.
    pub first_name: String,
    /// Surname in Thai.
    pub last_name: String,
    /// Day of birth.
    pub birth_day: String,
    /// Month of birth `1` to `12`; empty when nothing was chosen.
    pub birth_month: String,
    /// Year of birth, Buddhist era.
    pub birth_year: String,
    /// Whether "my card shows no day or month" was ticked (`no_day_month` = `yes`).
    pub no_day_month: bool,
    /// The year of the Buddhist era that was probably meant, offered for choice.
    pub era_suggestion: Option<u16>,
    /// The first name without the title that seems to stand in it, offered for choice.
    pub offer_first_name: Option<String>,
}

impl VerifyCardPage {
    fn heading(&self) -> &'static str {
        if self.renew {
            return "renew-title";
        }
        if self.staff { "ver-staff" } else { "ver-public" }
    }
}
