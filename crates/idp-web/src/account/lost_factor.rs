//! `/login/second/lost`: for whoever knows the password and has lost every second factor. What may be done next is decided by
//! [`LostFactorStep`] from what is stored, and never by what a form says.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::{
    Account, CODE_LIFETIME, CodeState, CodeVerdict, FactorKind, LostFactorStep, SignInResult, Standing, with_second,
};
use idp_core::audit::{Action, AuditEvent};
use idp_core::mail::OutgoingMail;
use idp_core::secret::Secret;
use idp_core::session::AuthenticationMethod;
use idp_core::thai::ascii_digits;
use idp_store::{Attempt, LostFactorOrder, Space, StoredAccount};
use serde::Deserialize;

use super::arrival::{self, Tried};
use super::login::{Onward, sign_in, throttle_key};
use super::not_me::{self, Disputed};
use super::post_office::{Posting, post as seal_letter};
use super::proof::Destination;
use super::register::{code_reference, code_resend_after};
use super::verify::{Own, prove_own, read_own};
use super::work::{self, Door};
use super::{factor_change, half, words};
use crate::error::AppError;
use crate::extract::{Cookie, Posted, Visitor};
use crate::mail::Letter;
use crate::oidc::authorize::leading_on;
use crate::oidc::pending::{handle, service_name};
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::lang::Lang;
use crate::view::page::{CardForm, LostFactorPage, LostFactorView, MailedCodeView, VerifyCardPage, WorkView};
use crate::view::text::Text;

/// What the code is for.
const PURPOSE: &str = "lost-factor";
/// So many codes in an hour.
const PER_ACCOUNT_PER_HOUR: u64 = 6;

/// What the page is opened with.
#[derive(Deserialize)]
pub struct Opened {
    request: Option<String>,
    to: Option<String>,
}

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor, Query(opened): Query<Opened>) -> Result<Response, AppError> {
    let onward = Onward {
        request: opened.request.as_deref().and_then(handle),
        destination: opened.to.as_deref().and_then(Destination::parse),
    };
    let Some((stored, step)) = find(&app, &visitor).await? else { return Ok(visitor.go(&onward.by(urls::LOGIN))) };
    Here { app: &app, visitor: &visitor, account: &stored.account, onward }.show(step, FieldErrors::none()).await
}

/// POST: the next step.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let (visitor, onward) = (&form.visitor, Onward::of(&form));
    let Some((stored, step)) = find(&app, visitor).await? else { return Ok(visitor.go(&onward.by(urls::LOGIN))) };
    let here = Here { app: &app, visitor, account: &stored.account, onward };
    match step {
        LostFactorStep::ProveMailbox | LostFactorStep::Remove => match form.given("code") {
            Some(typed) => here.check_code(&form, step, typed).await,
            None => here.send_code(step).await,
        },
        LostFactorStep::ProveIdentity if form.given("national_id").is_some() => here.check_identity(&form).await,
        LostFactorStep::Begin => here.begin(visitor.now).await,
        _ => here.show(step, FieldErrors::none()).await,
    }
}

/// Whose password was right in this browser a moment ago, and what they may do next. `None` for everybody else, and where
/// there is nothing to lose.
async fn find(app: &App, visitor: &Visitor) -> Result<Option<(Arc<StoredAccount>, LostFactorStep)>, AppError> {
    // By the password alone: who came through ThaID has the password's way to come by.
    let half = half::find(app, visitor).await?.filter(|half| half.first == AuthenticationMethod::Pwd);
    let Some(stored) = half.map(|half| half.account) else { return Ok(None) };
    let account = &stored.account;
    let stopped = matches!(account.standing, Standing::Suspended { .. } | Standing::Frozen { .. });
    if stopped || !app.store.factors(account.id).await?.has_strong() {
        return Ok(None);
    }
    let stage = app.store.lost_factor(account.id).await?;
    let step = LostFactorStep::after(stage, account.badge().is_some(), visitor.now);
    Ok(Some((stored, step)))
}

struct Here<'a> {
    app: &'a App,
    visitor: &'a Visitor,
    account: &'a Account,
    onward: Onward<'a>,
}

impl Here<'_> {
    fn again(&self) -> Response {
        self.visitor.go(&self.onward.by(urls::LOGIN_SECOND_LOST))
    }

    fn event(&self, action: Action) -> AuditEvent {
        AuditEvent::by_member(self.visitor.now, self.account.id, action).from(self.visitor.origin.to_string())
    }

    fn salt(&self) -> String {
        format!("{PURPOSE} {}", self.account.id)
    }

    fn mail(&self, letter: Letter, good_for: TimeDelta, at: DateTime<Utc>) -> OutgoingMail {
        let lang = self.account.language.as_deref().and_then(Lang::from_tag).unwrap_or(self.visitor.lang);
        let posting = Posting { account: Some(self.account.id), to: &self.account.email, lang, good_for, once: None };
        seal_letter(self.app, posting, letter, at)
    }

    /// Mails a code, unless one went out just now or too many did.
    async fn send_code(&self, step: LostFactorStep) -> Result<Response, AppError> {
        let (app, visitor, account) = (self.app, self.visitor, self.account);
        let waiting = app.store.waiting_code(account.id, PURPOSE).await?;
        if waiting.is_some_and(|(_, code)| code_resend_after(&code, visitor) > 0) {
            return self.fault(step, Text::key("error-code-soon")).await;
        }
        let rate = format!("{PURPOSE}:{}", account.id);
        if app.short_lived.count(Space::Rate, &rate, Duration::from_secs(3600)).await? > PER_ACCOUNT_PER_HOUR {
            return self.fault(step, Text::key("rate-limited")).await;
        }
        let code = Secret::six_digits(&*app.chance);
        let state = CodeState::sent(&code, &self.salt(), visitor.now);
        let letter = Letter::LostFactorCode {
            name: account.profile.full_name(),
            code: code.reveal().to_owned(),
            reference: code_reference(app, &state),
            minutes: minutes(),
        };
        let mail = self.mail(letter, TimeDelta::minutes(30), visitor.now);
        let event = self.event(Action::EmailCodeSent).detail(serde_json::json!({ "purpose": PURPOSE }));
        app.store.put_code(account.id, PURPOSE, &account.email, &state, visitor.now, &[event], &[mail]).await?;
        app.mail_queued.notify_one();
        Ok(self.again())
    }

    /// The mailbox, proven by its code. Every guess is counted before it is looked at, on the counter of the password and
    /// the factors: this door gives no more guesses than theirs.
    async fn check_code(&self, form: &Posted, step: LostFactorStep, typed: &str) -> Result<Response, AppError> {
        let (app, visitor, account) = (self.app, self.visitor, self.account);
        let key = throttle_key(app, visitor, &account.email, Some(account.id)).await?;
        if work::has_to(app, visitor, &key).await? && !work::paid(app, form, Door::Second).await? {
            return self.fault(step, Text::key("work-first-code")).await;
        }
        if let Attempt::Wait { until } = app.store.begin_attempt(&key, &app.second_factor_policy(), visitor.now).await?
        {
            let minutes = ((until - visitor.now).num_seconds().max(1) + 59) / 60;
            return self.fault(step, Text::key("second-wait").with("n", minutes)).await;
        }
        let waiting = app.store.take_code_guess(account.id, PURPOSE, visitor.now).await?;
        let verdict = match &waiting {
            Some((_, code)) => code.judge(&ascii_digits(typed), &self.salt(), visitor.now),
            None => CodeVerdict::Spent,
        };
        let code = match (verdict, waiting) {
            (CodeVerdict::Right, Some((_, code))) => code,
            (CodeVerdict::Wrong { left }, _) => {
                self.refused().await?;
                return self.fault(step, Text::key("error-code-wrong").with("n", left)).await;
            }
            _ => return self.fault(step, Text::key("error-code-spent")).await,
        };
        // As after a right password: no reason to forget the failures before it.
        app.store.take_attempt_back(&key).await?;
        if step == LostFactorStep::Remove {
            return self.remove(&code).await;
        }
        let proven = app.store.prove_mailbox_of_lost_factor(account.id, PURPOSE, &code.digest, visitor.now).await?;
        // Who has no identity to prove waits from here on.
        let stage = app.store.lost_factor(account.id).await?;
        match LostFactorStep::after(stage, account.badge().is_some(), visitor.now) {
            LostFactorStep::Begin if proven => self.begin(visitor.now).await,
            _ => Ok(self.again()),
        }
    }

    /// Writes a wrong code down, as a refused sign-in.
    async fn refused(&self) -> Result<(), AppError> {
        let (app, visitor) = (self.app, self.visitor);
        let event = self.event(Action::SecondFactorFailed).detail(serde_json::json!({ "factor": PURPOSE }));
        let methods = with_second(&[AuthenticationMethod::Pwd], FactorKind::MailedCode);
        let tried = Tried { result: SignInResult::RefusedFactor, methods: &methods, request: self.onward.request };
        arrival::refused(app, visitor, Some(self.account.id), tried, &[event]).await?;
        work::failed(app, visitor).await
    }

    async fn check_identity(&self, form: &Posted) -> Result<Response, AppError> {
        let mut errors = FieldErrors::none();
        let (card, typed) = read_own(self.app, form, &mut errors);
        let (Some(card), true) = (card, errors.is_empty()) else { return self.card(typed, errors, None).await };
        match prove_own(self.app, self.visitor, self.account, &card).await? {
            Own::Proven => {
                // The registry may have taken its time: the half sign-in still has to be there.
                match find(self.app, self.visitor).await? {
                    Some((stored, LostFactorStep::ProveIdentity)) if stored.account.id == self.account.id => {
                        self.begin(self.app.now()).await
                    }
                    _ => Ok(self.again()),
                }
            }
            Own::Again(error, errors) => self.card(typed, errors, error).await,
            Own::Gone => Ok(self.visitor.go(urls::LOGIN)),
        }
    }

    /// Begins the waiting time; the letters for its beginning and its end are written with it.
    async fn begin(&self, now: DateTime<Utc>) -> Result<Response, AppError> {
        let (app, account) = (self.app, self.account);
        let until = now + TimeDelta::hours(app.config.factors.recovery_wait_hours.into());
        let objection = || not_me::objection(app, account.id, Disputed::LostFactor, until);
        let ((at_first, first_url), (at_last, last_url)) = (objection(), objection());
        let name = account.profile.full_name();
        let first = Letter::LostFactorWaiting { name: name.clone(), at: now, until, not_me_url: first_url };
        let last = Letter::LostFactorOver { name, not_me_url: last_url };
        let order = LostFactorOrder {
            account_id: account.id,
            links: vec![at_first, at_last],
            events: vec![self.event(Action::FactorRecoveryAsked).detail(serde_json::json!({ "until": until }))],
            mails: vec![self.mail(first, TimeDelta::days(3), now), self.mail(last, TimeDelta::days(3), until)],
        };
        if app.store.begin_lost_factor_wait(order, until, now).await? {
            app.mail_queued.notify_one();
        }
        Ok(self.again())
    }

    /// The waiting time is over and the mailbox is proven again: the factors go, everybody is signed out, and this browser
    /// is signed in by its password.
    async fn remove(&self, code: &CodeState) -> Result<Response, AppError> {
        let (app, visitor) = (self.app, self.visitor);
        let login = || visitor.go(&self.onward.by(urls::LOGIN));
        let half = half::spend(app, visitor).await?;
        let half = half.filter(|half| half.first == AuthenticationMethod::Pwd);
        let Some(stored) = half.map(|half| half.account).filter(|stored| stored.account.id == self.account.id) else {
            return Ok(login());
        };
        let (link, mail) = factor_change::letter(app, visitor, &stored.account, "lost_removed");
        let order = LostFactorOrder {
            account_id: stored.account.id,
            links: vec![link],
            events: vec![self.event(Action::FactorRecovered)],
            mails: vec![mail],
        };
        if !app.store.remove_lost_factors(order, PURPOSE, &code.digest, visitor.now).await? {
            return Ok(login());
        }
        app.mail_queued.notify_one();
        let Some(mut response) = sign_in(app, visitor, &stored.account, self.onward).await? else {
            return Ok(login());
        };
        visitor.jar.clear(response.headers_mut(), Cookie::Half);
        Ok(response)
    }

    async fn fault(&self, step: LostFactorStep, fault: Text) -> Result<Response, AppError> {
        let mut errors = FieldErrors::none();
        errors.add("code", fault);
        self.show(step, errors).await
    }

    async fn show(&self, step: LostFactorStep, errors: FieldErrors) -> Result<Response, AppError> {
        let view = match step {
            LostFactorStep::ProveMailbox => LostFactorView::Mailbox(self.mailed().await?),
            LostFactorStep::ProveIdentity => {
                let profile = &self.account.profile;
                let form = CardForm {
                    first_name: profile.first_name.as_str().to_owned(),
                    last_name: profile.last_name.as_str().to_owned(),
                    ..CardForm::default()
                };
                return self.card(form, errors, None).await;
            }
            LostFactorStep::Begin => LostFactorView::Begin,
            LostFactorStep::Wait { until } => {
                LostFactorView::Waiting { until: words::moment(until, self.visitor.lang) }
            }
            LostFactorStep::Remove => LostFactorView::Remove(self.mailed().await?),
        };
        let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let page = LostFactorPage {
            shell: self.visitor.shell_for(service_name(self.app, self.visitor, self.onward.request).await),
            errors,
            request: self.onward.request.map(str::to_owned),
            to: self.onward.destination.map(Destination::word),
            wait_hours: self.app.config.factors.recovery_wait_hours,
            work: self.work(&view).await?,
            view,
            back_href: self.onward.by(urls::LOGIN_SECOND),
        };
        let response = page.render_response(status).into_response();
        Ok(leading_on(self.visitor, self.onward.request, response))
    }

    async fn card(&self, form: CardForm, errors: FieldErrors, error: Option<Text>) -> Result<Response, AppError> {
        let fine = errors.is_empty() && error.is_none();
        let page = VerifyCardPage {
            shell: self.visitor.shell_for(service_name(self.app, self.visitor, self.onward.request).await),
            staff: false,
            renew: false,
            thaid: None,
            lost: true,
            errors,
            error,
            account_email: self.account.email.as_str().to_owned(),
            form,
            request: self.onward.request.map(str::to_owned),
        };
        let status = if fine { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let response = page.render_response(status).into_response();
        Ok(leading_on(self.visitor, self.onward.request, response))
    }

    /// What is asked for before the next code is looked at.
    async fn work(&self, view: &LostFactorView) -> Result<Option<WorkView>, AppError> {
        let (LostFactorView::Mailbox(mailed) | LostFactorView::Remove(mailed)) = view else { return Ok(None) };
        let key = throttle_key(self.app, self.visitor, &self.account.email, Some(self.account.id)).await?;
        let has_to = mailed.reference.is_some() && work::has_to(self.app, self.visitor, &key).await?;
        Ok(has_to.then(|| work::task(self.app, self.visitor, Door::Second)))
    }

    /// Where a code goes or went.
    async fn mailed(&self) -> Result<MailedCodeView, AppError> {
        let waiting = self.app.store.waiting_code(self.account.id, PURPOSE).await?;
        let waiting = waiting.filter(|(_, code)| self.visitor.now < code.sent_at + CODE_LIFETIME);
        Ok(MailedCodeView {
            to: self.account.email.as_str().to_owned(),
            reference: waiting.as_ref().map(|(_, code)| code_reference(self.app, code)),
            minutes: minutes(),
            resend_after: waiting.map_or(0, |(_, code)| code_resend_after(&code, self.visitor)),
        })
    }
}

fn minutes() -> u32 {
    u32::try_from(CODE_LIFETIME.num_minutes()).unwrap_or(10)
}
