//! `/recover/set`: the page behind the mailed link.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::secret::{Digest, Secret};
use idp_store::{RECOVERY, StoredAccount};
use serde::Deserialize;

use crate::account::new_password;
use crate::error::AppError;
use crate::extract::{Cookie, Posted, Visitor};
use crate::oidc::pending::handle;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::page::{MessagePage, NewPasswordPage, PasswordProof, Sign};
use crate::view::shell::{Action as PageAction, Shell};
use crate::view::text::Text;

/// The link's token, and the sign-in that waits.
#[derive(Deserialize)]
pub struct Opened {
    token: Option<String>,
    request: Option<String>,
}

/// GET: a mail program that opens links changes nothing.
pub async fn get(State(app): State<App>, visitor: Visitor, Query(opened): Query<Opened>) -> Result<Response, AppError> {
    let token = opened.token.as_deref().and_then(handle).ok_or_else(spent)?;
    let (_, stored) = find(&app, &visitor, token).await?;
    let request = opened.request.as_deref().and_then(handle);
    Ok(show(&visitor, &stored, token, request, FieldErrors::none()))
}

/// POST: the password is set, everybody is signed out, and whoever is here signs in with it.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let token = form.given("token").and_then(handle).ok_or_else(spent)?;
    let (digest, stored) = find(&app, visitor, token).await?;
    let account = &stored.account;
    let mut errors = FieldErrors::none();
    let own_words = new_password::own_words(account);
    let own_words: Vec<&str> = own_words.iter().map(String::as_str).collect();
    new_password::judge(form.field("password"), &own_words, "password", &mut errors);
    if !errors.is_empty() {
        return Ok(show(visitor, &stored, token, form.request(), errors));
    }
    let event = AuditEvent::new(visitor.now, Actor::Anonymous, Action::PasswordRecovered)
        .account(account.id)
        .from(visitor.origin.to_string());
    let new = new_password::prepare(&app, visitor, account, form.field("password"), vec![event]).await?;
    if !app.store.recover_password(&digest, new, visitor.now).await? {
        return Err(spent());
    }
    // Whoever holds the mailbox need not wait out the guesses of others; but it is no way to more guesses at a second
    // factor, which the new password does not replace.
    if !app.store.factors(account.id).await?.has_strong() {
        app.store.forget_failures(&format!("address:{}", app.address_mark(account.email.key()))).await?;
    }
    app.mail_queued.notify_one();
    let page = MessagePage {
        shell: Shell { member: None, ..visitor.shell() },
        id: "password-set",
        sign: Sign::Done,
        title: Text::key("password-changed-title"),
        body: vec![Text::key("password-set-body")],
        actions: vec![PageAction::primary(urls::with_request(urls::LOGIN, form.request()), Text::key("login"))],
    };
    let mut response = page.render_response(StatusCode::OK).into_response();
    if visitor.member.as_ref().is_some_and(|member| member.account.account.id == account.id) {
        visitor.jar.clear(response.headers_mut(), Cookie::Session);
    }
    Ok(visitor.dress(response))
}

async fn find(app: &App, visitor: &Visitor, token: &str) -> Result<(Digest, std::sync::Arc<StoredAccount>), AppError> {
    let digest = Secret::presented(token).digest();
    let account = app.store.peek_link(&digest, RECOVERY, visitor.now).await?.ok_or_else(spent)?;
    let stored = app.store.account(account).await?.ok_or_else(spent)?;
    Ok((digest, stored))
}

fn show(
    visitor: &Visitor,
    stored: &StoredAccount,
    token: &str,
    request: Option<&str>,
    errors: FieldErrors,
) -> Response {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = NewPasswordPage {
        shell: Shell { member: None, ..visitor.shell() },
        email: stored.account.email.as_str().to_owned(),
        proof: PasswordProof::Link { token: token.to_owned(), request: request.map(str::to_owned) },
        password_min: new_password::LEAST,
        errors,
    };
    visitor.dress(page.render_response(status).into_response())
}

fn spent() -> AppError {
    AppError::new(StatusCode::GONE, "link_expired", "error-page-link-title", "error-page-recovery-body")
        .next(urls::RECOVER, "recover-again")
}
