//! `/logout`: RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0). Asks first, unless the hint proves that the
//! request comes from a service the member is signed in to; returns only to a registered address, and only with a hint.

use axum::extract::{RawQuery, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::audit::{Action, AuditEvent};
use idp_core::authorize::RawRequest;
use idp_core::client::{Client, ClientStatus};
use idp_core::id::ClientId;
use idp_core::jose::{TokenType, Unverified};
use idp_core::session::SessionEnd;
use idp_core::token::{IdTokenHint, subject};
use idp_store::Ending;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use super::front_channel;
use super::pending::{self, in_lang};
use crate::error::AppError;
use crate::extract::{Cookie, Member, Posted, Visitor, is_form, see_other};
use crate::middleware::LeadsOn;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::lang::Lang;
use crate::view::page::{MessagePage, Sign, SignOutPage};
use crate::view::shell::Action as PageAction;
use crate::view::text::Text;

/// Where to go after signing out: proven before it is made.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Afterwards {
    return_to: Option<String>,
}

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let raw = RawRequest::parse(&[query.as_deref().unwrap_or_default()])?;
    // RP-Initiated Logout §2, ui_locales: as at the authorization endpoint, the first language we speak. It is kept before
    // a page is shown, for the page after the confirmation too. logout_hint tells nothing that the session does not.
    if let Some(lang) = raw.get("ui_locales").and_then(Lang::wished) {
        let mut response = see_other(&format!("{}?{}", urls::LOGOUT, raw.without(&["ui_locales"]).encode()));
        visitor.jar.write(response.headers_mut(), Cookie::Language, lang.tag());
        return Ok(visitor.dress(response));
    }
    begin(&app, &visitor, &raw).await
}

/// POST from a service carries the same parameters and no token of ours; POST from our own page confirms.
pub async fn post(request: Request) -> Result<Response, AppError> {
    if !is_form(request.headers()) {
        return Err(AppError::bad_request("the body is not a form"));
    }
    let body = axum::body::to_bytes(request.into_body(), 64 * 1024)
        .await
        .map_err(|_| AppError::bad_request("the request is too long"))?;
    let body = std::str::from_utf8(&body).map_err(|_| AppError::bad_request("the form is not UTF-8"))?;
    let raw = RawRequest::parse(&[body])?;
    // From another site the browser brings no cookies; as a GET it will. As in `authorize::post` it gets none here.
    Ok(see_other(&format!("{}?{}", urls::LOGOUT, raw.encode())))
}

/// The member has confirmed.
pub async fn confirm(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let afterwards = match form.request() {
        Some(handle) => pending::find(&app, &form.visitor, handle).await?,
        None => Afterwards::default(),
    };
    finish(&app, &form.visitor, &afterwards).await
}

async fn begin(app: &App, visitor: &Visitor, raw: &RawRequest) -> Result<Response, AppError> {
    let hint: Option<IdTokenHint> = raw
        .get("id_token_hint")
        .and_then(|token| Unverified::parse(token).and_then(|token| token.verify(TokenType::Id, &app.keys.load())).ok())
        .filter(|hint: &IdTokenHint| hint.iss == app.issuer());
    if raw.get("id_token_hint").is_some() && hint.is_none() {
        return Err(refused("id_token_hint is not an ID token of this provider"));
    }
    let client = match &hint {
        Some(hint) => client_of(app, &hint.aud).await?,
        None => match raw.get("client_id") {
            Some(id) => client_of(app, id).await?,
            None => None,
        },
    };
    // RP-Initiated Logout §2: client_id must be the one the hint was made for.
    if let (Some(hint), Some(id)) = (&hint, raw.get("client_id"))
        && hint.aud != id
    {
        return Err(refused("client_id is not the audience of id_token_hint"));
    }
    let afterwards = Afterwards { return_to: return_address(raw, hint.as_ref(), client.as_deref())? };
    let Some(member) = &visitor.member else { return finish(app, visitor, &afterwards).await };
    if let (Some(hint), Some(client)) = (&hint, &client)
        && proves(hint, client, member)
    {
        return finish(app, visitor, &afterwards).await;
    }
    let service = client.as_ref().map(|client| in_lang(&client.name, visitor.lang).to_owned());
    let handle = pending::keep(app, visitor, &afterwards).await?;
    let page =
        SignOutPage { shell: visitor.shell(), service, request: Some(handle), cancel_href: urls::PROFILE.to_owned() };
    let mut response = page.render_response(StatusCode::OK).into_response();
    if afterwards.return_to.is_some() {
        response.extensions_mut().insert(LeadsOn);
    }
    Ok(visitor.dress(response))
}

/// Whether the hint names the member who is signed in, in this session or any other: then nobody needs to be asked.
fn proves(hint: &IdTokenHint, client: &Client, member: &Member) -> bool {
    let this_session = hint.sid.as_deref() == Some(&*member.session.id.to_string());
    this_session || hint.sub == subject(&member.account.subject_seed, client)
}

async fn client_of(app: &App, id: &str) -> Result<Option<std::sync::Arc<Client>>, AppError> {
    match ClientId::parse(id) {
        Some(id) => Ok(app.store.client(&id).await?),
        None => Ok(None),
    }
}

fn return_address(
    raw: &RawRequest,
    hint: Option<&IdTokenHint>,
    client: Option<&Client>,
) -> Result<Option<String>, AppError> {
    let Some(uri) = raw.get("post_logout_redirect_uri") else { return Ok(None) };
    match client {
        Some(client) if client.status == ClientStatus::Active && client.allows_post_logout_redirect(uri) => {}
        Some(_) => return Err(refused("post_logout_redirect_uri is not registered for this client")),
        None => return Err(refused("post_logout_redirect_uri needs id_token_hint")),
    }
    // Without a hint nobody has proven that a session with this service ever was: the member stays here.
    if hint.is_none() {
        return Ok(None);
    }
    let Some(state) = raw.get("state") else { return Ok(Some(uri.to_owned())) };
    let mut whole = uri.to_owned();
    whole.push(if uri.contains('?') { '&' } else { '?' });
    let start = whole.len();
    Ok(Some(form_urlencoded::Serializer::for_suffix(whole, start).append_pair("state", state).finish()))
}

fn refused(detail: &'static str) -> AppError {
    AppError::new(StatusCode::BAD_REQUEST, "invalid_request", "error-page-logout-title", "error-page-logout-body")
        .detail(detail)
        .next(urls::SIGN_OUT, "logout")
}

async fn finish(app: &App, visitor: &Visitor, afterwards: &Afterwards) -> Result<Response, AppError> {
    let mut frames = Vec::new();
    if let Some(member) = &visitor.member {
        frames = front_channel::frames(app, member).await?;
        end_this_session(app, visitor, member).await?;
    }
    let return_to = afterwards.return_to.as_deref();
    let mut response = match return_to {
        _ if !frames.is_empty() => front_channel::page(visitor, frames, return_to),
        Some(uri) => see_other(uri),
        None => signed_out(visitor),
    };
    visitor.jar.clear(response.headers_mut(), Cookie::Session);
    Ok(visitor.dress(response))
}

/// Ends the session of this visit at its member's word; every other way of ending one goes through the same path of the
/// store.
pub async fn end_this_session(app: &App, visitor: &Visitor, member: &Member) -> Result<(), AppError> {
    let event = AuditEvent::by_member(visitor.now, member.session.account_id, Action::SignedOut)
        .session(member.session.id)
        .from(visitor.origin.to_string());
    let this_one = Ending::Session(member.session.id);
    app.store.end_sessions(this_one, SessionEnd::SignedOut, visitor.now, &[event], &[]).await?;
    Ok(())
}

/// The page that says it is done.
pub fn signed_out(visitor: &Visitor) -> Response {
    let shell = crate::view::shell::Shell { member: None, ..visitor.shell() };
    MessagePage {
        shell,
        id: "signed-out",
        sign: Sign::Done,
        title: Text::key("logout-done"),
        body: vec![Text::key("signed-out-body")],
        actions: vec![PageAction::primary(urls::LOGIN, Text::key("login"))],
    }
    .render_response(StatusCode::OK)
    .into_response()
}
