//! `/authorize`: parse, load, decide, answer. Every page, when done, sends the browser back to `/authorize/resume`, which
//! does the same again.

use axum::extract::{Query, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use idp_core::audit::{Action, AuditEvent};
use idp_core::authorize::{
    Answer, AuthorizationRequest, Hint, Next, RawRequest, ReturnAddress, SignInReason, SignedIn, Situation, decide,
};
use idp_core::client::Client;
use idp_core::grant::{Grant, GrantState};
use idp_core::id::GrantId;
use idp_core::jose::{TokenType, Unverified};
use idp_core::scope::ScopeSet;
use idp_core::secret::Secret;
use idp_core::token::{IdTokenHint, subject};
use idp_store::{Basis, Consent, Issued, Link};
use serde::Deserialize;

use super::pending::{self, Pending};
use crate::error::AppError;
use crate::extract::{Cookie, Member, Visitor, see_other};
use crate::middleware::Csp;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::lang::Lang;
use crate::view::page::FormPostPage;

/// The sign-in page when somebody is signed in and must say so again.
const LOGIN_AGAIN: &str = "/login?again=yes";

/// GET: a new request.
pub async fn get(State(app): State<App>, visitor: Visitor, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let raw = RawRequest::parse(&[query.as_deref().unwrap_or_default()])?;
    let began_at = visitor.now;
    proceed(&app, &visitor, raw, began_at, None).await
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
    let raw = RawRequest::parse(&[&pending.query])?;
    proceed(&app, &visitor, raw, pending.began_at, Some(handle)).await
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
    let (_, address) = load(app, visitor, handle).await?;
    pending::forget(app, handle).await?;
    let error = idp_core::authorize::ProtocolError::new(idp_core::authorize::ErrorCode::AccessDenied, description);
    Ok(send(visitor, address.error(error, app.issuer())))
}

/// A waiting request and its proven return address.
pub async fn load(app: &App, visitor: &Visitor, handle: &str) -> Result<(RawRequest, ReturnAddress), AppError> {
    let pending: Pending = pending::find(app, visitor, handle).await?;
    let raw = RawRequest::parse(&[&pending.query])?;
    let client = app.store.client(&ReturnAddress::client_id(&raw)?).await?;
    let address = ReturnAddress::prove(&raw, client)?;
    Ok((raw, address))
}

pub(super) async fn proceed(
    app: &App,
    visitor: &Visitor,
    raw: RawRequest,
    began_at: DateTime<Utc>,
    handle: Option<&str>,
) -> Result<Response, AppError> {
    let client = app.store.client(&ReturnAddress::client_id(&raw)?).await?;
    let address = ReturnAddress::prove(&raw, client)?;
    let client = address.client();
    let request = match AuthorizationRequest::parse(&raw, client) {
        Ok(request) => request,
        Err(error) => return Ok(send(visitor, address.error(error, app.issuer()))),
    };
    let member = visitor.member.as_ref();
    let mut consent = consent_of(app, member, client).await?;
    let situation = Situation {
        now: visitor.now,
        began_at,
        client,
        signed_in: member.map(|member| SignedIn { session: &member.session, account: &member.account.account }),
        consented: agreed(consent.as_ref()),
        hint: hint(app, &request, &address, member),
    };
    let mut next = decide(&request, &situation);
    if let (Next::Issue(scopes), Some(member)) = (next, member) {
        if let Some(answer) = issue(app, visitor, &address, &request, member, scopes, consent.as_ref(), handle).await? {
            return Ok(answer);
        }
        // In this very moment the consent was withdrawn, or else the session ended: decided again without it, so that
        // `prompt=none` stays silent.
        consent = consent_of(app, Some(member), client).await?;
        next = decide(&request, &Situation { consented: agreed(consent.as_ref()), ..situation });
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
            Ok(send(visitor, address.error(error, app.issuer())))
        }
        next @ (Next::SignIn(_) | Next::Verify(_) | Next::Consent(_)) => {
            let page = match next {
                Next::SignIn(SignInReason::Again) => LOGIN_AGAIN,
                Next::SignIn(_) => urls::LOGIN,
                Next::Verify(_) => urls::VERIFY,
                _ => urls::CONSENT,
            };
            let mut response = wait_for(app, visitor, &raw, began_at, handle, page).await?;
            // OpenID Connect Core §3.1.2.1, ui_locales: the first one we speak; the visitor can switch afterwards.
            let wished = request.ui_locales.as_deref().and_then(|list| list.split(' ').find_map(Lang::from_tag));
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
fn agreed(consent: Option<&Consent>) -> Option<(ScopeSet, DateTime<Utc>)> {
    consent.filter(|consent| consent.basis == Basis::Agreed).map(|consent| (consent.scopes, consent.given_at))
}

/// How a client that is about to receive `scopes` is linked to the member. What the member agreed to is never widened.
fn link(consent: Option<&Consent>, scopes: ScopeSet) -> Link {
    match consent {
        None => Link::New(scopes),
        Some(consent) if consent.basis == Basis::Unasked && !consent.scopes.covers(scopes) => {
            Link::New(consent.scopes.union(scopes))
        }
        Some(_) => Link::Known,
    }
}

/// Keeps the request, unless it is kept already, and goes to a page.
async fn wait_for(
    app: &App,
    visitor: &Visitor,
    raw: &RawRequest,
    began_at: DateTime<Utc>,
    handle: Option<&str>,
    page: &str,
) -> Result<Response, AppError> {
    let handle = match handle {
        Some(handle) => handle.to_owned(),
        None => pending::keep(app, visitor, Pending { query: raw.encode(), began_at }).await?,
    };
    let separator = if page.contains('?') { '&' } else { '?' };
    Ok(visitor.go(&format!("{page}{separator}request={handle}")))
}

/// What `id_token_hint` says about the member who is signed in. One that is not ours names somebody else.
fn hint(app: &App, request: &AuthorizationRequest, address: &ReturnAddress, member: Option<&Member>) -> Hint {
    let Some(token) = &request.id_token_hint else { return Hint::Absent };
    let named: Option<IdTokenHint> =
        Unverified::parse(token).and_then(|token| token.verify(TokenType::Id, &app.keys.load())).ok();
    match (named, member) {
        (Some(named), Some(member))
            if named.iss == app.issuer() && named.sub == subject(&member.account.subject_seed, address.client()) =>
        {
            Hint::ThisMember
        }
        _ => Hint::SomebodyElse,
    }
}

/// Writes the grant and sends its code; `None` when the session is over or the consent withdrawn by now.
#[expect(clippy::too_many_arguments, reason = "who asks, for whom, for what, on which ground")]
async fn issue(
    app: &App,
    visitor: &Visitor,
    address: &ReturnAddress,
    request: &AuthorizationRequest,
    member: &Member,
    scopes: ScopeSet,
    consent: Option<&Consent>,
    handle: Option<&str>,
) -> Result<Option<Response>, AppError> {
    let code = Secret::make(&*app.chance);
    let (session, account_id) = (&member.session, member.account.account.id);
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
        methods: session.methods.clone(),
        acr: session.acr(),
        authenticated_at: session.authenticated_at,
        issued_at: visitor.now,
        state: GrantState::Issued,
        refresh: None,
    };
    let event = AuditEvent::by_member(visitor.now, account_id, Action::CodeIssued)
        .client(&grant.client_id)
        .session(session.id)
        .from(visitor.origin.to_string());
    match app.store.issue(&grant, link(consent, scopes), visitor.now, &[event]).await? {
        Issued::Done => {}
        Issued::Gone => return Ok(None),
    }
    if let Some(handle) = handle {
        pending::forget(app, handle).await?;
    }
    Ok(Some(send(visitor, address.code(&code, app.issuer()))))
}

/// Sends an answer the way the client wants it.
pub fn send(visitor: &Visitor, answer: Answer) -> Response {
    let response = match answer {
        Answer::Redirect(location) => see_other(&location),
        Answer::FormPost { action, fields } => {
            let origin = origin_of_uri(&action);
            let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            let mut response =
                FormPostPage { shell: visitor.shell(), action, fields }.render_response(StatusCode::OK).into_response();
            response.extensions_mut().insert(Csp { form_action: origin });
            response
        }
    };
    visitor.dress(response)
}

/// Lets the forms of a page lead on to the service that waits: browsers that hold redirects after a form to
/// `form-action` would otherwise stop there.
pub async fn leading_on(app: &App, visitor: &Visitor, handle: Option<&str>, mut page: Response) -> Response {
    if let Some(handle) = handle
        && let Ok((_, address)) = load(app, visitor, handle).await
    {
        page.extensions_mut().insert(Csp { form_action: origin_of_uri(address.redirect_uri()) });
    }
    visitor.dress(page)
}

/// Scheme and host for a Content-Security-Policy; a private-use scheme stands alone.
pub(super) fn origin_of_uri(uri: &str) -> String {
    url::Url::parse(uri).map_or_else(
        |_| String::new(),
        |url| match url.origin() {
            origin @ url::Origin::Tuple(..) => origin.ascii_serialization(),
            url::Origin::Opaque(_) => format!("{}:", url.scheme()),
        },
    )
}
