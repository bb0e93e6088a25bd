//! What is remembered of an attempt to sign in: the line in the member's history, and the letter when the browser is new.

use chrono::TimeDelta;
use idp_core::account::{Account, HALF_WAY_PATIENCE, SignIn, SignInResult};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::id::{AccountId, SessionId};
use idp_core::mail::OutgoingMail;
use idp_core::password::PasswordHash;
use idp_core::session::AuthenticationMethod;
use idp_core::thai::BuddhistDate;
use idp_store::{HalfSignIn, OneTimeLink, SignInOrder};

use super::login::Started;
use super::not_me::{self, Disputed};
use super::post_office::{Posting, post as seal_letter};
use crate::error::AppError;
use crate::extract::Visitor;
use crate::mail::Letter;
use crate::oidc::pending::service;
use crate::proxy::origin_network;
use crate::state::App;
use crate::traffic;
use crate::urls;
use crate::view::lang::Lang;

/// What was tried, and how.
pub struct Tried<'a> {
    /// What came of it.
    pub result: SignInResult,
    /// What was presented.
    pub methods: &'a [AuthenticationMethod],
    /// The sign-in that waits, whose service is named.
    pub request: Option<&'a str>,
}

/// Writes a sign-in: the session, in the place of the one this browser had; the line in the history; and the letter when the
/// account does not know the browser. `false`, and nothing is written, when `password` is not the account's any more or the
/// account was stopped.
///
/// # Errors
/// When the store is down.
pub async fn begin(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    started: &Started,
    password: Option<&PasswordHash>,
    request: Option<&str>,
    event: AuditEvent,
) -> Result<bool, AppError> {
    let order = order(app, visitor, account, started, request, event).await?;
    let begun = app.store.sign_in(SignInOrder { password: password.cloned(), ..order }, visitor.now).await?;
    app.mail_queued.notify_one();
    Ok(begun)
}

/// What a sign-in writes.
///
/// # Errors
/// When the store is down.
pub async fn order(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    started: &Started,
    request: Option<&str>,
    event: AuditEvent,
) -> Result<SignInOrder, AppError> {
    let session = &started.session;
    traffic::member(account.id, Some(session.id));
    let tried = Tried { result: SignInResult::Success, methods: &session.methods, request };
    let line = line(app, visitor, account.id, &tried, Some(session.id)).await;
    let (links, notices) = notice(app, visitor, account).await?.into_iter().unzip();
    Ok(SignInOrder {
        session: session.clone(),
        password: None,
        replaces: visitor.member.as_ref().map(|member| (member.session.id, member.session.account_id)),
        device: Some(started.device.digest()),
        line: Some(line),
        completes: visitor.half().map(|_| visitor.browser()),
        links,
        notices,
        events: vec![event],
    })
}

/// The line about an attempt by this visitor.
async fn line(
    app: &App,
    visitor: &Visitor,
    account_id: AccountId,
    tried: &Tried<'_>,
    session_id: Option<SessionId>,
) -> SignIn {
    let client_id = service(app, visitor, tried.request).await.map(|client| client.id.clone());
    client_id.as_ref().inspect(|id| traffic::client(id));
    SignIn {
        account_id,
        at: visitor.now,
        result: tried.result,
        methods: tried.methods.to_vec(),
        device: visitor.device.clone(),
        network: origin_network(visitor.origin),
        client_id,
        session_id,
    }
}

/// Writes an attempt down that was refused: for the member, when somebody has the address, and in the log in any case.
///
/// # Errors
/// When the store is down.
pub async fn refused(
    app: &App,
    visitor: &Visitor,
    account: Option<AccountId>,
    tried: Tried<'_>,
    events: &[AuditEvent],
) -> Result<(), AppError> {
    if let Some(account) = account {
        traffic::member(account, None);
    }
    // An account that does not exist is written about as well, to nobody: neither way may take longer.
    let account = account.unwrap_or(AccountId(uuid::Uuid::nil()));
    let attempt = line(app, visitor, account, &tried, None).await;
    Ok(app.store.sign_in_refused(&attempt, events).await?)
}

/// Writes down that a sign-in went half-way: `first` was proven, and a second step is asked for. Where the password is known
/// in a browser that the account does not know, its owner is written to once a day, unless the step follows.
///
/// # Errors
/// When the store is down.
pub async fn half_way(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    first: AuthenticationMethod,
    request: Option<&str>,
) -> Result<(), AppError> {
    traffic::member(account.id, None);
    let tried = Tried { result: SignInResult::HalfWay, methods: &[first], request };
    let line = line(app, visitor, account.id, &tried, None).await;
    let event = AuditEvent::new(visitor.now, Actor::Anonymous, Action::SecondFactorAsked)
        .account(account.id)
        .from(visitor.origin.to_string())
        .detail(serde_json::json!({ "after": first.as_str() }));
    let half = HalfSignIn {
        notice: match first == AuthenticationMethod::Pwd && !is_known(app, visitor, account.id).await? {
            true => Some(password_known(app, visitor, account)),
            false => None,
        },
        line,
        browser: visitor.browser(),
        events: vec![event],
    };
    Ok(app.store.half_sign_in(half).await?)
}

/// The letter that somebody knows the password; it waits, because most who begin a sign-in complete it.
fn password_known(app: &App, visitor: &Visitor, account: &Account) -> OutgoingMail {
    let letter = Letter::PasswordKnown {
        name: account.profile.full_name(),
        at: visitor.now,
        device: visitor.device.clone(),
        network: origin_network(visitor.origin),
        password_url: app.url(urls::PASSWORD),
    };
    let posting = Posting {
        account: Some(account.id),
        to: &account.email,
        lang: account.language.as_deref().and_then(Lang::from_tag).unwrap_or(visitor.lang),
        good_for: TimeDelta::days(2),
        once: Some(format!("password-known-{}", BuddhistDate::on(visitor.now).registry_form())),
    };
    seal_letter(app, posting, letter, visitor.now + HALF_WAY_PATIENCE)
}

/// Whether the account knows this browser.
async fn is_known(app: &App, visitor: &Visitor, account: AccountId) -> Result<bool, AppError> {
    let Some(device) = visitor.known_device() else { return Ok(false) };
    Ok(app.store.is_known_device(account, &device).await?)
}

/// The letter about a sign-in with a browser that the account does not know, and its link; none when it knows it. The
/// write decides anew.
async fn notice(
    app: &App,
    visitor: &Visitor,
    account: &Account,
) -> Result<Option<(OneTimeLink, OutgoingMail)>, AppError> {
    if is_known(app, visitor, account.id).await? {
        return Ok(None);
    }
    let (link, not_me_url) = not_me::objection(app, account.id, Disputed::SignIn, visitor.now);
    let letter = Letter::NewSignIn {
        name: account.profile.full_name(),
        at: visitor.now,
        device: visitor.device.clone(),
        network: origin_network(visitor.origin),
        not_me_url,
    };
    let posting = Posting {
        account: Some(account.id),
        to: &account.email,
        lang: account.language.as_deref().and_then(Lang::from_tag).unwrap_or(visitor.lang),
        good_for: TimeDelta::days(2),
        once: None,
    };
    Ok(Some((link, seal_letter(app, posting, letter, visitor.now))))
}
