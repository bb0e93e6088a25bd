//! `/login`: the password, throttled by account and origin, never locking out the owner's known device.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use idp_core::account::{Account, SignInResult, Standing};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::authorize::AuthorizationRequest;
use idp_core::client::Client;
use idp_core::email::EmailAddress;
use idp_core::id::{AccountId, SessionId};
use idp_core::password::PasswordHash;
use idp_core::secret::{Secret, base64url};
use idp_core::session::{AuthenticationMethod, Session};
use idp_store::{Attempt, Space, StoredAccount};
use serde::Deserialize;

use super::arrival::{self, Tried};
use super::half;
use super::proof::Destination;
use super::work::{self, Door};
use crate::error::AppError;
use crate::extract::{Cookie, Posted, Visitor};
use crate::middleware::AsksUs;
use crate::oidc::authorize::{leading_on, load};
use crate::oidc::pending::{handle, in_lang, service};
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::page::{ServiceLinks, SignInPage};
use crate::view::text::Text;

/// The longest password that is looked at.
const LONGEST: usize = 128;

/// What the sign-in page is opened with.
#[derive(Deserialize)]
pub struct Opened {
    request: Option<String>,
    again: Option<String>,
    to: Option<String>,
}

impl Opened {
    /// What comes after it: a sign-in that waits, or a page of ours.
    fn onward(&self) -> Onward<'_> {
        let destination = self.to.as_deref().and_then(Destination::parse);
        Onward { request: self.request.as_deref().and_then(handle), destination }
    }
}

/// What comes after a sign-in.
#[derive(Clone, Copy, Debug)]
pub struct Onward<'a> {
    /// The sign-in that waits.
    pub request: Option<&'a str>,
    /// The page of ours that asked for a proof.
    pub destination: Option<Destination>,
}

impl<'a> Onward<'a> {
    /// As a form of ours says it.
    pub fn of(form: &'a Posted) -> Self {
        Self { request: form.request(), destination: form.given("to").and_then(Destination::parse) }
    }

    /// `path`, which leads on to the same.
    pub fn by(self, path: &str) -> String {
        urls::with_destination(&urls::with_request(path, self.request), self.destination)
    }

    /// Where it leads.
    pub fn target(self) -> String {
        match (self.request, self.destination) {
            (Some(handle), _) => urls::with_request(urls::RESUME, Some(handle)),
            (None, Some(destination)) => destination.path().to_owned(),
            (None, None) => urls::PROFILE.to_owned(),
        }
    }
}

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor, Query(opened): Query<Opened>) -> Result<Response, AppError> {
    let onward = opened.onward();
    let request = onward.request;
    let again = opened.again.is_some() && visitor.member.is_some();
    if request.is_none() && visitor.member.is_some() && !again {
        return Ok(visitor.go(&onward.target()));
    }
    let username = match (&visitor.member, again) {
        (Some(member), true) => member.account.email.as_str().to_owned(),
        _ => login_hint(&app, &visitor, request).await.unwrap_or_default(),
    };
    let notice = again.then(|| Text::key("reauth"));
    show(&app, &visitor, onward, &username, Outcome { notice, reauth: again, ..Outcome::default() }).await
}

async fn login_hint(app: &App, visitor: &Visitor, request: Option<&str>) -> Option<String> {
    let (raw, address) = load(app, visitor, request?).await.ok()?;
    let request = AuthorizationRequest::parse(&raw, address.client()).ok()?;
    // Only what could be an address: a hint is a stranger's text on our page.
    request.login_hint.filter(|hint| EmailAddress::parse(hint).is_ok())
}

/// What a sign-in page says of an earlier try.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) error: Option<Text>,
    pub(super) notice: Option<Text>,
    pub(super) reauth: bool,
    pub(super) status: StatusCode,
    pub(super) wait: Option<i64>,
    /// Whether the next try has to be paid for.
    pub(super) work: bool,
}

/// The sign-in page.
pub(super) async fn show(
    app: &App,
    visitor: &Visitor,
    onward: Onward<'_>,
    username: &str,
    outcome: Outcome,
) -> Result<Response, AppError> {
    let request = onward.request;
    let service = service(app, visitor, request).await;
    let name = |client: &Client| in_lang(&client.name, visitor.lang).to_owned();
    let page = SignInPage {
        shell: visitor.shell_for(service.as_deref().map(name)),
        request: request.map(str::to_owned),
        to: onward.destination.map(Destination::word),
        username: username.to_owned(),
        error: outcome.error,
        notice: outcome.notice,
        reauth: outcome.reauth,
        passkeys: app.passkeys.is_some(),
        thaid: app.thaid.is_some().then(|| {
            let errand = if outcome.reauth { "prove" } else { "sign-in" };
            onward.by(&format!("{}?for={errand}", urls::THAID_BEGIN))
        }),
        work: (outcome.work || work::page_asks(app, visitor).await?).then(|| work::task(app, visitor, Door::SignIn)),
        links: service.as_deref().map(|client| ServiceLinks::of(client, &name(client))),
    };
    let mut response = page.render_response(outcome.status).into_response();
    response.extensions_mut().insert(AsksUs);
    if let Some(seconds) = outcome.wait {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
    Ok(leading_on(visitor, request, response))
}

/// POST.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let (username, onward) = (form.field("username").trim(), Onward::of(&form));
    let origin = format!("sign-in:{}", visitor.origin_bucket());
    let per_minute = u64::from(app.config.throttle.per_origin_per_minute);
    if app.short_lived.count(Space::Rate, &origin, Duration::from_secs(60)).await? > per_minute {
        return Err(AppError::too_many());
    }
    let password = form.field("password");
    let wrong = || Outcome { error: Some(Text::key("login-bad")), ..Outcome::default() };
    // Checked before hashing: an over-long password costs nothing.
    let (Ok(address), 1..=LONGEST) = (EmailAddress::parse(username), password.chars().count()) else {
        return show(&app, visitor, onward, username, wrong()).await;
    };
    let stored = app.store.account_by_email(address.key()).await?;
    let known = stored.as_ref().map(|stored| stored.account.id);
    let key = throttle_key(&app, visitor, &address, known).await?;
    // Before anything is hashed. What is not paid for is not looked at, and does not count.
    if work::has_to(&app, visitor, &key).await? && !work::paid(&app, &form, Door::SignIn).await? {
        return show(&app, visitor, onward, username, unpaid()).await;
    }
    if let Attempt::Wait { until } = app.store.begin_attempt(&key, &app.sign_in_policy(), visitor.now).await? {
        let work = work::has_to(&app, visitor, &key).await?;
        return show(&app, visitor, onward, username, Outcome { work, ..locked(until, visitor.now) }).await;
    }
    let hash = stored.as_ref().map(|stored| stored.account.password.clone());
    let right = check_password(&app, &key, password, hash).await?;
    let Some(stored) = stored.filter(|_| right) else {
        let event = AuditEvent::new(visitor.now, Actor::Anonymous, Action::SignInFailed)
            .from(visitor.origin.to_string())
            .detail(serde_json::json!({ "address": app.address_mark(address.key()) }));
        let methods = [AuthenticationMethod::Pwd];
        let tried = Tried { result: SignInResult::WrongPassword, methods: &methods, request: onward.request };
        arrival::refused(&app, visitor, known, tried, &[event]).await?;
        work::failed(&app, visitor).await?;
        let work = work::has_to(&app, visitor, &key).await?;
        return show(&app, visitor, onward, username, Outcome { work, ..wrong() }).await;
    };
    if is_stopped(&stored.account) {
        let event = AuditEvent::new(visitor.now, Actor::Anonymous, Action::SignInFailed)
            .account(stored.account.id)
            .from(visitor.origin.to_string())
            .detail(serde_json::json!({ "why": "stopped" }));
        let methods = [AuthenticationMethod::Pwd];
        let tried = Tried { result: SignInResult::Stopped, methods: &methods, request: onward.request };
        arrival::refused(&app, visitor, known, tried, &[event]).await?;
        return show(&app, visitor, onward, username, stopped()).await;
    }
    let stored = at_todays_cost(&app, stored, password).await?;
    if app.store.factors(stored.account.id).await?.has_strong() {
        // A right password does not count as a failure, and is no reason to forget those before it: whoever has the
        // password must not have more guesses at the second factor for it.
        app.store.take_attempt_back(&key).await?;
        let mut response = visitor.go(&onward.by(urls::LOGIN_SECOND));
        let first = AuthenticationMethod::Pwd;
        half::begin(&app, visitor, &stored.account, first, onward.request, &mut response).await?;
        return Ok(response);
    }
    app.store.forget_failures(&key).await?;
    match sign_in(&app, visitor, &stored.account, onward).await? {
        Some(response) => Ok(response),
        None => show(&app, visitor, onward, username, wrong()).await,
    }
}

/// A password whose hash was made at another cost than today's is hashed anew, now that it is known. Not done is no harm:
/// the next sign-in does it.
async fn at_todays_cost(app: &App, stored: Arc<StoredAccount>, password: &str) -> Result<Arc<StoredAccount>, AppError> {
    let account = &stored.account;
    if account.password.cost() == app.hasher.cost() {
        return Ok(stored);
    }
    let Ok(new) = app.hasher.hash(password.to_owned()).await else { return Ok(stored) };
    if !app.store.rehash_password(account.id, &account.password, &new).await? {
        return Ok(stored);
    }
    // Not read anew: whatever the account has by now, this is what was proven.
    let account = Account { password: new, ..account.clone() };
    Ok(Arc::new(StoredAccount { account, ..(*stored).clone() }))
}

/// Whether nobody signs in to this account, whatever they prove.
pub(super) fn is_stopped(account: &Account) -> bool {
    matches!(account.standing, Standing::Suspended { .. } | Standing::Frozen { .. })
}

/// What is said then.
pub(super) fn stopped() -> Outcome {
    Outcome { error: Some(Text::key("login-suspended")), status: StatusCode::FORBIDDEN, ..Outcome::default() }
}

fn unpaid() -> Outcome {
    Outcome {
        error: Some(Text::key("work-first")),
        status: StatusCode::TOO_MANY_REQUESTS,
        work: true,
        ..Outcome::default()
    }
}

fn locked(until: DateTime<Utc>, now: DateTime<Utc>) -> Outcome {
    let seconds = (until - now).num_seconds().max(1);
    let minutes = (seconds + 59) / 60;
    Outcome {
        error: Some(Text::key("login-locked").with("n", minutes)),
        status: StatusCode::TOO_MANY_REQUESTS,
        wait: Some(seconds),
        ..Outcome::default()
    }
}

/// What guesses are counted under: the address, whoever has it or nobody; but a browser in which the owner has signed in
/// before is counted on its own, so that nobody else's guesses can keep the owner out.
pub async fn throttle_key(
    app: &App,
    visitor: &Visitor,
    address: &EmailAddress,
    account: Option<AccountId>,
) -> Result<String, AppError> {
    if let Some(device) = visitor.known_device() {
        // Asked for an address that nobody has as well: one question more or less can be measured.
        let account = account.unwrap_or(AccountId(uuid::Uuid::nil()));
        if app.store.is_known_device(account, &device).await? {
            return Ok(format!("device:{account}:{}", base64url(device.as_bytes())));
        }
    }
    Ok(format!("address:{}", app.address_mark(address.key())))
}

/// Checks a password whose attempt was begun under `key`. One that nobody had the time to look at does not count: members
/// who come again when too many sign in at once would be kept out long after.
pub(super) async fn check_password(
    app: &App,
    key: &str,
    password: &str,
    hash: Option<PasswordHash>,
) -> Result<bool, AppError> {
    let checked = app.hasher.check(password.to_owned(), hash).await;
    if checked.is_err() {
        app.store.take_attempt_back(key).await?;
    }
    Ok(checked?)
}

/// Starts a session by the password of `account` as it was read, and goes on. The session's id is new at every sign-in; a
/// session that was there before is replaced. `None` when the password is another one by now, or the account was stopped.
pub async fn sign_in(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    onward: Onward<'_>,
) -> Result<Option<Response>, AppError> {
    let started = Started::new(app, visitor, account.id, vec![AuthenticationMethod::Pwd]);
    let event = AuditEvent::by_member(visitor.now, account.id, Action::SignedIn)
        .session(started.session.id)
        .from(visitor.origin.to_string());
    let password = Some(&account.password);
    if !arrival::begin(app, visitor, account, &started, password, onward.request, event).await? {
        return Ok(None);
    }
    let mut response = visitor.go(&onward.target());
    started.write_cookies(visitor, &mut response);
    Ok(Some(response))
}

/// A session about to be written, and the secrets for the browser.
pub struct Started {
    /// The session.
    pub session: Session,
    /// The device cookie's secret: the one the browser has, so that an account knows each browser once.
    pub device: Secret,
    cookie: Secret,
}

impl Started {
    /// A session beginning now, by these methods.
    pub fn new(app: &App, visitor: &Visitor, account: AccountId, methods: Vec<AuthenticationMethod>) -> Self {
        let cookie = Secret::make(&*app.chance);
        let session = Session {
            id: SessionId::make(&*app.chance),
            cookie: cookie.digest(),
            account_id: account,
            authenticated_at: visitor.now,
            methods,
            last_seen_at: visitor.now,
            device: visitor.device.clone(),
            ended_at: None,
        };
        Self { session, device: visitor.device_secret().unwrap_or_else(|| Secret::make(&*app.chance)), cookie }
    }

    /// Hands the secrets to the browser.
    pub fn write_cookies(&self, visitor: &Visitor, response: &mut Response) {
        let headers = response.headers_mut();
        visitor.jar.write(headers, Cookie::Session, self.cookie.reveal());
        visitor.jar.write(headers, Cookie::Device, self.device.reveal());
    }
}
