//! `/register/code`: the six digits that prove the mailbox.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use idp_core::account::{CODE_LIFETIME, CodeState, CodeVerdict, Registration, RegistrationStage};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::email::EmailAddress;
use idp_core::thai::ascii_digits;

use super::email::{Sent, reference, send};
use super::{current, to_step};
use crate::error::AppError;
use crate::extract::{Posted, Visitor};
use crate::oidc::pending::service_name;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::page::CodePage;
use crate::view::text::Text;

/// A new code may be asked for after so long.
const RESEND_AFTER: TimeDelta = TimeDelta::seconds(60);

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor) -> Result<Response, AppError> {
    let registration = current(&app, &visitor).await?;
    match &registration {
        Some(found) if waiting(found).is_some() => Ok(show(&app, &visitor, found, FieldErrors::none()).await),
        _ => Ok(to_step(&visitor, registration.as_ref())),
    }
}

/// POST.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let registration = current(&app, visitor).await?;
    let Some(found) = registration.as_ref().filter(|found| waiting(found).is_some()) else {
        return Ok(to_step(visitor, registration.as_ref()));
    };
    let typed = ascii_digits(form.field("code"));
    let mut errors = FieldErrors::none();
    if typed.len() != 6 {
        errors.add("code", Text::key("otp-bad"));
        return Ok(show(&app, visitor, found, errors).await);
    }
    // The guess is counted before anybody looks at it.
    let Some(counted) = app.store.take_guess(found.id, visitor.now).await? else {
        return Ok(to_step(visitor, registration.as_ref()));
    };
    let Some((_, code)) = waiting(&counted) else { return Ok(to_step(visitor, Some(&counted))) };
    match code.judge(&typed, &counted.id.to_string(), visitor.now) {
        CodeVerdict::Right => {
            let event = AuditEvent::new(visitor.now, Actor::Anonymous, Action::EmailConfirmed)
                .from(visitor.origin.to_string())
                .detail(serde_json::json!({ "registration": counted.id }));
            app.store.confirm_email(counted.id, &code.digest, visitor.now, &[event]).await?;
            return Ok(visitor.go(urls::REGISTER_DETAILS));
        }
        CodeVerdict::Wrong { left } => errors.add("code", Text::key("error-code-wrong").with("n", left)),
        CodeVerdict::Spent => errors.add("code", Text::key("error-code-spent")),
    }
    Ok(show(&app, visitor, &counted, errors).await)
}

/// POST: a new code; the old one is dead.
pub async fn resend(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let registration = current(&app, visitor).await?;
    let Some((found, (email, code))) = registration.as_ref().and_then(|found| Some((found, waiting(found)?))) else {
        return Ok(to_step(visitor, registration.as_ref()));
    };
    let mut errors = FieldErrors::none();
    if visitor.now < code.sent_at + RESEND_AFTER {
        errors.add("code", Text::key("error-code-soon"));
    } else if let Sent::TooOften = send(&app, visitor, found, email).await? {
        errors.add("code", Text::key("rate-limited"));
    } else {
        return Ok(visitor.go(urls::REGISTER_CODE));
    }
    Ok(show(&app, visitor, found, errors).await)
}

fn waiting(registration: &Registration) -> Option<(&EmailAddress, CodeState)> {
    match &registration.stage {
        RegistrationStage::CodeSent { email, code, .. } => Some((email, *code)),
        _ => None,
    }
}

async fn show(app: &App, visitor: &Visitor, registration: &Registration, errors: FieldErrors) -> Response {
    let Some((email, code)) = waiting(registration) else { return to_step(visitor, Some(registration)) };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = CodePage {
        shell: visitor.shell_for(service_name(app, visitor, registration.request.as_deref()).await),
        errors,
        sent_to: email.as_str().to_owned(),
        reference: reference(app, &code),
        minutes_valid: u32::try_from(CODE_LIFETIME.num_minutes()).unwrap_or(10),
        resend_after: resend_after(&code, visitor),
        action: urls::REGISTER_CODE,
        resend_action: urls::REGISTER_RESEND,
        back_href: urls::REGISTER_EMAIL,
        step: Some(3),
        request: None,
    };
    visitor.dress(page.render_response(status).into_response())
}

/// Seconds until a new code may be asked for.
pub(crate) fn resend_after(code: &CodeState, visitor: &Visitor) -> u32 {
    u32::try_from((code.sent_at + RESEND_AFTER - visitor.now).num_seconds().max(0)).unwrap_or(0)
}
