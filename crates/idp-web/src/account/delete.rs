//! `/profile/delete` and `/profile/keep`: deletion with thirty days to change one's mind.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use idp_core::account::{Account, Standing};
use idp_core::audit::{Action, AuditEvent};
use idp_store::Attempt;

use super::login::{check_password, throttle_key};
use super::post_office::{Posting, post as seal_letter};
use super::proof::{self, Destination};
use super::words;
use crate::error::AppError;
use crate::extract::{Cookie, Posted, Visitor};
use crate::mail::Letter;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::lang::Lang;
use crate::view::page::{DeletePage, MessagePage, Sign};
use crate::view::shell::{Action as PageAction, Shell};
use crate::view::text::Text;

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor) -> Result<Response, AppError> {
    let Some(member) = &visitor.member else { return Ok(visitor.go(urls::LOGIN)) };
    Ok(match proof::beside_password(&app, &visitor, member, Destination::Delete).await? {
        Some(elsewhere) => elsewhere,
        None => show(&visitor, &member.account.account, FieldErrors::none()),
    })
}

/// POST: with the password once more.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let Some(member) = visitor.member.clone() else { return Ok(visitor.go(urls::LOGIN)) };
    let account = &member.account.account;
    if !matches!(account.standing, Standing::Active | Standing::Restricted { .. }) {
        return Ok(visitor.go(urls::PROFILE));
    }
    if let Some(elsewhere) = proof::beside_password(&app, visitor, &member, Destination::Delete).await? {
        return Ok(elsewhere);
    }
    let password = form.field("password");
    // The same counter as the sign-in page's: this door must not give more guesses than that one.
    let key = throttle_key(&app, visitor, &account.email, Some(account.id)).await?;
    let mut errors = FieldErrors::none();
    if let Attempt::Wait { until } = app.store.begin_attempt(&key, &app.sign_in_policy(), visitor.now).await? {
        let minutes = ((until - visitor.now).num_seconds().max(1) + 59) / 60;
        errors.add("password", Text::key("login-locked").with("n", minutes));
        return Ok(show(visitor, account, errors));
    }
    let short_enough = password.chars().count() <= 128;
    if !short_enough || !check_password(&app, &key, password, Some(account.password.clone())).await? {
        errors.add("password", Text::key("error-delete-password"));
        return Ok(show(visitor, account, errors));
    }
    app.store.forget_failures(&key).await?;
    let erase_at = visitor.now + TimeDelta::days(app.config.membership.erase_after_days.into());
    let event = AuditEvent::by_member(visitor.now, account.id, Action::DeletionScheduled)
        .session(member.session.id)
        .from(visitor.origin.to_string());
    let mail = farewell(&app, visitor, account, erase_at);
    app.store.schedule_deletion(account.id, erase_at, visitor.now, &[event], &[mail]).await?;
    app.mail_queued.notify_one();
    let page = MessagePage {
        shell: Shell { member: None, ..visitor.shell() },
        id: "deletion-scheduled",
        sign: Sign::Notice,
        title: Text::key("deleting-title"),
        body: vec![Text::key("deleting-body").with("date", words::day(erase_at, visitor.lang))],
        actions: vec![PageAction::primary(urls::HOME, Text::key("error-page-home"))],
    };
    let mut response = page.render_response(StatusCode::OK).into_response();
    visitor.jar.clear(response.headers_mut(), Cookie::Session);
    Ok(visitor.dress(response))
}

/// GET `/profile/keep`: asks once, by a form, whether to keep the account.
pub async fn keep_page(visitor: Visitor) -> Response {
    match &visitor.member {
        None => visitor.go(urls::LOGIN),
        Some(_) => visitor.dress(keep_form(&visitor).render_response(StatusCode::OK).into_response()),
    }
}

/// POST `/profile/keep`.
pub async fn keep(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    if let Some(member) = &visitor.member {
        let id = member.account.account.id;
        let event = AuditEvent::by_member(visitor.now, id, Action::DeletionCancelled)
            .session(member.session.id)
            .from(visitor.origin.to_string());
        app.store.cancel_deletion(id, visitor.now, &[event]).await?;
    }
    Ok(visitor.go(urls::PROFILE))
}

fn keep_form(visitor: &Visitor) -> crate::view::page::KeepPage {
    crate::view::page::KeepPage { shell: visitor.shell() }
}

fn farewell(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    erase_at: chrono::DateTime<chrono::Utc>,
) -> idp_core::mail::OutgoingMail {
    let letter = Letter::DeletionScheduled { name: account.profile.full_name(), erase_date: erase_at };
    let posting = Posting {
        account: Some(account.id),
        to: &account.email,
        lang: account.language.as_deref().and_then(Lang::from_tag).unwrap_or(visitor.lang),
        good_for: TimeDelta::days(7),
        once: None,
    };
    seal_letter(app, posting, letter, visitor.now)
}

fn show(visitor: &Visitor, account: &Account, errors: FieldErrors) -> Response {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = DeletePage { shell: visitor.shell(), email: account.email.as_str().to_owned(), errors };
    visitor.dress(page.render_response(status).into_response())
}
