//! `/profile/password`: another password, by whoever knows the one in use.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::account::{Access, Account};
use idp_core::audit::{Action, AuditEvent};
use idp_store::Attempt;

use super::login::{check_password, throttle_key};
use super::new_password;
use super::proof::{self, Destination};
use crate::error::AppError;
use crate::extract::{Posted, Visitor};
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::page::{MessagePage, NewPasswordPage, PasswordProof, Sign};
use crate::view::shell::Action as PageAction;
use crate::view::text::Text;

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor) -> Result<Response, AppError> {
    Ok(match visitor.member.clone() {
        Some(member) if may_change(&visitor, &member.account.account) => {
            if let Some(elsewhere) = proof::beside_password(&app, &visitor, &member, Destination::Password).await? {
                return Ok(elsewhere);
            }
            show(&visitor, &member.account.account, FieldErrors::none())
        }
        Some(_) => visitor.go(urls::PROFILE),
        None => visitor.go(urls::LOGIN),
    })
}

/// POST: every other session ends, and every grant that does not live with this one.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let Some(member) = visitor.member.clone() else { return Ok(visitor.go(urls::LOGIN)) };
    let account = &member.account.account;
    if !may_change(visitor, account) {
        return Ok(visitor.go(urls::PROFILE));
    }
    if let Some(elsewhere) = proof::beside_password(&app, visitor, &member, Destination::Password).await? {
        return Ok(elsewhere);
    }
    let mut errors = FieldErrors::none();
    let own_words = new_password::own_words(account);
    let own_words: Vec<&str> = own_words.iter().map(String::as_str).collect();
    new_password::judge(form.field("password"), &own_words, "password", &mut errors);
    if errors.is_empty() {
        check_current(&app, visitor, account, form.field("current"), &mut errors).await?;
    }
    if !errors.is_empty() {
        return Ok(show(visitor, account, errors));
    }
    let event = AuditEvent::by_member(visitor.now, account.id, Action::PasswordChanged)
        .session(member.session.id)
        .from(visitor.origin.to_string());
    let new = new_password::prepare(&app, visitor, account, form.field("password"), vec![event]).await?;
    if !app.store.change_password(&account.password, member.session.id, new, visitor.now).await? {
        // It was changed elsewhere in this very moment: what was typed as the one in use no longer is.
        errors.add("current", Text::key("delete-password-bad"));
        return Ok(show(visitor, account, errors));
    }
    app.mail_queued.notify_one();
    let page = MessagePage {
        shell: visitor.shell(),
        id: "password-changed",
        sign: Sign::Done,
        title: Text::key("password-changed-title"),
        body: vec![Text::key("password-changed-body")],
        actions: vec![PageAction::primary(urls::PROFILE, Text::key("profile-title"))],
    };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// The same counter as the sign-in page's: this door must not give more guesses than that one.
async fn check_current(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    current: &str,
    errors: &mut FieldErrors,
) -> Result<(), AppError> {
    let key = throttle_key(app, visitor, &account.email, Some(account.id)).await?;
    if let Attempt::Wait { until } = app.store.begin_attempt(&key, &app.sign_in_policy(), visitor.now).await? {
        let minutes = ((until - visitor.now).num_seconds().max(1) + 59) / 60;
        errors.add("current", Text::key("login-locked").with("n", minutes));
        return Ok(());
    }
    let short_enough = current.chars().count() <= 128;
    if !short_enough || !check_password(app, &key, current, Some(account.password.clone())).await? {
        errors.add("current", Text::key("delete-password-bad"));
        return Ok(());
    }
    Ok(app.store.forget_failures(&key).await?)
}

fn may_change(visitor: &Visitor, account: &Account) -> bool {
    matches!(account.access(visitor.now), Access::Full | Access::VerifyOrDelete)
}

fn show(visitor: &Visitor, account: &Account, errors: FieldErrors) -> Response {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = NewPasswordPage {
        shell: visitor.shell(),
        email: account.email.as_str().to_owned(),
        proof: PasswordProof::Current,
        password_min: new_password::LEAST,
        errors,
    };
    visitor.dress(page.render_response(status).into_response())
}
