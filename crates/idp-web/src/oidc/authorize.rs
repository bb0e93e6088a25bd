//! `/authorize`: parse, load, decide, answer. Every page, when done, sends the browser back to `/authorize/resume`, which
//! does the same again.

use axum::extract::{Query, RawQuery, State};
use axum::response::Response;
use chrono::{DateTime, Utc};
use idp_core::audit::{Action, AuditEvent};
use idp_core::authorize::{
    AuthorizationRequest, ErrorCode, Hint, Next, ProtocolError, RawRequest, ReturnAddress, SignInReason, SignedIn,
    Situation, decide,
};
use idp_core::claim::Release;
use idp_core::client::Client;
use idp_core::grant::{Grant, GrantState};
use idp_core::id::GrantId;
use idp_core::jose::{TokenType, Unverified};
use idp_core::scope::ScopeSet;
use idp_core::secret::Secret;
use idp_core::token::{IdTokenHint, subject};
use idp_store::{Basis, Consent, Issued, Link};
use serde::Deserialize;

use super::answer;
use super::pending::{self, Pending};
use super::source::{self, Opened};
use super::{device, par};
use crate::account::accept;
use crate::error::AppError;
use crate::extract::{Cookie, Member, Visitor, see_other};
use crate::middleware::LeadsOn;
use crate::state::App;
use crate::urls;
use crate::view::lang::Lang;

/// The sign-in page when somebody is signed in and must say so again.
const LOGIN_AGAIN: &str = "/login?again=yes";

/// GET: a new request.
pub async fn get(State(app): State<App>, visitor: Visitor, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let raw = RawRequest::parse(&[query.as_deref().unwrap_or_default()])?;
    match source::open(&app, raw, visitor.now).await? {
        Opened::Request { raw, pushed } => {
            let pending = Pending { query: String::new(), began_at: visitor.now, pushed };
            proceed(&app, &visitor, raw, pending, None).await
        }
        Opened::Refused { address, error } => answer::error(&app, &visitor, &address, error).await,
    }
}

/// POST (OpenID Connect Core §3.1.2.1): the same parameters as a form. The browser comes from another site, so it brings
/// no cookies; sent on to the same request as a GET it does. Without its cookies it looks like a new browser, and must not
/// be given another name here: every page that is open in it would lose what it waits for.
pub async fn post(RawQuery(query): RawQuery, request: axum::extract::Request) -> Result<Response, AppError> {
    if !crate::extract::is_form(request.headers()) {
        return Err(AppError::bad_request("the body is not a form"));
    }
    let body = axum::body::to_bytes(request.into_body(), 64 * 1024)
        .await
        .map_err(|_| AppError::bad_request("the request is too long"))?;
    let body = std::str::from_utf8(&body).map_err(|_| AppError::bad_request("the form is not UTF-8"))?;
    let raw = RawRequest::parse(&[query.as_deref().unwrap_or_default(), body])?;
    Ok(see_other(&format!("{}?{}", urls::AUTHORIZE, raw.encode())))
}

/// The name of a waiting request.
#[derive(Deserialize)]
pub struct Waiting {
    request: Option<String>,
}

impl Waiting {
    /// The handle, if it has the form of one.
    pub fn handle(&self) -> Option<&str> {
        pending::handle(self.request.as_deref()?)
    }
}

/// A page is done: decide again.
pub async fn resume(
    State(app): State<App>,
    visitor: Visitor,
    Query(waiting): Query<Waiting>,
) -> Result<Response, AppError> {
    let handle = waiting.handle().ok_or_else(AppError::request_gone)?;
    let pending: Pending = pending::find(&app, &visitor, handle).await?;
    let raw = RawRequest::kept(&pending.query)?;
    if let Some(code) = device::code_of(&raw) {
        return device::resume(&app, &visitor, handle, &code, pending.began_at).await;
    }
    proceed(&app, &visitor, raw, pending, Some(handle)).await
}

/// The person does not want to go on: the service hears `access_denied`. A link is enough, since only this browser knows
/// the request's name.
pub async fn cancel(
    State(app): State<App>,
    visitor: Visitor,
    Query(waiting): Query<Waiting>,
) -> Result<Response, AppError> {
    let handle = waiting.handle().ok_or_else(AppError::request_gone)?;
    refuse_waiting(&app, &visitor, handle, "the member did not go on").await
}

/// Answers a waiting request with `access_denied`.
pub async fn refuse_waiting(
    app: &App,
    visitor: &Visitor,
    handle: &str,
    description: &'static str,
) -> Result<Response, AppError> {
    let pending: Pending = pending::find(app, visitor, handle).await?;
    let raw = RawRequest::kept(&pending.query)?;
    if let Some(code) = device::code_of(&raw) {
        return device::deny(app, visitor, handle, &code).await;
    }
    let address = prove(app, &raw).await?;
    pending::forget(app, handle).await?;
    spend(app, pending.pushed.as_deref()).await?;
    answer::error(app, visitor, &address, ProtocolError::new(ErrorCode::AccessDenied, description)).await
}

/// A waiting request and its proven return address.
pub async fn load(app: &App, visitor: &Visitor, handle: &str) -> Result<(RawRequest, ReturnAddress), AppError> {
    let pending: Pending = pending::find(app, visitor, handle).await?;
    let raw = RawRequest::kept(&pending.query)?;
    let address = prove(app, &raw).await?;
    Ok((raw, address))
}

async fn prove(app: &App, raw: &RawRequest) -> Result<ReturnAddress, AppError> {
    let id = ReturnAddress::client_id(raw)?;
    let client = app.store.client(&id).await?;
    if client.is_none() && id.is_trial() {
        return Err(source::trial_over());
    }
    Ok(ReturnAddress::prove(raw, client)?)
}

pub(super) async fn proceed(
    app: &App,
    visitor: &Visitor,
    raw: RawRequest,
    pending: Pending,
    handle: Option<&str>,
) -> Result<Response, AppError> {
    let began_at = pending.began_at;
    let address = prove(app, &raw).await?;
    let client = address.client();
    let request = match AuthorizationRequest::parse(&raw, client) {
        Ok(request) => request,
        Err(error) => return answer::error(app, visitor, &address, error).await,
    };
    let member = visitor.member.as_ref();
    let mut consent = consent_of(app, member, client).await?;
    let consented = agreed(consent.as_ref());
    let situation = Situation {
        now: visitor.now,
        began_at,
        client,
        signed_in: member.map(|member| SignedIn { session: &member.session, account: &member.account.account }),
        consented: consented.as_ref(),
        hint: hint(app, &request, &address, member),
        documents_accepted: member.is_some_and(|member| accept::has_accepted(&member.account)),
    };
    let mut next = decide(&request, &situation);
    if let (Next::Issue(scopes), Some(member)) = (next, member) {
        let ground = (consent.as_ref(), &pending);
        match issue(app, visitor, &address, &request, member, scopes, ground, handle).await? {
            Answered::Sent(answer) => return Ok(answer),
            // In this very moment the consent was withdrawn, or else the session ended: decided again without it, so
            // that `prompt=none` stays silent.
            Answered::Gone => {}
        }
        consent = consent_of(app, Some(member), client).await?;
        let consented = agreed(consent.as_ref());
        let situation = Situation { consented: consented.as_ref(), ..situation };
        next = decide(&request, &situation);
        if matches!(next, Next::Issue(_)) {
            next = decide(&request, &Situation { signed_in: None, ..situation });
        }
    }
    match next {
        Next::Issue(_) => Err(AppError::internal("a code for nobody")),
        Next::Refuse(error) => {
            if let Some(handle) = handle {
                pending::forget(app, handle).await?;
            }
            spend(app, pending.pushed.as_deref()).await?;
            answer::error(app, visitor, &address, error).await
        }
        next @ (Next::SignIn(_) | Next::StepUp(_) | Next::Documents | Next::Verify(_) | Next::Consent(_)) => {
            let page = match next {
                Next::SignIn(SignInReason::Again) => LOGIN_AGAIN,
                Next::SignIn(_) => urls::LOGIN,
                Next::StepUp(_) => urls::LOGIN_SECOND,
                Next::Documents => urls::ACCEPT,
                Next::Verify(_) => urls::VERIFY,
                _ => urls::CONSENT,
            };
            let mut response = wait_for(app, visitor, &raw, pending, handle, page).await?;
            // OpenID Connect Core §3.1.2.1, ui_locales: the first one we speak; the visitor can switch afterwards.
            let wished = request.ui_locales.as_deref().and_then(Lang::wished);
            if let Some(lang) = wished {
                visitor.jar.write(response.headers_mut(), Cookie::Language, lang.tag());
            }
            Ok(response)
        }
    }
}

async fn consent_of(app: &App, member: Option<&Member>, client: &Client) -> Result<Option<Consent>, AppError> {
    match member {
        Some(member) => Ok(app.store.consent(member.account.account.id, &client.id).await?),
        None => Ok(None),
    }
}

/// What was asked for and agreed to, and when.
pub(super) fn agreed(consent: Option<&Consent>) -> Option<(Release, DateTime<Utc>)> {
    consent.filter(|consent| consent.basis == Basis::Agreed).map(|consent| (consent.release(), consent.given_at))
}

/// How a client that is about to receive `release` is linked to the member. What the member agreed to is never widened.
pub(super) fn link(consent: Option<&Consent>, release: Release) -> Link {
    match consent {
        None => Link::New(release),
        Some(consent) if consent.basis == Basis::Unasked && !consent.release().covers(&release) => {
            Link::New(consent.release().union(&release))
        }
        Some(_) => Link::Known,
    }
}

/// Keeps the request, unless it is kept already, and goes to a page.
async fn wait_for(
    app: &App,
    visitor: &Visitor,
    raw: &RawRequest,
    pending: Pending,
    handle: Option<&str>,
    page: &str,
) -> Result<Response, AppError> {
    let handle = match handle {
        Some(handle) => handle.to_owned(),
        None => pending::keep(app, visitor, Pending { query: raw.encode(), ..pending }).await?,
    };
    let separator = if page.contains('?') { '&' } else { '?' };
    Ok(visitor.go(&format!("{page}{separator}request={handle}")))
}

/// What `id_token_hint` and the `sub` in `claims` say about the member who is signed in. A hint that is not ours names
/// somebody else.
fn hint(app: &App, request: &AuthorizationRequest, address: &ReturnAddress, member: Option<&Member>) -> Hint {
    if request.id_token_hint.is_none() && request.sub.is_none() {
        return Hint::Absent;
    }
    let Some(member) = member else { return Hint::SomebodyElse };
    let sub = subject(&member.account.subject_seed, address.client());
    let hinted = request.id_token_hint.as_ref().is_none_or(|token| {
        let named: Result<IdTokenHint, _> =
            Unverified::parse(token).and_then(|token| token.verify(TokenType::Id, &app.keys.load()));
        named.is_ok_and(|named| named.iss == app.issuer() && named.sub == sub)
    });
    let meant = request.sub.as_ref().is_none_or(|subs| subs.contains(&sub));
    if hinted && meant { Hint::ThisMember } else { Hint::SomebodyElse }
}

/// What came of issuing a code.
enum Answered {
    /// The client has its answer.
    Sent(Response),
    /// The session is over or the consent withdrawn by now.
    Gone,
}

/// Writes the grant and sends its code, on the ground of a consent and for a request that may have been pushed.
#[expect(clippy::too_many_arguments, reason = "who asks, for whom, for what, on which ground")]
async fn issue(
    app: &App,
    visitor: &Visitor,
    address: &ReturnAddress,
    request: &AuthorizationRequest,
    member: &Member,
    scopes: ScopeSet,
    (consent, pending): (Option<&Consent>, &Pending),
    handle: Option<&str>,
) -> Result<Answered, AppError> {
    // Once for each pushed request, whichever browser or node is faster.
    if !spend(app, pending.pushed.as_deref()).await? {
        return answer::error(app, visitor, address, par::SPENT).await.map(Answered::Sent);
    }
    let code = Secret::make(&*app.chance);
    let (session, account_id) = (&member.session, member.account.account.id);
    let reached = session.acr();
    let grant = Grant {
        id: GrantId::make(&*app.chance),
        client_id: address.client().id.clone(),
        account_id,
        session_id: session.id,
        sid: session.id,
        code: code.digest(),
        redirect_uri: address.redirect_uri().to_owned(),
        challenge: request.challenge.clone(),
        nonce: request.nonce.clone(),
        scopes,
        claims: request.claims.clone(),
        methods: session.methods.clone(),
        acr: request.acr.as_ref().map_or(reached, |wish| wish.told(reached)),
        authenticated_at: session.authenticated_at,
        issued_at: visitor.now,
        resources: request.resources.clone(),
        bound_to: request.bound_to.clone(),
        state: GrantState::Issued,
        refresh: None,
    };
    let event = AuditEvent::by_member(visitor.now, account_id, Action::CodeIssued)
        .client(&grant.client_id)
        .session(session.id)
        .from(visitor.origin.to_string());
    let release = Release { scopes, claims: request.named_claims(), resources: request.resources.askable() };
    match app.store.issue(&grant, link(consent, release), visitor.now, &[event]).await? {
        Issued::Done => {}
        Issued::Gone => {
            par::unspend(app, pending.pushed.as_deref()).await?;
            return Ok(Answered::Gone);
        }
    }
    if let Some(handle) = handle {
        pending::forget(app, handle).await?;
    }
    answer::speak(app, visitor, address, |voice| address.code(&code, voice)).await.map(Answered::Sent)
}

/// Spends a pushed request with its answer; `false` when it was spent before. Without one there is nothing to spend.
async fn spend(app: &App, pushed: Option<&str>) -> Result<bool, AppError> {
    match pushed {
        Some(name) => par::spend(app, name).await,
        None => Ok(true),
    }
}

/// Lets the forms of a page lead on to the service that waits ([`LeadsOn`]).
pub fn leading_on(visitor: &Visitor, handle: Option<&str>, mut page: Response) -> Response {
    if handle.is_some() {
        page.extensions_mut().insert(LeadsOn);
    }
    visitor.dress(page)
}
