//! `/login/second`: a second factor. Either the password was right a moment ago and there is no session yet
//! ([`half`]), or somebody is signed in and a service or a page wants more than that session proved. A passkey is not typed
//! here: its form goes to `/login/passkey`, which makes a whole session of it.
//!
//! Which factors there are is [`FactorKind`]'s list; each is judged in [`judge`], and nowhere else.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use idp_core::account::{Account, FactorKind, Factors, SignInResult, Standing, with_second};
use idp_core::audit::{Action, AuditEvent};
use idp_core::id::{AccountId, SessionId};
use idp_core::session::{Acr, AuthenticationMethod};
use idp_store::{Attempt, Space, StoredAccount};
use serde::Deserialize;

use super::arrival::{self, Tried};
use super::login::{Onward, Started, throttle_key};
use super::proof::Destination;
use super::work::{self, Door};
use super::{half, mailed_factor, recovery_codes, totp};
use crate::error::AppError;
use crate::extract::{Cookie, Member, Posted, Visitor};
use crate::middleware::AsksUs;
use crate::oidc::authorize::leading_on;
use crate::oidc::pending::{handle, service_name};
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::page::{SecondFactorPage, SecondWay};
use crate::view::text::Text;

/// What the page is opened with.
#[derive(Deserialize)]
pub struct Opened {
    request: Option<String>,
    to: Option<String>,
    by: Option<String>,
}

impl Opened {
    fn onward(&self) -> Onward<'_> {
        Onward {
            request: self.request.as_deref().and_then(handle),
            destination: self.to.as_deref().and_then(Destination::parse),
        }
    }
}

/// Who proves a factor, and what they proved before it.
pub(super) struct Prover {
    pub(super) account: Arc<StoredAccount>,
    before: Before,
}

enum Before {
    /// The password, or ThaID's word, just now.
    First(AuthenticationMethod),
    /// What this session stands for.
    Session(Member),
}

impl Prover {
    /// Whoever is half signed in, or signed in.
    pub(super) async fn find(app: &App, visitor: &Visitor) -> Result<Option<Self>, AppError> {
        if let Some(half) = half::find(app, visitor).await? {
            return Ok(Some(Self { account: half.account, before: Before::First(half.first) }));
        }
        Ok(visitor
            .member
            .clone()
            .map(|member| Self { account: Arc::clone(&member.account), before: Before::Session(member) }))
    }

    /// What was proven before.
    fn first(&self) -> &[AuthenticationMethod] {
        match &self.before {
            Before::First(first) => std::slice::from_ref(first),
            Before::Session(member) => &member.session.methods,
        }
    }

    /// Whether a second factor would say nothing new.
    fn is_done(&self, factors: &Factors) -> bool {
        match &self.before {
            Before::First(_) => false,
            Before::Session(member) => {
                member.session.has_strong_factor() || (member.session.acr() >= Acr::Aal2 && !factors.has_strong())
            }
        }
    }
}

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor, Query(opened): Query<Opened>) -> Result<Response, AppError> {
    let onward = opened.onward();
    let Some(prover) = Prover::find(&app, &visitor).await? else { return Ok(visitor.go(&onward.by(urls::LOGIN))) };
    let factors = app.store.factors(prover.account.account.id).await?;
    if prover.is_done(&factors) {
        return Ok(visitor.go(&onward.target()));
    }
    let wished = opened.by.as_deref().and_then(FactorKind::parse);
    show(&app, &visitor, &prover, &factors, onward, wished, Outcome::default()).await
}

/// POST: what was typed.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let (visitor, onward) = (&form.visitor, Onward::of(&form));
    let origin = format!("sign-in:{}", visitor.origin_bucket());
    let per_minute = u64::from(app.config.throttle.per_origin_per_minute);
    if app.short_lived.count(Space::Rate, &origin, Duration::from_secs(60)).await? > per_minute {
        return Err(AppError::too_many());
    }
    let Some(prover) = Prover::find(&app, visitor).await? else { return Ok(visitor.go(&onward.by(urls::LOGIN))) };
    let account = &prover.account.account;
    let factors = app.store.factors(account.id).await?;
    let wished = FactorKind::parse(form.field("by")).filter(|kind| factors.offered().contains(kind));
    let Some(kind) = wished.filter(|kind| *kind != FactorKind::Passkey) else {
        return show(&app, visitor, &prover, &factors, onward, wished, Outcome::default()).await;
    };
    // The counter of the password: neither door gives more guesses than the other.
    let key = throttle_key(&app, visitor, &account.email, Some(account.id)).await?;
    // What is not paid for is not looked at, and does not count.
    if work::has_to(&app, visitor, &key).await? && !work::paid(&app, &form, Door::Second).await? {
        return show(&app, visitor, &prover, &factors, onward, Some(kind), Outcome::unpaid()).await;
    }
    if let Attempt::Wait { until } = app.store.begin_attempt(&key, &app.second_factor_policy(), visitor.now).await? {
        let outcome = Outcome::wait(until, visitor.now);
        return show(&app, visitor, &prover, &factors, onward, Some(kind), outcome).await;
    }
    if let Err(fault) = judge(&app, visitor, account, kind, form.field("code")).await? {
        let event = AuditEvent::by_member(visitor.now, account.id, Action::SecondFactorFailed)
            .from(visitor.origin.to_string())
            .detail(serde_json::json!({ "factor": kind.as_str() }));
        let methods = with_second(prover.first(), kind);
        let tried = Tried { result: SignInResult::RefusedFactor, methods: &methods, request: onward.request };
        arrival::refused(&app, visitor, Some(account.id), tried, &[event]).await?;
        work::failed(&app, visitor).await?;
        return show(&app, visitor, &prover, &factors, onward, Some(kind), Outcome::wrong(fault)).await;
    }
    app.store.forget_failures(&key).await?;
    conclude(&app, visitor, &prover, kind, onward).await
}

/// Judges what was typed for a factor whose attempt was counted, and spends it; `Err` says what is wrong with it.
async fn judge(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    kind: FactorKind,
    typed: &str,
) -> Result<Result<(), Text>, AppError> {
    match kind {
        // Nothing that is typed proves it.
        FactorKind::Passkey => Ok(Err(Text::key("passkey-bad"))),
        FactorKind::Totp => totp::accept(app, visitor, account, typed).await,
        FactorKind::RecoveryCode => recovery_codes::accept(app, visitor, account, typed).await,
        FactorKind::MailedCode => mailed_factor::accept(app, visitor, account, typed).await,
    }
}

/// A factor was proven: from here on, and not before, there is a session that says so.
pub(super) async fn conclude(
    app: &App,
    visitor: &Visitor,
    prover: &Prover,
    kind: FactorKind,
    onward: Onward<'_>,
) -> Result<Response, AppError> {
    let id = prover.account.account.id;
    let detail = serde_json::json!({ "factor": kind.as_str() });
    let mut response = visitor.go(&onward.target());
    // Whoever proves a factor has not lost it.
    found(app, visitor, id, kind).await?;
    match &prover.before {
        Before::First(_) => {
            let Some(half) = half::spend(app, visitor).await?.filter(|half| half.account.account.id == id) else {
                return Ok(visitor.go(urls::LOGIN));
            };
            let stored = half.account;
            if matches!(stored.account.standing, Standing::Suspended { .. } | Standing::Frozen { .. }) {
                return Ok(visitor.go(urls::LOGIN));
            }
            let started = Started::new(app, visitor, id, with_second(&[half.first], kind));
            let event = AuditEvent::by_member(visitor.now, id, Action::SignedIn)
                .session(started.session.id)
                .from(visitor.origin.to_string())
                .detail(detail);
            let password = (half.first == AuthenticationMethod::Pwd).then_some(&stored.account.password);
            if !arrival::begin(app, visitor, &stored.account, &started, password, onward.request, event).await? {
                return Ok(visitor.go(urls::LOGIN));
            }
            started.write_cookies(visitor, &mut response);
            visitor.jar.clear(response.headers_mut(), Cookie::Half);
        }
        Before::Session(member) => {
            if step_up(app, visitor, member, kind, &mut response).await?.is_none() {
                return Ok(visitor.go(urls::LOGIN));
            }
        }
    }
    Ok(response)
}

/// Calls off what was asked for because the factors were lost: one of them has just been proven.
pub(super) async fn found(app: &App, visitor: &Visitor, account: AccountId, kind: FactorKind) -> Result<(), AppError> {
    let event = AuditEvent::by_member(visitor.now, account, Action::FactorRecoveryCancelled)
        .from(visitor.origin.to_string())
        .detail(serde_json::json!({ "factor": kind.as_str() }));
    app.store.cancel_lost_factor(account, visitor.now, &[event]).await?;
    Ok(())
}

/// A stronger session in the place of this one, under a new cookie (S049). `None` when this one has ended meanwhile.
pub(super) async fn step_up(
    app: &App,
    visitor: &Visitor,
    member: &Member,
    kind: FactorKind,
    response: &mut Response,
) -> Result<Option<SessionId>, AppError> {
    let id = member.account.account.id;
    let mut started = Started::new(app, visitor, id, with_second(&member.session.methods, kind));
    // Reading the mailbox proves nobody's presence anew: whoever holds a session and the mailbox has proven neither the
    // password nor anything they hold.
    if kind == FactorKind::MailedCode {
        started.session.authenticated_at = member.session.authenticated_at;
    }
    let event = AuditEvent::by_member(visitor.now, id, Action::SteppedUp)
        .session(started.session.id)
        .from(visitor.origin.to_string())
        .detail(serde_json::json!({ "factor": kind.as_str() }));
    if !app.store.step_session_up(&started.session, member.session.id, visitor.now, &[event]).await? {
        return Ok(None);
    }
    started.write_cookies(visitor, response);
    Ok(Some(started.session.id))
}

/// What the page says beside its form.
#[derive(Default)]
pub(super) struct Outcome {
    errors: FieldErrors,
    status: StatusCode,
    wait: Option<i64>,
}

impl Outcome {
    pub(super) fn wrong(fault: Text) -> Self {
        let mut errors = FieldErrors::none();
        errors.add("code", fault);
        Self { errors, status: StatusCode::UNPROCESSABLE_ENTITY, wait: None }
    }

    fn unpaid() -> Self {
        Self { status: StatusCode::TOO_MANY_REQUESTS, ..Self::wrong(Text::key("work-first-code")) }
    }

    pub(super) fn wait(until: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        let seconds = (until - now).num_seconds().max(1);
        let fault = Text::key("second-wait").with("n", (seconds + 59) / 60);
        Self { wait: Some(seconds), status: StatusCode::TOO_MANY_REQUESTS, ..Self::wrong(fault) }
    }
}

/// The page again, after a passkey that it asked for was refused; `None` when nobody is there any more.
pub(super) async fn passkey_refused(app: &App, form: &Posted, fault: Text) -> Result<Option<Response>, AppError> {
    let visitor = &form.visitor;
    let Some(prover) = Prover::find(app, visitor).await? else { return Ok(None) };
    let factors = app.store.factors(prover.account.account.id).await?;
    let mut errors = FieldErrors::none();
    errors.add("sign-in-passkey", fault);
    let outcome = Outcome { errors, status: StatusCode::BAD_REQUEST, wait: None };
    show(app, visitor, &prover, &factors, Onward::of(form), Some(FactorKind::Passkey), outcome).await.map(Some)
}

/// The page, for the factor that was wished for if it is offered, and else for the usual one.
pub(super) async fn show(
    app: &App,
    visitor: &Visitor,
    prover: &Prover,
    factors: &Factors,
    onward: Onward<'_>,
    wished: Option<FactorKind>,
    outcome: Outcome,
) -> Result<Response, AppError> {
    let mut offered = factors.offered();
    // Where the issuer is a number there are no passkeys, whatever was added under another one.
    offered.retain(|kind| *kind != FactorKind::Passkey || app.passkeys.is_some());
    let kind = wished.filter(|kind| offered.contains(kind)).or(offered.first().copied());
    let kind = kind.unwrap_or(FactorKind::Totp);
    let account = &prover.account.account;
    let here = onward.by(urls::LOGIN_SECOND);
    let separator = if here.contains('?') { '&' } else { '?' };
    let page = SecondFactorPage {
        shell: visitor.shell_for(service_name(app, visitor, onward.request).await),
        errors: outcome.errors,
        request: onward.request.map(str::to_owned),
        to: onward.destination.map(Destination::word),
        signing_in: matches!(prover.before, Before::First(_)),
        by_thaid: matches!(prover.before, Before::First(AuthenticationMethod::Thaid)),
        kind,
        mailed: match kind {
            FactorKind::MailedCode => Some(mailed_factor::state(app, visitor, account).await?),
            FactorKind::Passkey | FactorKind::Totp | FactorKind::RecoveryCode => None,
        },
        work: match kind {
            FactorKind::Passkey => None,
            _ => {
                let key = throttle_key(app, visitor, &account.email, Some(account.id)).await?;
                work::has_to(app, visitor, &key).await?.then(|| work::task(app, visitor, Door::Second))
            }
        },
        others: offered
            .into_iter()
            .filter(|other| *other != kind)
            .map(|other| SecondWay { href: format!("{here}{separator}by={}", other.as_str()), text: way(other) })
            .collect(),
        lost_href: (factors.has_strong() && matches!(prover.before, Before::First(AuthenticationMethod::Pwd)))
            .then(|| onward.by(urls::LOGIN_SECOND_LOST)),
        cancel_href: match onward.request {
            Some(_) => urls::with_request(urls::GIVE_UP, onward.request),
            None => urls::HOME.to_owned(),
        },
    };
    let mut response = page.render_response(outcome.status).into_response();
    if kind == FactorKind::Passkey {
        response.extensions_mut().insert(AsksUs);
    }
    if let Some(seconds) = outcome.wait {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    Ok(leading_on(visitor, onward.request, response))
}

fn way(kind: FactorKind) -> Text {
    Text::key(match kind {
        FactorKind::Passkey => "second-by-passkey",
        FactorKind::Totp => "second-by-totp",
        FactorKind::RecoveryCode => "second-by-recovery",
        FactorKind::MailedCode => "second-by-mail",
    })
}
