//! `/device` (RFC 8628 §3.3): a member types the code that a device shows, sees who asks for what, and agrees or not.
//!
//! The typed code waits like any sign-in (`pending.rs`), so that signing in and verifying lead back here by
//! `/authorize/resume`. Nothing is agreed to without a press of a button on a page that warns of codes from strangers: the
//! device may be somebody else's (§5.4).

use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::authorize::{AuthorizationRequest, Hint, Next, RawRequest, SignedIn, Situation, decide};
use idp_core::claim::Release;
use idp_core::client::{Client, ClientStatus};
use idp_core::grant::{DeviceRequest, Grant, GrantState, UserCode};
use idp_core::id::GrantId;
use idp_core::scope::ScopeSet;
use idp_core::seal::mac;
use idp_core::secret::base64url;
use idp_store::{Attempt, Space};
use serde::Deserialize;

use super::authorize::{Waiting, agreed, link};
use super::consent;
use super::pending::{self, Pending, in_lang};
use crate::account::accept;
use crate::account::login::throttle_key;
use crate::error::AppError;
use crate::extract::{Member, Posted, Visitor};
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::page::{DeviceConfirmPage, DevicePage, MessagePage, ServiceCard, ServiceLinks, Sign};
use crate::view::shell::Action as Step;
use crate::view::text::Text;

/// So many codes may be typed from one origin in ten minutes.
const GUESSES: u64 = 15;
const GUESSES_WINDOW: Duration = Duration::from_secs(600);
/// The one parameter of a device that waits for a page; no authorization request has it alone.
const USER_CODE: &str = "user_code";

/// What is kept of a user code: it is short, so the mark is keyed.
pub fn mark(app: &App, code: &UserCode) -> String {
    base64url(&mac(&app.address_key, &[b"user code", code.as_str().as_bytes()]))
}

/// The code in the address, as a device with a screen may show it (§3.3.1).
#[derive(Deserialize)]
pub struct Opened {
    user_code: Option<String>,
}

/// GET: asks for the code. One in the address is filled in, and still has to be sent.
pub async fn get(visitor: Visitor, Query(opened): Query<Opened>) -> Response {
    let code = opened.user_code.as_deref().and_then(UserCode::parse).map(|code| code.shown()).unwrap_or_default();
    ask(&visitor, code, FieldErrors::none(), StatusCode::OK)
}

/// POST: the code. Every guess counts before it is looked at.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let origin = format!("user-code:{}", visitor.origin_bucket());
    if app.short_lived.count(Space::Rate, &origin, GUESSES_WINDOW).await? > GUESSES {
        return Err(AppError::too_many());
    }
    // Whoever is signed in guesses on the counter of every other door.
    let key = match &visitor.member {
        None => None,
        Some(member) => {
            let account = &member.account.account;
            Some(throttle_key(&app, visitor, &account.email, Some(account.id)).await?)
        }
    };
    if let Some(key) = &key
        && let Attempt::Wait { .. } = app.store.begin_attempt(key, &app.second_factor_policy(), visitor.now).await?
    {
        return Err(AppError::too_many());
    }
    let typed = form.field(USER_CODE);
    let Some(code) = UserCode::parse(typed) else { return Ok(wrong_code(visitor)) };
    if waiting(&app, &code, visitor.now).await?.is_none() {
        return Ok(wrong_code(visitor));
    }
    if let Some(key) = &key {
        app.store.take_attempt_back(key).await?;
    }
    let query = format!("{USER_CODE}={}", code.as_str());
    let handle = pending::keep(&app, visitor, Pending { query, began_at: visitor.now, pushed: None }).await?;
    Ok(visitor.go(&urls::with_request(urls::RESUME, Some(&handle))))
}

/// The user code of what waits under a handle, when it is a device that waits.
pub fn code_of(raw: &RawRequest) -> Option<UserCode> {
    match (raw.get(USER_CODE), raw.get("client_id")) {
        (Some(text), None) => UserCode::parse(text),
        _ => None,
    }
}

/// A page is done: what comes next for this device.
pub async fn resume(
    app: &App,
    visitor: &Visitor,
    handle: &str,
    code: &UserCode,
    began_at: DateTime<Utc>,
) -> Result<Response, AppError> {
    let Some((device, client)) = waiting(app, code, visitor.now).await? else {
        return Ok(gone(app, visitor, handle).await);
    };
    Ok(match judge(app, visitor, &client, &device, began_at).await? {
        Next::SignIn(_) => visitor.go(&urls::with_request(urls::LOGIN, Some(handle))),
        Next::Documents => visitor.go(&urls::with_request(urls::ACCEPT, Some(handle))),
        Next::StepUp(_) => visitor.go(&urls::with_request(urls::LOGIN_SECOND, Some(handle))),
        Next::Verify(_) => visitor.go(&urls::with_request(urls::VERIFY, Some(handle))),
        Next::Consent(_) | Next::Issue(_) => visitor.go(&urls::with_request(urls::DEVICE_CONFIRM, Some(handle))),
        Next::Refuse(_) => return deny(app, visitor, handle, code).await,
    })
}

/// GET: who asks, for what, and the code once more, to be compared with the device's.
pub async fn confirm_page(
    State(app): State<App>,
    visitor: Visitor,
    Query(opened): Query<Waiting>,
) -> Result<Response, AppError> {
    let handle = opened.handle().ok_or_else(AppError::request_gone)?;
    let (code, began_at) = find(&app, &visitor, handle).await?;
    let Some((device, client)) = waiting(&app, &code, visitor.now).await? else {
        return Ok(gone(&app, &visitor, handle).await);
    };
    let next = judge(&app, &visitor, &client, &device, began_at).await?;
    let (Next::Consent(_) | Next::Issue(_), Some(member)) = (next, &visitor.member) else {
        return Ok(visitor.go(&urls::with_request(urls::RESUME, Some(handle))));
    };
    let page = DeviceConfirmPage {
        shell: visitor.shell_for(Some(in_lang(&client.name, visitor.lang).to_owned())),
        request: handle.to_owned(),
        user_code: code.shown(),
        service: ServiceCard {
            name: in_lang(&client.name, visitor.lang).to_owned(),
            owner: in_lang(&client.owner, visitor.lang).to_owned(),
            purpose: in_lang(&client.purpose, visitor.lang).to_owned(),
            links: ServiceLinks::of(&client, in_lang(&client.name, visitor.lang)),
        },
        shown: consent::to_show(&asked(&device), &member.account.account),
        items: consent::items(&app, &visitor, member, &client, asked(&device)).await?,
    };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// POST: the answer. What is agreed to is what the device asked for, never what the form says.
pub async fn confirm(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let handle = form.request().ok_or_else(AppError::request_gone)?;
    let (code, began_at) = find(&app, visitor, handle).await?;
    if form.field("decision") != "allow" {
        return deny(&app, visitor, handle, &code).await;
    }
    let Some((device, client)) = waiting(&app, &code, visitor.now).await? else {
        return Ok(gone(&app, visitor, handle).await);
    };
    let mut next = judge(&app, visitor, &client, &device, began_at).await?;
    if let (Next::Consent(_), Some(member)) = (next, &visitor.member) {
        // What is agreed to is what the device asked for, as far as the page had shown it.
        let shown = consent::shown(asked(&device), form.field("shown"));
        consent::give(&app, visitor, member, &client, shown).await?;
        next = judge(&app, visitor, &client, &device, began_at).await?;
    }
    let (Next::Issue(scopes), Some(member)) = (next, &visitor.member) else {
        return Ok(visitor.go(&urls::with_request(urls::RESUME, Some(handle))));
    };
    if !approve(&app, visitor, member, &device, scopes).await? {
        return Ok(visitor.go(&urls::with_request(urls::RESUME, Some(handle))));
    }
    pending::forget(&app, handle).await?;
    Ok(message(visitor, "device-done", Sign::Done, "device-done-title", "device-done-body"))
}

/// The member says no, or may not say yes.
pub async fn deny(app: &App, visitor: &Visitor, handle: &str, code: &UserCode) -> Result<Response, AppError> {
    if let Some((device, client)) = waiting(app, code, visitor.now).await? {
        let mut event = AuditEvent::new(visitor.now, Actor::Anonymous, Action::DeviceDenied);
        if let Some(member) = &visitor.member {
            event = AuditEvent::by_member(visitor.now, member.account.account.id, Action::DeviceDenied)
                .session(member.session.id);
        }
        let event = event.client(&client.id).from(visitor.origin.to_string());
        app.store.deny_device(&device.digest, &[event]).await?;
    }
    pending::forget(app, handle).await?;
    Ok(message(visitor, "device-denied", Sign::Notice, "device-denied-title", "device-denied-body"))
}

async fn approve(
    app: &App,
    visitor: &Visitor,
    member: &Member,
    device: &DeviceRequest,
    scopes: ScopeSet,
) -> Result<bool, AppError> {
    let (session, account_id) = (&member.session, member.account.account.id);
    let grant = Grant {
        id: GrantId::make(&*app.chance),
        client_id: device.client_id.clone(),
        account_id,
        session_id: session.id,
        sid: session.id,
        code: device.digest,
        // No redirect URI is empty: the code can come to nothing at a redirect.
        redirect_uri: String::new(),
        challenge: device.challenge.clone(),
        nonce: None,
        scopes,
        methods: session.methods.clone(),
        acr: session.acr(),
        authenticated_at: session.authenticated_at,
        issued_at: visitor.now,
        claims: None,
        resources: device.resources.clone(),
        bound_to: None,
        state: GrantState::Issued,
        refresh: None,
    };
    let event = AuditEvent::by_member(visitor.now, account_id, Action::DeviceApproved)
        .client(&grant.client_id)
        .session(session.id)
        .from(visitor.origin.to_string());
    let consent = app.store.consent(account_id, &device.client_id).await?;
    Ok(app
        .store
        .approve_device(&grant, link(consent.as_ref(), Release { scopes, ..asked(device) }), visitor.now, &[event])
        .await?)
}

/// What a device asks the member for.
fn asked(device: &DeviceRequest) -> Release {
    Release { resources: device.resources.askable(), ..device.scopes.into() }
}

/// The same decision as for a service in a browser.
async fn judge(
    app: &App,
    visitor: &Visitor,
    client: &Client,
    device: &DeviceRequest,
    began_at: DateTime<Utc>,
) -> Result<Next, AppError> {
    let member = visitor.member.as_ref();
    let consented = match member {
        Some(member) => app.store.consent(member.account.account.id, &client.id).await?,
        None => None,
    };
    let consented = agreed(consented.as_ref());
    let situation = Situation {
        now: visitor.now,
        began_at,
        client,
        signed_in: member.map(|member| SignedIn { session: &member.session, account: &member.account.account }),
        consented: consented.as_ref(),
        hint: Hint::Absent,
        documents_accepted: member.is_some_and(|member| accept::has_accepted(&member.account)),
    };
    Ok(decide(
        &AuthorizationRequest::of_device(device.scopes.intersect(client.scopes), device.resources.clone()),
        &situation,
    ))
}

/// The device that waits under a code, and its client.
async fn waiting(
    app: &App,
    code: &UserCode,
    now: DateTime<Utc>,
) -> Result<Option<(DeviceRequest, std::sync::Arc<Client>)>, AppError> {
    let device = app.store.device_by_user_code(&mark(app, code)).await?.filter(|device| device.is_waiting(now));
    let Some(device) = device else { return Ok(None) };
    let client = app.store.client(&device.client_id).await?.filter(|client| client.status == ClientStatus::Active);
    Ok(client.map(|client| (device, client)))
}

async fn find(app: &App, visitor: &Visitor, handle: &str) -> Result<(UserCode, DateTime<Utc>), AppError> {
    let pending: Pending = pending::find(app, visitor, handle).await?;
    let code = code_of(&RawRequest::parse(&[&pending.query])?).ok_or_else(AppError::request_gone)?;
    Ok((code, pending.began_at))
}

fn ask(visitor: &Visitor, user_code: String, errors: FieldErrors, status: StatusCode) -> Response {
    let page = DevicePage { shell: visitor.shell(), errors, user_code };
    visitor.dress(page.render_response(status).into_response())
}

fn wrong_code(visitor: &Visitor) -> Response {
    let mut errors = FieldErrors::none();
    errors.add("user_code", Text::key("device-wrong"));
    ask(visitor, String::new(), errors, StatusCode::UNPROCESSABLE_ENTITY)
}

/// The device waited too long, or was answered already.
async fn gone(app: &App, visitor: &Visitor, handle: &str) -> Response {
    // What is left under the handle ends by itself.
    let _ = pending::forget(app, handle).await;
    wrong_code(visitor)
}

fn message(visitor: &Visitor, id: &'static str, sign: Sign, title: &'static str, body: &'static str) -> Response {
    let page = MessagePage {
        shell: visitor.shell(),
        id,
        sign,
        title: Text::key(title),
        body: vec![Text::key(body)],
        actions: vec![Step::secondary(urls::HOME, Text::key("device-home"))],
    };
    visitor.dress(page.render_response(StatusCode::OK).into_response())
}
