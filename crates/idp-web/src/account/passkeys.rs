//! `/profile/passkeys`: one's own passkeys, seen, added, named and removed.

use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use idp_core::account::{Access, Account, FactorKind, RecoveryCode};
use idp_core::audit::{Action, AuditEvent};
use idp_core::id::PasskeyId;
use idp_core::passkey::{MOST, Passkey, PasskeyName};
use idp_core::secret::{Digest, base64url};
use idp_store::{FactorChange, PasskeyAdded};
use serde::Deserialize;

use super::not_me::{self, Disputed};
use super::post_office::{Posting, post as seal_letter};
use super::proof::{self, Demand, Destination, Proof};
use super::{recovery_codes, second, words};
use crate::error::AppError;
use crate::extract::{Member, Posted, Visitor};
use crate::mail::{Letter, PasskeyChange};
use crate::middleware::AsksUs;
use crate::passkey::door::Added;
use crate::passkey::{self, NewKey, Refusal};
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::lang::Lang;
use crate::view::page::{PasskeyRow, PasskeysPage};
use crate::view::text::{self, Text};

/// What was just done, as a word.
#[derive(Deserialize)]
pub struct Opened {
    done: Option<String>,
}

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor, Query(opened): Query<Opened>) -> Result<Response, AppError> {
    let Some(member) = visitor.member.clone() else { return Ok(visitor.go(urls::LOGIN)) };
    if !may_change(&app, &visitor, &member) {
        return Ok(visitor.go(urls::PROFILE));
    }
    let notice = match opened.done.as_deref() {
        Some("added") => Some("passkey-added"),
        Some("removed") => Some("passkey-removed"),
        Some("renamed") => Some("passkey-renamed"),
        _ => None,
    };
    show(&app, &visitor, &member, Said { notice, ..Said::default() }).await
}

/// POST `/profile/passkeys/options`: what to ask the browser for a new passkey.
pub async fn ask(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let Some(member) = visitor.member.clone().filter(|member| may_change(&app, visitor, member)) else {
        return Err(AppError::forged_form());
    };
    if let Proof::Missing(_) = proven(&app, visitor).await? {
        return Err(AppError::forged_form());
    }
    let account = &member.account.account;
    let passkeys = app.store.passkeys_of(account.id).await?;
    let (address, name) = (account.email.as_str(), account.profile.full_name());
    let options = passkey::begin(&app, visitor, |door| door.ask_for_new(account.id, address, &name, &passkeys)).await?;
    Ok(visitor.dress(([(header::CONTENT_TYPE, "application/json")], options).into_response()))
}

/// POST: the browser's answer becomes a passkey; every other session ends.
pub async fn add(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let member = match proven(&app, visitor).await? {
        Proof::Given(member) => member,
        Proof::Missing(elsewhere) => return Ok(elsewhere),
    };
    let added = match judge(&app, visitor, &member, form.field("answer")).await? {
        Ok(added) => added,
        Err(why) => {
            tracing::info!(why = why.as_str(), "a new passkey was refused");
            let error = if why == Refusal::NotAsked { "passkey-late" } else { "passkey-add-bad" };
            return show(&app, visitor, &member, Said { error: Some(error), ..Said::default() }).await;
        }
    };
    // The authenticator has made it already: a name that cannot be taken must not lose it.
    let name = PasskeyName::parse(form.field("name")).unwrap_or_else(|_| suggestion(visitor));
    let new = Passkey {
        id: PasskeyId::make(&*app.chance),
        account_id: member.session.account_id,
        credential_id: added.credential_id,
        name,
        state: added.state,
        created_at: visitor.now,
        last_used_at: None,
    };
    // The first strong factor comes with recovery codes; beside another one those that are there go on.
    let codes = RecoveryCode::make_set(&*app.chance);
    let digests: Vec<Digest> = codes.iter().map(|code| code.digest(new.account_id)).collect();
    let told = told(&app, visitor, &member, &new, PasskeyChange::Added);
    match app.store.add_passkey(&new, &digests, told, visitor.now).await? {
        PasskeyAdded::Done { first } => {
            app.mail_queued.notify_one();
            done(&app, visitor, &member, first.then_some(&codes)).await
        }
        PasskeyAdded::Gone => Ok(visitor.go(urls::LOGIN)),
        PasskeyAdded::Taken => {
            show(&app, visitor, &member, Said { error: Some("passkey-add-bad"), ..Said::default() }).await
        }
        PasskeyAdded::NoRoom => {
            show(&app, visitor, &member, Said { error: Some("passkey-no-room"), ..Said::default() }).await
        }
    }
}

/// Goes on after a passkey was added: with the fresh recovery codes, where it came with some. This session has proven as much
/// as whoever signs in by the new passkey, so it is as strong from now on (decision 0024).
async fn done(
    app: &App,
    visitor: &Visitor,
    member: &Member,
    codes: Option<&Vec<RecoveryCode>>,
) -> Result<Response, AppError> {
    let place = if codes.is_some() { urls::RECOVERY_CODES } else { "/profile/passkeys?done=added" };
    let mut response = visitor.go(place);
    let session = match member.session.has_strong_factor() {
        true => Some(member.session.id),
        false => second::step_up(app, visitor, member, FactorKind::Passkey, &mut response).await?,
    };
    let Some(session) = session else { return Ok(visitor.go(urls::LOGIN)) };
    if let Some(codes) = codes {
        recovery_codes::keep_to_show(app, session, codes).await?;
    }
    Ok(response)
}

async fn judge(
    app: &App,
    visitor: &Visitor,
    member: &Member,
    answer: &str,
) -> Result<Result<Added, Refusal>, AppError> {
    let Some(door) = &app.passkeys else { return Err(AppError::not_found()) };
    let answer = match NewKey::read(answer) {
        Ok(answer) => answer,
        Err(why) => return Ok(Err(why)),
    };
    let ceremony = passkey::take(app, visitor, &answer.challenge).await?;
    Ok(ceremony.and_then(|ceremony| door.added(ceremony, &answer, member.session.account_id)))
}

/// POST `/profile/passkeys/rename`.
pub async fn rename(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let Some(member) = visitor.member.clone() else { return Ok(visitor.go(urls::LOGIN)) };
    let (Some(id), true) = (PasskeyId::parse(form.field("passkey")), may_change(&app, visitor, &member)) else {
        return Ok(visitor.go(urls::PASSKEYS));
    };
    let name = match PasskeyName::parse(form.field("name")) {
        Ok(name) => name,
        Err(fault) => {
            return show(&app, visitor, &member, Said { error: Some(fault.message_key()), ..Said::default() }).await;
        }
    };
    let account = member.session.account_id;
    let event = event(visitor, &member, Action::PasskeyRenamed, id);
    app.store.rename_passkey(account, id, &name, &[event]).await?;
    Ok(visitor.go("/profile/passkeys?done=renamed"))
}

/// POST `/profile/passkeys/remove`: every other session ends.
pub async fn remove(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let member = match proven(&app, visitor).await? {
        Proof::Given(member) => member,
        Proof::Missing(elsewhere) => return Ok(elsewhere),
    };
    let account = member.session.account_id;
    let id = PasskeyId::parse(form.field("passkey"));
    let passkeys = app.store.passkeys_of(account).await?;
    let Some(passkey) = passkeys.into_iter().find(|passkey| Some(passkey.id) == id) else {
        return Ok(visitor.go(urls::PASSKEYS));
    };
    let told = told(&app, visitor, &member, &passkey, PasskeyChange::Removed);
    app.store.remove_passkey(passkey.id, told, visitor.now).await?;
    app.mail_queued.notify_one();
    Ok(visitor.go("/profile/passkeys?done=removed"))
}

/// A member who may change them and has just proven to be there, or where they are sent instead.
async fn proven(app: &App, visitor: &Visitor) -> Result<Proof, AppError> {
    let proof = proof::ask(app, visitor, Demand::Member, Destination::Passkeys).await?;
    Ok(match proof {
        Proof::Given(member) if !may_change(app, visitor, &member) => Proof::Missing(visitor.go(urls::PROFILE)),
        proof => proof,
    })
}

const PROVE: &str = "/login?again=yes&to=passkeys";

fn may_change(app: &App, visitor: &Visitor, member: &Member) -> bool {
    let access = member.account.account.access(visitor.now);
    app.passkeys.is_some() && matches!(access, Access::Full | Access::VerifyOrDelete)
}

fn event(visitor: &Visitor, member: &Member, action: Action, passkey: PasskeyId) -> AuditEvent {
    AuditEvent::by_member(visitor.now, member.session.account_id, action)
        .session(member.session.id)
        .from(visitor.origin.to_string())
        .detail(serde_json::json!({ "passkey": passkey }))
}

/// What is written beside the change: a line in the log, and a letter with the link by which its owner objects.
fn told(app: &App, visitor: &Visitor, member: &Member, passkey: &Passkey, change: PasskeyChange) -> FactorChange {
    let account: &Account = &member.account.account;
    let (link, not_me_url) = not_me::objection(app, account.id, Disputed::Passkey, visitor.now);
    let letter = Letter::PasskeyChanged {
        name: account.profile.full_name(),
        change,
        passkey: passkey.name.as_str().to_owned(),
        at: visitor.now,
        not_me_url,
    };
    let posting = Posting {
        account: Some(account.id),
        to: &account.email,
        lang: account.language.as_deref().and_then(Lang::from_tag).unwrap_or(visitor.lang),
        good_for: TimeDelta::days(7),
        once: None,
    };
    let action = match change {
        PasskeyChange::Added => Action::PasskeyAdded,
        PasskeyChange::Removed => Action::PasskeyRemoved,
    };
    FactorChange {
        account_id: account.id,
        kept: member.session.id,
        device: visitor.known_device(),
        links: vec![link],
        events: vec![event(visitor, member, action, passkey.id)],
        mails: vec![seal_letter(app, posting, letter, visitor.now)],
    }
}

/// What the page says of what was just tried.
#[derive(Default)]
struct Said {
    notice: Option<&'static str>,
    error: Option<&'static str>,
}

async fn show(app: &App, visitor: &Visitor, member: &Member, said: Said) -> Result<Response, AppError> {
    let passkeys = app.store.passkeys_of(member.session.account_id).await?;
    let row = |passkey: &Passkey| PasskeyRow {
        id: passkey.id.to_string(),
        name: passkey.name.as_str().to_owned(),
        since: words::moment(passkey.created_at, visitor.lang),
        last: passkey.last_used_at.map(|at| words::moment(at, visitor.lang)),
        backed_up: passkey.state.backed_up,
        credential: base64url(passkey.credential_id.as_bytes()),
    };
    let page = PasskeysPage {
        shell: visitor.shell(),
        room: passkeys.len() < MOST,
        passkeys: passkeys.iter().map(row).collect(),
        owner: base64url(member.session.account_id.0.as_bytes()),
        proven: matches!(proven(app, visitor).await?, Proof::Given(_)),
        prove_href: PROVE.to_owned(),
        suggestion: suggestion(visitor).as_str().to_owned(),
        notice: said.notice.map(Text::key),
        error: said.error.map(Text::key),
    };
    let status = if page.error.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let mut response = page.render_response(status).into_response();
    response.extensions_mut().insert(AsksUs);
    Ok(visitor.dress(response))
}

/// The browser's name, as far as it tells.
fn suggestion(visitor: &Visitor) -> PasskeyName {
    let word = text::get(visitor.lang, "passkey");
    let name = PasskeyName::parse(&visitor.device).or_else(|_| PasskeyName::parse(word));
    name.expect("the word for a passkey is a name")
}
