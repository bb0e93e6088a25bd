//! `/recover`: which mailbox. The answer is the same whether or not somebody has the address.

use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::email::EmailAddress;
use idp_store::Space;
use serde::Deserialize;

use super::answer;
use crate::account::login::throttle_key;
use crate::account::work::{self, Door};
use crate::error::AppError;
use crate::extract::{Posted, Visitor};
use crate::oidc::pending::{handle, service_name};
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::page::{MessagePage, RecoverPage, Sign};
use crate::view::shell::Action as PageAction;
use crate::view::text::Text;

/// So many links may be mailed to one address in an hour.
const PER_ADDRESS_PER_HOUR: u64 = 6;
/// And so many asked for from one origin.
const PER_ORIGIN_PER_HOUR: u64 = 60;

/// What the page is opened with.
#[derive(Deserialize)]
pub struct Opened {
    request: Option<String>,
}

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor, Query(opened): Query<Opened>) -> Response {
    let request = opened.request.as_deref().and_then(handle);
    let email = visitor.member.as_ref().map_or("", |member| member.account.account.email.as_str()).to_owned();
    let work = work::page_asks(&app, &visitor).await.unwrap_or(false);
    show(&app, &visitor, request, &email, FieldErrors::none(), work).await
}

/// POST.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let mut errors = FieldErrors::none();
    let mut work = false;
    match EmailAddress::parse(form.field("email")) {
        Err(error) => errors.add("email", Text::key(error.message_key())),
        Ok(email) if !may_ask(&app, &form, &email).await? => {
            work = true;
            errors.add("email", Text::key("work-first-email"));
        }
        Ok(email) if too_often(&app, visitor, &email).await? => errors.add("email", Text::key("rate-limited")),
        Ok(email) => {
            let asked = answer::errand(&app, visitor, &email, form.request());
            app.store.queue_mails(&[asked]).await?;
            app.mail_queued.notify_one();
            return Ok(visitor.dress(sent(visitor, form.request()).render_response(StatusCode::OK).into_response()));
        }
    }
    work = work || work::page_asks(&app, visitor).await?;
    Ok(show(&app, visitor, form.request(), form.field("email"), errors, work).await)
}

/// Whether the asking is looked at: where much was guessed, it is paid for.
async fn may_ask(app: &App, form: &Posted, email: &EmailAddress) -> Result<bool, AppError> {
    let visitor = &form.visitor;
    // Who has the address matters to a browser that its owner has signed in with, and to no other.
    let account = match visitor.known_device() {
        Some(_) => app.store.account_id_by_email(email.key()).await?,
        None => None,
    };
    let key = throttle_key(app, visitor, email, account).await?;
    Ok(!work::has_to(app, visitor, &key).await? || work::paid(app, form, Door::Recovery).await?)
}

async fn too_often(app: &App, visitor: &Visitor, email: &EmailAddress) -> Result<bool, AppError> {
    let hour = Duration::from_secs(3600);
    let by_origin = format!("recovery-from:{}", visitor.origin_bucket());
    let by_address = format!("recovery-to:{}", app.address_mark(email.key()));
    Ok(app.short_lived.count(Space::Rate, &by_origin, hour).await? > PER_ORIGIN_PER_HOUR
        || app.short_lived.count(Space::Rate, &by_address, hour).await? > PER_ADDRESS_PER_HOUR)
}

fn sent(visitor: &Visitor, request: Option<&str>) -> MessagePage {
    MessagePage {
        shell: visitor.shell(),
        id: "recovery-sent",
        sign: Sign::Notice,
        title: Text::key("recover-sent-title"),
        body: vec![Text::key("recover-sent-body"), Text::key("recover-sent-none")],
        actions: vec![
            PageAction::primary(urls::with_request(urls::LOGIN, request), Text::key("back-login")),
            PageAction::secondary(urls::with_request(urls::RECOVER, request), Text::key("recover-again")),
        ],
    }
}

async fn show(
    app: &App,
    visitor: &Visitor,
    request: Option<&str>,
    email: &str,
    errors: FieldErrors,
    work: bool,
) -> Response {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = RecoverPage {
        shell: visitor.shell_for(service_name(app, visitor, request).await),
        request: request.map(str::to_owned),
        errors,
        email: email.to_owned(),
        work: work.then(|| work::task(app, visitor, Door::Recovery)),
    };
    visitor.dress(page.render_response(status).into_response())
}
