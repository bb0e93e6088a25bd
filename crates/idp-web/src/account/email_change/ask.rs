//! `/profile/email`: which mailbox. The answer is the same whether or not somebody else has the address.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use idp_core::account::{CODE_LIFETIME, CodeState, EmailChange, EmailChangeStage};
use idp_core::audit::{Action, AuditEvent};
use idp_core::email::EmailAddress;
use idp_core::id::EmailChangeId;
use idp_core::secret::Secret;
use idp_store::Space;

use super::changeable;
use crate::account::post_office::{Posting, post as seal_letter};
use crate::account::proof::{self, Demand, Destination, Proof};
use crate::account::register::code_reference;
use crate::error::AppError;
use crate::extract::{Member, Posted, Visitor};
use crate::mail::Letter;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::page::EmailChangePage;
use crate::view::text::Text;

/// So many codes may be mailed to one address in an hour, registrations included.
const PER_ADDRESS_PER_HOUR: u64 = 6;
/// And so many for one account.
const PER_ACCOUNT_PER_HOUR: u64 = 6;

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor) -> Result<Response, AppError> {
    let member = match proven(&app, &visitor).await? {
        Ok(member) => member,
        Err(elsewhere) => return Ok(elsewhere),
    };
    Ok(show(&visitor, &member, "", FieldErrors::none()))
}

/// POST.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let member = match proven(&app, visitor).await? {
        Ok(member) => member,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let mut errors = FieldErrors::none();
    match EmailAddress::parse(form.field("email")) {
        Err(error) => errors.add("email", Text::key(error.message_key())),
        Ok(email) if email.key() == member.account.email.key() => errors.add("email", Text::key("change-email-same")),
        Ok(email) => match send(&app, visitor, &member, &email).await? {
            Sent::Yes => return Ok(visitor.go(urls::EMAIL_CODE)),
            Sent::TooOften => errors.add("email", Text::key("rate-limited")),
            Sent::SignedOut => return Ok(visitor.go(urls::LOGIN)),
        },
    }
    Ok(show(visitor, &member, form.field("email"), errors))
}

/// Whoever has just proven who they are, as strongly as the account can; anybody else is led to it and comes back here.
async fn proven(app: &App, visitor: &Visitor) -> Result<Result<Member, Response>, AppError> {
    if let Err(elsewhere) = changeable(visitor) {
        return Ok(Err(*elsewhere));
    }
    Ok(match proof::ask(app, visitor, Demand::Member, Destination::Email).await? {
        Proof::Given(member) => Ok(member),
        Proof::Missing(elsewhere) => Err(elsewhere),
    })
}

/// Whether a code went out.
pub(super) enum Sent {
    /// It is in the outbox.
    Yes,
    /// Too many for this address or this account.
    TooOften,
    /// The session has ended meanwhile.
    SignedOut,
}

/// Mails a code. Somebody else who has the address gets a letter that says so instead, and no code fits.
pub(super) async fn send(
    app: &App,
    visitor: &Visitor,
    member: &Member,
    email: &EmailAddress,
) -> Result<Sent, AppError> {
    let hour = Duration::from_secs(3600);
    let account = &member.account.account;
    let by_account = format!("email-change:{}", account.id);
    let by_address = format!("code-to:{}", app.address_mark(email.key()));
    if app.short_lived.count(Space::Rate, &by_account, hour).await? > PER_ACCOUNT_PER_HOUR
        || app.short_lived.count(Space::Rate, &by_address, hour).await? > PER_ADDRESS_PER_HOUR
    {
        return Ok(Sent::TooOften);
    }
    let id = EmailChangeId::make(&*app.chance);
    let (mailed, unsent) = (Secret::six_digits(&*app.chance), Secret::make(&*app.chance));
    let state = |code: &Secret| CodeState::sent(code, &id.to_string(), visitor.now);
    // A code that nobody was sent fits nothing: for a known address the digest is another secret's.
    let (letter, code) = match app.store.account_id_by_email(email.key()).await? {
        Some(_) => (Letter::EmailWanted { at: visitor.now }, state(&unsent)),
        None => {
            let code = state(&mailed);
            let letter = Letter::ChangeEmailCode {
                code: mailed.reveal().to_owned(),
                reference: code_reference(app, &code),
                minutes: u32::try_from(CODE_LIFETIME.num_minutes()).unwrap_or(10),
            };
            (letter, code)
        }
    };
    let asked = EmailChange {
        id,
        account_id: account.id,
        session_id: member.session.id,
        email: email.clone(),
        stage: EmailChangeStage::CodeSent { code },
    };
    // The letter is about nobody's account yet: whoever reads that mailbox may be a stranger.
    let posting =
        Posting { account: None, to: email, lang: visitor.lang, good_for: TimeDelta::minutes(30), once: None };
    let mail = seal_letter(app, posting, letter, visitor.now);
    let event = AuditEvent::by_member(visitor.now, account.id, Action::EmailChangeAsked)
        .session(member.session.id)
        .from(visitor.origin.to_string());
    if !app.store.ask_email_change(&asked, &code, &[event], &[mail]).await? {
        return Ok(Sent::SignedOut);
    }
    app.mail_queued.notify_one();
    Ok(Sent::Yes)
}

fn show(visitor: &Visitor, member: &Member, email: &str, errors: FieldErrors) -> Response {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = EmailChangePage {
        shell: visitor.shell(),
        errors,
        current: member.account.email.as_str().to_owned(),
        email: email.to_owned(),
    };
    visitor.dress(page.render_response(status).into_response())
}
