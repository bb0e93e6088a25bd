//! `/profile/email/code`: the six digits that prove the new mailbox, and with them the change.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::account::{CODE_LIFETIME, CodeState, CodeVerdict, EmailChange, UNDO_LIFETIME};
use idp_core::audit::{Action, AuditEvent};
use idp_core::secret::Secret;
use idp_core::thai::ascii_digits;
use idp_store::{EmailChangeOrder, EmailChanged};

use super::ask::{Sent, send};
use super::{changeable, letter, masked};
use crate::account::proof::{self, Demand, Destination, Proof};
use crate::account::register::{code_reference, code_resend_after};
use crate::error::AppError;
use crate::extract::{Member, Posted, Visitor};
use crate::mail::Letter;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::page::{CodePage, MessagePage, Sign};
use crate::view::shell::Action as PageAction;
use crate::view::text::Text;

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor) -> Result<Response, AppError> {
    let member = match changeable(&visitor) {
        Ok(member) => member,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    show(&app, &visitor, &member, FieldErrors::none()).await
}

/// POST.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let member = match changeable(visitor) {
        Ok(member) => member,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let (account_id, session) = (member.account.account.id, member.session.id);
    let mut errors = FieldErrors::none();
    let typed = ascii_digits(form.field("code"));
    if typed.len() != 6 {
        errors.add("code", Text::key("otp-bad"));
        return show(&app, visitor, &member, errors).await;
    }
    // The guess is counted before anybody looks at it.
    let Some(change) = app.store.take_email_guess(account_id, session).await? else {
        return Ok(visitor.go(urls::EMAIL));
    };
    match (change.judge(&typed, session, visitor.now), change.code()) {
        (CodeVerdict::Right, Some(code)) => return conclude(&app, visitor, &member, change, code).await,
        (CodeVerdict::Wrong { left }, _) => errors.add("code", Text::key("error-code-wrong").with("n", left)),
        _ => errors.add("code", Text::key("error-code-spent")),
    }
    show(&app, visitor, &member, errors).await
}

async fn conclude(
    app: &App,
    visitor: &Visitor,
    member: &Member,
    change: EmailChange,
    code: CodeState,
) -> Result<Response, AppError> {
    let account = &member.account.account;
    let undo = Secret::make(&*app.chance);
    let new = change.email.clone();
    let told = Letter::EmailChanged {
        name: account.profile.full_name(),
        at: visitor.now,
        new_address: masked(&new),
        undo_url: format!("{}?token={}", app.url(urls::EMAIL_UNDO), undo.reveal()),
        undo_until: visitor.now + UNDO_LIFETIME,
    };
    let confirmed = Letter::EmailIsNew { name: account.profile.full_name(), at: visitor.now };
    let event = AuditEvent::by_member(visitor.now, account.id, Action::EmailChanged)
        .session(member.session.id)
        .from(visitor.origin.to_string());
    let order = EmailChangeOrder {
        change,
        code: code.digest,
        former: account.email.clone(),
        undo: undo.digest(),
        events: vec![event],
        mails: vec![
            letter(app, visitor, account, &account.email, told),
            letter(app, visitor, account, &new, confirmed),
        ],
    };
    match app.store.change_email(order, visitor.now).await? {
        EmailChanged::Done => {}
        EmailChanged::Gone => return Ok(visitor.go(urls::EMAIL)),
        // Whoever is here has proven the mailbox, so may know.
        EmailChanged::Taken => {
            return Err(AppError::new(
                StatusCode::CONFLICT,
                "already_registered",
                "error-page-registered-title",
                "change-email-taken",
            )
            .next(urls::EMAIL, "change-email-other"));
        }
    }
    app.mail_queued.notify_one();
    let page = MessagePage {
        shell: visitor.shell(),
        id: "email-changed",
        sign: Sign::Done,
        title: Text::key("change-email-done-title"),
        body: vec![
            Text::key("change-email-done-body").with("email", new.as_str()),
            Text::key("change-email-done-others"),
        ],
        actions: vec![PageAction::primary(urls::PROFILE, Text::key("profile-title"))],
    };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// POST `/profile/email/code/resend`: a new code; the old one is dead.
pub async fn resend(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    if let Err(elsewhere) = changeable(visitor) {
        return Ok(*elsewhere);
    }
    // Else one proof would be worth as many codes as the session lives.
    let member = match proof::ask(&app, visitor, Demand::Member, Destination::Email).await? {
        Proof::Given(member) => member,
        Proof::Missing(elsewhere) => return Ok(elsewhere),
    };
    let waiting = app.store.waiting_email_change(member.account.account.id, member.session.id).await?;
    let Some((change, code)) = waiting.and_then(|change| change.code().map(|code| (change, code))) else {
        return Ok(visitor.go(urls::EMAIL));
    };
    let mut errors = FieldErrors::none();
    if code_resend_after(&code, visitor) > 0 {
        errors.add("code", Text::key("error-code-soon"));
    } else {
        match send(&app, visitor, &member, &change.email).await? {
            Sent::Yes => return Ok(visitor.go(urls::EMAIL_CODE)),
            Sent::TooOften => errors.add("code", Text::key("rate-limited")),
            Sent::SignedOut => return Ok(visitor.go(urls::LOGIN)),
        }
    }
    show(&app, visitor, &member, errors).await
}

async fn show(app: &App, visitor: &Visitor, member: &Member, errors: FieldErrors) -> Result<Response, AppError> {
    let waiting = app.store.waiting_email_change(member.account.account.id, member.session.id).await?;
    let Some((change, code)) = waiting.and_then(|change| change.code().map(|code| (change, code))) else {
        return Ok(visitor.go(urls::EMAIL));
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = CodePage {
        shell: visitor.shell(),
        errors,
        sent_to: change.email.as_str().to_owned(),
        reference: code_reference(app, &code),
        minutes_valid: u32::try_from(CODE_LIFETIME.num_minutes()).unwrap_or(10),
        resend_after: code_resend_after(&code, visitor),
        action: urls::EMAIL_CODE,
        resend_action: urls::EMAIL_RESEND,
        back_href: urls::EMAIL,
        step: None,
        request: None,
    };
    Ok(visitor.dress(page.render_response(status).into_response()))
}
