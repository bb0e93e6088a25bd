//! `/profile/restrict`: the account rests at its owner's word (PDPA s.34). Nothing is given to services, nothing is erased;
//! the owner may still sign in here, to lift it, to take a copy, or to delete.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use idp_core::account::{Account, Standing};
use idp_core::audit::{Action, AuditEvent};
use idp_core::mail::OutgoingMail;

use super::post_office::{Posting, post as seal_letter};
use super::proof::{self, Demand, Destination, Proof};
use super::words;
use crate::error::AppError;
use crate::extract::{Cookie, Posted, Visitor};
use crate::mail::Letter;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::lang::Lang;
use crate::view::page::{MessagePage, RestrictPage, Sign};
use crate::view::shell::{Action as PageAction, Shell};
use crate::view::text::Text;

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor) -> Result<Response, AppError> {
    let Some(member) = visitor.member.clone() else { return Ok(visitor.go(urls::LOGIN)) };
    let since = match &member.account.account.standing {
        Standing::Restricted { since } => Some(words::moment(*since, visitor.lang)),
        // Asked for before the page, so that the press of its button is the last step.
        Standing::Active => match proof::ask(&app, &visitor, Demand::Member, Destination::Restrict).await? {
            Proof::Given(_) => None,
            Proof::Missing(elsewhere) => return Ok(elsewhere),
        },
        _ => return Ok(visitor.go(urls::PROFILE)),
    };
    let page = RestrictPage { shell: visitor.shell(), since };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// POST: sessions and what services hold end.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let member = match proof::ask(&app, visitor, Demand::Member, Destination::Restrict).await? {
        Proof::Given(member) => member,
        Proof::Missing(elsewhere) => return Ok(elsewhere),
    };
    let account = &member.account.account;
    let event = AuditEvent::by_member(visitor.now, account.id, Action::AccountRestricted)
        .session(member.session.id)
        .from(visitor.origin.to_string());
    let letter =
        Letter::Restricted { name: account.profile.full_name(), at: visitor.now, lift_url: app.url(urls::RESTRICT) };
    let mail = seal(&app, visitor, account, letter);
    if !app.store.restrict(account.id, visitor.now, &[event], &[mail]).await? {
        return Ok(visitor.go(urls::PROFILE));
    }
    app.mail_queued.notify_one();
    let page = MessagePage {
        shell: Shell { member: None, ..visitor.shell() },
        id: "restricted",
        sign: Sign::Notice,
        title: Text::key("restricted-title"),
        body: vec![Text::key("restricted-body")],
        actions: vec![PageAction::primary(urls::LOGIN, Text::key("login"))],
    };
    let mut response = page.render_response(StatusCode::OK).into_response();
    visitor.jar.clear(response.headers_mut(), Cookie::Session);
    Ok(visitor.dress(response))
}

/// POST `/profile/restrict/lift`.
pub async fn lift(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let Some(member) = &visitor.member else { return Ok(visitor.go(urls::LOGIN)) };
    let account = &member.account.account;
    let event = AuditEvent::by_member(visitor.now, account.id, Action::RestrictionLifted)
        .session(member.session.id)
        .from(visitor.origin.to_string());
    let letter = Letter::RestrictionLifted { name: account.profile.full_name(), at: visitor.now };
    let mail = seal(&app, visitor, account, letter);
    if app.store.lift_restriction(account.id, visitor.now, &[event], &[mail]).await? {
        app.mail_queued.notify_one();
    }
    Ok(visitor.go(urls::PROFILE))
}

/// What `/profile` shows of an account that rests.
pub fn resting(visitor: &Visitor) -> MessagePage {
    MessagePage {
        shell: visitor.shell(),
        id: "restricted",
        sign: Sign::Notice,
        title: Text::key("restricted-title"),
        body: vec![Text::key("restricted-body")],
        actions: vec![
            PageAction::primary(urls::RESTRICT, Text::key("lift-do")),
            PageAction::secondary(urls::DATA, Text::key("data-title")),
            PageAction::secondary(urls::DELETE, Text::key("prof-delete")),
            PageAction::secondary(urls::SIGN_OUT, Text::key("logout")),
        ],
    }
}

fn seal(app: &App, visitor: &Visitor, account: &Account, letter: Letter) -> OutgoingMail {
    let posting = Posting {
        account: Some(account.id),
        to: &account.email,
        lang: account.language.as_deref().and_then(Lang::from_tag).unwrap_or(visitor.lang),
        good_for: TimeDelta::days(7),
        once: None,
    };
    seal_letter(app, posting, letter, visitor.now)
}
