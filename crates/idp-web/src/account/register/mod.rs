//! Registration, step by step: member type → terms → e-mail and code → personal data → signed in. The state of each
//! registration lies in SQL; the browser holds one opaque cookie.

mod choose_type;
mod code;
mod details;
mod email;
mod terms;

pub use choose_type::{get as choose_type_page, post as choose_type};
pub(crate) use code::resend_after as code_resend_after;
pub use code::{get as code_page, post as check_code, resend};
pub use details::{get as details_page, post as conclude};
pub(crate) use email::reference as code_reference;
pub use email::{get as email_page, post as send_code};
pub use terms::{get as terms_page, post as accept_terms};

use axum::response::Response;
use idp_core::account::{Registration, RegistrationStage};

use crate::error::AppError;
use crate::extract::Visitor;
use crate::state::App;
use crate::urls;

/// The registration of this browser.
async fn current(app: &App, visitor: &Visitor) -> Result<Option<Registration>, AppError> {
    match visitor.registration() {
        Some(cookie) => Ok(app.store.registration_by_cookie(&cookie, visitor.now).await?),
        None => Ok(None),
    }
}

/// The page of the step a registration has reached: a step that is skipped or repeated leads here.
fn step_of(registration: Option<&Registration>) -> &'static str {
    match registration.map(|registration| &registration.stage) {
        None => urls::REGISTER,
        Some(RegistrationStage::TypeChosen { .. }) => urls::REGISTER_TERMS,
        Some(RegistrationStage::TermsAccepted { .. }) => urls::REGISTER_EMAIL,
        Some(RegistrationStage::CodeSent { .. }) => urls::REGISTER_CODE,
        Some(RegistrationStage::EmailConfirmed { .. }) => urls::REGISTER_DETAILS,
    }
}

fn to_step(visitor: &Visitor, registration: Option<&Registration>) -> Response {
    visitor.go(step_of(registration))
}
