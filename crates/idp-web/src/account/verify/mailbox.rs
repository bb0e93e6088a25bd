//! `/verify/staff/mailbox` and `/verify/staff/code`: a mailbox of the ministry's domain, proven by a code.

use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::{CODE_LIFETIME, CodeState, CodeVerdict};
use idp_core::audit::{Action, AuditEvent};
use idp_core::email::EmailAddress;
use idp_core::secret::Secret;
use idp_core::thai::ascii_digits;
use idp_store::Space;

use super::verifiable;
use crate::account::post_office::{Posting, post as seal_letter};
use crate::account::register::{code_reference, code_resend_after};
use crate::error::AppError;
use crate::extract::{Member, Posted, Visitor};
use crate::mail::Letter;
use crate::oidc::authorize::Waiting;
use crate::oidc::pending::service_name;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::page::{CodePage, StaffMailboxPage};
use crate::view::text::Text;

/// What the code is for.
const PURPOSE: &str = "staff-mailbox";
/// A proven mailbox counts for so long.
const PROOF_LIFETIME: TimeDelta = TimeDelta::hours(1);
/// So many codes in an hour.
const PER_ACCOUNT_PER_HOUR: u64 = 6;

/// The ministry mailbox that this member has proven: the account's own address, or another one by code.
pub(super) async fn confirmed_mailbox(
    app: &App,
    member: &Member,
    now: DateTime<Utc>,
) -> Result<Option<EmailAddress>, AppError> {
    let account = &member.account.account;
    if is_ministry(app, &account.email) {
        return Ok(Some(account.email.clone()));
    }
    Ok(app.store.confirmed_address(account.id, PURPOSE, now - PROOF_LIFETIME).await?)
}

fn is_ministry(app: &App, email: &EmailAddress) -> bool {
    app.config.verification.staff_domains.iter().any(|domain| email.domain().eq_ignore_ascii_case(domain))
}

/// GET `/verify/staff/mailbox`.
pub async fn mailbox_page(State(app): State<App>, visitor: Visitor, Query(waiting): Query<Waiting>) -> Response {
    match verifiable(&visitor, waiting.handle()) {
        Ok(_) => show_mailbox(&app, &visitor, waiting.handle(), "", FieldErrors::none()).await,
        Err(elsewhere) => elsewhere,
    }
}

/// POST `/verify/staff/mailbox`.
pub async fn send_code(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let member = match verifiable(visitor, form.request()) {
        Ok(member) => member,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let mut errors = FieldErrors::none();
    match EmailAddress::parse(form.field("email")) {
        Err(error) => errors.add("email", Text::key(error.message_key())),
        Ok(email) if !is_ministry(&app, &email) => {
            let domains = app.config.verification.staff_domains.join(", ");
            errors.add("email", Text::key("error-mailbox-domain").with("domains", domains));
        }
        Ok(email) if mail_code(&app, visitor, &member, &email).await? => {
            return Ok(visitor.go(&urls::with_request(urls::VERIFY_CODE, form.request())));
        }
        Ok(_) => errors.add("email", Text::key("rate-limited")),
    }
    Ok(show_mailbox(&app, visitor, form.request(), form.field("email"), errors).await)
}

/// GET `/verify/staff/code`.
pub async fn code_page(
    State(app): State<App>,
    visitor: Visitor,
    Query(waiting): Query<Waiting>,
) -> Result<Response, AppError> {
    let member = match verifiable(&visitor, waiting.handle()) {
        Ok(member) => member,
        Err(elsewhere) => return Ok(elsewhere),
    };
    show_code(&app, &visitor, &member, waiting.handle(), FieldErrors::none()).await
}

/// POST `/verify/staff/code`.
pub async fn check_code(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let member = match verifiable(visitor, form.request()) {
        Ok(member) => member,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let account_id = member.account.account.id;
    let mut errors = FieldErrors::none();
    let Some((_, code)) = app.store.take_code_guess(account_id, PURPOSE, visitor.now).await? else {
        return Ok(visitor.go(&urls::with_request(urls::VERIFY_MAILBOX, form.request())));
    };
    match code.judge(&ascii_digits(form.field("code")), &account_id.to_string(), visitor.now) {
        CodeVerdict::Right => {
            let event = AuditEvent::by_member(visitor.now, account_id, Action::EmailConfirmed)
                .session(member.session.id)
                .from(visitor.origin.to_string())
                .detail(serde_json::json!({ "purpose": PURPOSE }));
            app.store.confirm_code(account_id, PURPOSE, &code.digest, visitor.now, &[event]).await?;
            return Ok(visitor.go(&urls::with_request(urls::VERIFY_STAFF, form.request())));
        }
        CodeVerdict::Wrong { left } => errors.add("code", Text::key("error-code-wrong").with("n", left)),
        CodeVerdict::Spent => errors.add("code", Text::key("error-code-spent")),
    }
    show_code(&app, visitor, &member, form.request(), errors).await
}

/// POST `/verify/staff/code/resend`.
pub async fn resend(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let member = match verifiable(visitor, form.request()) {
        Ok(member) => member,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let waiting = app.store.waiting_code(member.account.account.id, PURPOSE).await?;
    let Some((email, code)) = waiting else {
        return Ok(visitor.go(&urls::with_request(urls::VERIFY_MAILBOX, form.request())));
    };
    let mut errors = FieldErrors::none();
    if code_resend_after(&code, visitor) > 0 {
        errors.add("code", Text::key("error-code-soon"));
    } else if !mail_code(&app, visitor, &member, &email).await? {
        errors.add("code", Text::key("rate-limited"));
    }
    show_code(&app, visitor, &member, form.request(), errors).await
}

/// Mails a code; `false` when too many were asked for.
async fn mail_code(app: &App, visitor: &Visitor, member: &Member, email: &EmailAddress) -> Result<bool, AppError> {
    let account_id = member.account.account.id;
    let rate = format!("staff-code:{account_id}");
    if app.short_lived.count(Space::Rate, &rate, Duration::from_secs(3600)).await? > PER_ACCOUNT_PER_HOUR {
        return Ok(false);
    }
    let code = Secret::six_digits(&*app.chance);
    let state = CodeState::sent(&code, &account_id.to_string(), visitor.now);
    let letter = Letter::StaffMailboxCode {
        code: code.reveal().to_owned(),
        reference: code_reference(app, &state),
        minutes: u32::try_from(CODE_LIFETIME.num_minutes()).unwrap_or(10),
    };
    let posting = Posting {
        account: Some(account_id),
        to: email,
        lang: visitor.lang,
        good_for: TimeDelta::minutes(30),
        once: None,
    };
    let mail = seal_letter(app, posting, letter, visitor.now);
    let event = AuditEvent::by_member(visitor.now, account_id, Action::EmailCodeSent)
        .session(member.session.id)
        .from(visitor.origin.to_string())
        .detail(serde_json::json!({ "purpose": PURPOSE }));
    app.store.put_code(account_id, PURPOSE, email, &state, visitor.now, &[event], &[mail]).await?;
    app.mail_queued.notify_one();
    Ok(true)
}

async fn show_mailbox(
    app: &App,
    visitor: &Visitor,
    request: Option<&str>,
    email: &str,
    errors: FieldErrors,
) -> Response {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = StaffMailboxPage {
        shell: visitor.shell_for(service_name(app, visitor, request).await),
        errors,
        email: email.to_owned(),
        domains: app.config.verification.staff_domains.clone(),
        request: request.map(str::to_owned),
    };
    visitor.dress(page.render_response(status).into_response())
}

async fn show_code(
    app: &App,
    visitor: &Visitor,
    member: &Member,
    request: Option<&str>,
    errors: FieldErrors,
) -> Result<Response, AppError> {
    let Some((email, code)) = app.store.waiting_code(member.account.account.id, PURPOSE).await? else {
        return Ok(visitor.go(&urls::with_request(urls::VERIFY_MAILBOX, request)));
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = CodePage {
        shell: visitor.shell_for(service_name(app, visitor, request).await),
        errors,
        sent_to: email.as_str().to_owned(),
        reference: code_reference(app, &code),
        minutes_valid: u32::try_from(CODE_LIFETIME.num_minutes()).unwrap_or(10),
        resend_after: code_resend_after(&code, visitor),
        action: urls::VERIFY_CODE,
        resend_action: urls::VERIFY_RESEND,
        back_href: urls::VERIFY_MAILBOX,
        step: None,
        request: request.map(str::to_owned),
    };
    Ok(visitor.dress(page.render_response(status).into_response()))
}
