//! `/login/passkey`: signing in by passkey, without typing anything. The same answer proves presence again: it makes a new
//! session of the same member in the place of the old one.

use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp_core::account::{FactorKind, SignInResult};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::id::AccountId;
use idp_store::Space;

use super::arrival::{self, Tried};
use super::login::{Onward, Outcome, Started, is_stopped, show, stopped};
use super::{half, second};
use crate::error::AppError;
use crate::extract::{Cookie, Posted, Visitor};
use crate::passkey::{self, Assertion, Door, Proven, Refusal, door};
use crate::state::App;
use crate::view::text::Text;

/// POST `/login/passkey/options`: what to ask the browser. Nobody is named, so it is the same for everybody; to whoever is
/// signed in and proves it again, and to whoever has proven their password, their own passkeys are named.
pub async fn ask(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let own = match (form.is_ticked("half"), form.is_ticked("own")) {
        (true, _) => half::find(&app, visitor).await?.map(|half| half.account.account.id),
        (false, true) => visitor.member.as_ref().map(|member| member.session.account_id),
        (false, false) => None,
    };
    let options = match own {
        Some(account) => {
            let passkeys = app.store.passkeys_of(account).await?;
            passkey::begin(&app, visitor, |door| door.ask(account, &passkeys)).await?
        }
        None => passkey::begin(&app, visitor, Door::ask_anybody).await?,
    };
    Ok(visitor.dress(([(header::CONTENT_TYPE, "application/json")], options).into_response()))
}

/// POST: the browser's answer.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    // The same count as the password's: an origin has no more tries by one door than by the other.
    let origin = format!("sign-in:{}", visitor.origin_bucket());
    let per_minute = u64::from(app.config.throttle.per_origin_per_minute);
    if app.short_lived.count(Space::Rate, &origin, Duration::from_secs(60)).await? > per_minute {
        return Err(AppError::too_many());
    }
    let refused = match judge(&app, visitor, form.field("answer")).await? {
        Ok(proven) => match sign_in(&app, &form, proven).await? {
            Ok(response) => return Ok(response),
            Err(refused) => refused,
        },
        Err(refused) => refused,
    };
    record(&app, &form, refused).await?;
    let text = if refused.why == Refusal::NotAsked { "passkey-late" } else { "passkey-bad" };
    if form.is_ticked("second")
        && let Some(page) = second::passkey_refused(&app, &form, Text::key(text)).await?
    {
        return Ok(page);
    }
    let outcome = Outcome { error: Some(Text::key(text)), status: StatusCode::BAD_REQUEST, ..Outcome::default() };
    show(&app, visitor, Onward::of(&form), "", outcome).await
}

/// Why nobody was signed in, and whose passkey it was as far as that is known.
#[derive(Clone, Copy)]
struct Refused {
    why: Refusal,
    account: Option<AccountId>,
}

impl From<Refusal> for Refused {
    fn from(why: Refusal) -> Self {
        Self { why, account: None }
    }
}

async fn judge(app: &App, visitor: &Visitor, answer: &str) -> Result<Result<Proven, Refused>, AppError> {
    let Some(door) = &app.passkeys else { return Err(AppError::not_found()) };
    let answer = match Assertion::read(answer) {
        Ok(answer) => answer,
        Err(why) => return Ok(Err(why.into())),
    };
    let ceremony = match passkey::take(app, visitor, &answer.challenge).await? {
        Ok(ceremony) => ceremony,
        Err(why) => return Ok(Err(why.into())),
    };
    let Some(passkey) = app.store.passkey_of_credential(&answer.credential_id).await? else {
        return Ok(Err(Refusal::Unknown.into()));
    };
    let account = Some(passkey.account_id);
    Ok(door.prove(ceremony, &answer, passkey).map_err(|why| Refused { why, account }))
}

/// Starts the session; within, when the passkey was used or removed meanwhile.
async fn sign_in(app: &App, form: &Posted, proven: Proven) -> Result<Result<Response, Refused>, AppError> {
    let visitor = &form.visitor;
    let account = proven.passkey().account_id;
    let Some(stored) = app.store.account(account).await? else { return Ok(Err(Refusal::Unknown.into())) };
    if is_stopped(&stored.account) {
        return Ok(Ok(show(app, visitor, Onward::of(form), "", stopped()).await?));
    }
    let started = Started::new(app, visitor, account, door::METHODS.to_vec());
    let event = AuditEvent::by_member(visitor.now, account, Action::SignedIn)
        .session(started.session.id)
        .from(visitor.origin.to_string())
        .detail(serde_json::json!({ "passkey": proven.passkey().id }));
    let request = Onward::of(form).request;
    let order = arrival::order(app, visitor, &stored.account, &started, request, event).await?;
    let begun = app.store.start_session_by_passkey(proven.passkey().id, proven.state(), order).await?;
    if !begun {
        return Ok(Err(Refused { why: Refusal::CounterBack, account: Some(account) }));
    }
    // Whoever proves a factor has not lost it.
    second::found(app, visitor, account, FactorKind::Passkey).await?;
    app.mail_queued.notify_one();
    let mut response = visitor.go(&Onward::of(form).target());
    started.write_cookies(visitor, &mut response);
    // A password that was proven before it has nothing to wait for any more.
    if visitor.half().is_some() {
        half::spend(app, visitor).await?;
        visitor.jar.clear(response.headers_mut(), Cookie::Half);
    }
    Ok(Ok(response))
}

async fn record(app: &App, form: &Posted, refused: Refused) -> Result<(), AppError> {
    let visitor = &form.visitor;
    let mut event = AuditEvent::new(visitor.now, Actor::Anonymous, Action::SignInFailed)
        .from(visitor.origin.to_string())
        .detail(serde_json::json!({ "by": "passkey", "why": refused.why.as_str() }));
    event.account_id = refused.account;
    let tried =
        Tried { result: SignInResult::RefusedFactor, methods: &door::METHODS, request: Onward::of(form).request };
    arrival::refused(app, visitor, refused.account, tried, &[event]).await
}
