//! `/profile/history`: where the member is signed in, with a way to sign out there, and every attempt to sign in.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::account::{How, SignIn, SignInResult};
use idp_core::audit::{Action, AuditEvent};
use idp_core::id::SessionId;
use idp_core::privacy::retention;
use idp_core::session::SessionEnd;
use idp_store::{Ending, SignInLine};
use serde::Deserialize;

use super::words;
use crate::error::AppError;
use crate::extract::{Member, Posted, Visitor};
use crate::oidc::pending::in_lang;
use crate::proxy::origin_network;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::page::{HistoryPage, HistoryRow, LiveSession, Outcome};
use crate::view::text::Text;

/// Attempts on one page.
const PER_PAGE: usize = 20;

/// What the page is opened with.
#[derive(Deserialize)]
pub struct Opened {
    before: Option<String>,
}

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor, Query(opened): Query<Opened>) -> Result<Response, AppError> {
    let member = match visitor.signed_in() {
        Ok(member) => member,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    // What is no number of ours begins at the beginning: there is nothing to tell the person about it.
    let before = opened.before.as_deref().and_then(|text| text.parse::<i64>().ok()).filter(|number| *number > 0);
    let account = member.account.account.id;
    let wanted = PER_PAGE as u64 + 1;
    let mut lines = app.store.sign_ins_of(account, before, wanted).await?;
    let more = lines.len() > PER_PAGE;
    lines.truncate(PER_PAGE);
    let older = lines.last().filter(|_| more).map(|last| format!("{}?before={}", urls::HISTORY, last.seq));
    let mut rows = Vec::with_capacity(lines.len());
    for line in &lines {
        rows.push(row(&app, &visitor, &member, line).await?);
    }
    let page = HistoryPage {
        shell: visitor.shell(),
        sessions: if before.is_none() { sessions(&app, &visitor, &member).await? } else { Vec::new() },
        rows,
        older_href: older,
        first: before.is_none(),
        days: retention::SIGN_INS.num_days(),
    };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// POST `/profile/history/signout`: one of the member's own sessions ends.
pub async fn sign_out_there(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let member = match visitor.signed_in() {
        Ok(member) => member,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let account = member.account.account.id;
    // Somebody else's session and none at all are answered alike.
    if let Some(id) = SessionId::parse(form.field("session"))
        && let Some(session) = app.store.session(id).await?
        && session.account_id == account
        && session.id != member.session.id
    {
        let event =
            AuditEvent::by_member(visitor.now, account, Action::SignedOut).session(id).from(visitor.origin.to_string());
        let ending = Ending::Session(id);
        app.store.end_sessions(ending, SessionEnd::SignedOut, visitor.now, &[event], &[]).await?;
    }
    Ok(visitor.go(urls::HISTORY))
}

async fn sessions(app: &App, visitor: &Visitor, member: &Member) -> Result<Vec<LiveSession>, AppError> {
    let sessions = app.store.sessions_of(member.account.account.id, visitor.now, app.session_limits()).await?;
    Ok(sessions
        .into_iter()
        .map(|session| LiveSession {
            id: session.id.to_string(),
            current: session.id == member.session.id,
            since: words::moment(session.authenticated_at, visitor.lang),
            last: words::moment(session.last_seen_at, visitor.lang),
            device: words::device(&session.device, visitor.lang),
        })
        .collect())
}

async fn row(app: &App, visitor: &Visitor, member: &Member, line: &SignInLine) -> Result<HistoryRow, AppError> {
    let SignIn { at, result, methods, device, network, client_id, session_id, .. } = &line.sign_in;
    let client = match client_id {
        Some(id) => app.store.client(id).await?,
        None => None,
    };
    Ok(HistoryRow {
        at: words::moment(*at, visitor.lang),
        outcome: if *result == SignInResult::Success { Outcome::Success } else { Outcome::Refused },
        result: Text::key(result_words(*result, How::of(methods))),
        how: Text::key(how_words(How::of(methods))),
        device: words::device(device, visitor.lang),
        network: words::network(network, visitor.lang),
        same_network: *network == origin_network(visitor.origin),
        service: client.map(|client| in_lang(&client.name, visitor.lang).to_owned()),
        current: *session_id == Some(member.session.id),
    })
}

fn result_words(result: SignInResult, how: How) -> &'static str {
    match (result, how) {
        (SignInResult::Success, _) => "history-success",
        (SignInResult::WrongPassword, _) => "history-wrong-password",
        (SignInResult::RefusedFactor, _) => "history-refused-factor",
        (SignInResult::RefusedThaid, _) => "history-refused-thaid",
        (SignInResult::HalfWay, How::Thaid) => "history-half-way-thaid",
        (SignInResult::HalfWay, _) => "history-half-way",
        (SignInResult::Stopped, How::Thaid) => "history-stopped-thaid",
        (SignInResult::Stopped, _) => "history-stopped",
    }
}

fn how_words(how: How) -> &'static str {
    match how {
        How::Password => "history-how-password",
        How::PasswordAndFactor => "history-how-factor",
        How::Passkey => "history-how-passkey",
        How::Thaid => "history-how-thaid",
        How::Other => "history-how-other",
    }
}
