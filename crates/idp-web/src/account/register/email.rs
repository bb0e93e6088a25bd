//! `/register/email`: the mailbox to be proven. The answer is the same whether or not somebody has the address.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use idp_core::account::{CODE_LIFETIME, CodeState, MemberType, Registration, RegistrationStage};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::email::EmailAddress;
use idp_core::seal::mac;
use idp_core::secret::Secret;
use idp_store::Space;

use super::{current, to_step};
use crate::account::post_office::{Posting, post as seal_letter};
use crate::error::AppError;
use crate::extract::{Posted, Visitor};
use crate::mail::Letter;
use crate::oidc::pending::service_name;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::page::EmailPage;
use crate::view::text::Text;

/// So many codes may be mailed to one address in an hour.
const PER_ADDRESS_PER_HOUR: u64 = 6;
/// And so many asked for from one origin.
const PER_ORIGIN_PER_HOUR: u64 = 120;

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor) -> Result<Response, AppError> {
    let registration = current(&app, &visitor).await?;
    match &registration {
        Some(found) if may_send(found) => {
            let email = match &found.stage {
                RegistrationStage::CodeSent { email, .. } => email.as_str().to_owned(),
                _ => String::new(),
            };
            Ok(show(&app, &visitor, found, &email, FieldErrors::none()).await)
        }
        _ => Ok(to_step(&visitor, registration.as_ref())),
    }
}

/// POST.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let registration = current(&app, visitor).await?;
    let Some(found) = registration.as_ref().filter(|found| may_send(found)) else {
        return Ok(to_step(visitor, registration.as_ref()));
    };
    let mut errors = FieldErrors::none();
    match EmailAddress::parse(form.field("email")) {
        Err(error) => errors.add("email", Text::key(error.message_key())),
        Ok(email) => match send(&app, visitor, found, &email).await? {
            Sent::Yes => return Ok(visitor.go(urls::REGISTER_CODE)),
            Sent::TooOften => errors.add("email", Text::key("rate-limited")),
        },
    }
    Ok(show(&app, visitor, found, form.field("email"), errors).await)
}

fn may_send(registration: &Registration) -> bool {
    matches!(registration.stage, RegistrationStage::TermsAccepted { .. } | RegistrationStage::CodeSent { .. })
}

/// Whether a code went out.
pub(super) enum Sent {
    /// It is in the outbox.
    Yes,
    /// Too many for this address or from here.
    TooOften,
}

/// Mails a code. Somebody who has the address already gets a letter that says so instead, and no code fits.
pub(super) async fn send(
    app: &App,
    visitor: &Visitor,
    registration: &Registration,
    email: &EmailAddress,
) -> Result<Sent, AppError> {
    let hour = Duration::from_secs(3600);
    let by_origin = format!("code-from:{}", visitor.origin_bucket());
    let by_address = format!("code-to:{}", app.address_mark(email.key()));
    if app.short_lived.count(Space::Rate, &by_origin, hour).await? > PER_ORIGIN_PER_HOUR
        || app.short_lived.count(Space::Rate, &by_address, hour).await? > PER_ADDRESS_PER_HOUR
    {
        return Ok(Sent::TooOften);
    }
    // Both are made, whoever has the address, and nothing of an account is read but that there is one: neither way may take
    // longer (S064).
    let code = Secret::six_digits(&*app.chance);
    let sent = CodeState::sent(&code, &registration.id.to_string(), visitor.now);
    let confirm = Letter::ConfirmEmail {
        code: code.reveal().to_owned(),
        reference: reference(app, &sent),
        minutes: u32::try_from(CODE_LIFETIME.num_minutes()).unwrap_or(10),
    };
    // A code that nobody was sent fits nothing: the state of a known address holds the digest of another secret.
    let nobodys = CodeState::sent(&Secret::make(&*app.chance), &registration.id.to_string(), visitor.now);
    let (letter, state) = match app.store.account_id_by_email(email.key()).await? {
        Some(_) => (Letter::AlreadyMember { sign_in_url: app.url(urls::LOGIN) }, nobodys),
        None => (confirm, sent),
    };
    let posting =
        Posting { account: None, to: email, lang: visitor.lang, good_for: TimeDelta::minutes(30), once: None };
    let mail = seal_letter(app, posting, letter, visitor.now);
    let event = AuditEvent::new(visitor.now, Actor::Anonymous, Action::EmailCodeSent)
        .from(visitor.origin.to_string())
        .detail(serde_json::json!({ "registration": registration.id }));
    app.store.send_code(registration.id, email, &state, visitor.now, &[event], &[mail]).await?;
    app.mail_queued.notify_one();
    Ok(Sent::Yes)
}

/// Four letters beside the code, so that a person with several mails picks the right one. The page shows them before the
/// code is typed, so they are made under a key: of the bare digest they would tell whoever knows what salts it nearly the
/// whole code.
pub(crate) fn reference(app: &App, code: &CodeState) -> String {
    const LETTERS: &[u8; 24] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
    let mark = mac(&app.form_key, &[b"code reference", code.digest.as_bytes()]);
    mark[..4].iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect()
}

async fn show(app: &App, visitor: &Visitor, registration: &Registration, email: &str, errors: FieldErrors) -> Response {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = EmailPage {
        shell: visitor.shell_for(service_name(app, visitor, registration.request.as_deref()).await),
        errors,
        email: email.to_owned(),
        staff: registration.stage.member_type() == MemberType::Staff,
    };
    visitor.dress(page.render_response(status).into_response())
}
