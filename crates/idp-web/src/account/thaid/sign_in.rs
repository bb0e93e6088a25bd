//! A person came back from ThaID to sign in: their number opens the one account that was verified with it, or none. No
//! address is compared, and no account is made.

use axum::http::StatusCode;
use axum::response::Response;
use idp_core::account::SignInResult;
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::id::AccountId;
use idp_core::session::AuthenticationMethod::{self, Mfa, Thaid};
use idp_verify::ThaidPerson;
use serde_json::json;

use crate::account::arrival::{self, Tried};
use crate::account::half;
use crate::account::login::{Onward, Outcome, Started, is_stopped, show, stopped};
use crate::error::AppError;
use crate::extract::Visitor;
use crate::state::App;
use crate::urls;
use crate::view::text::Text;

/// Signs the person in, or says why not. `as_whom`: only this account, which has a session here already.
pub(super) async fn sign_in(
    app: &App,
    visitor: &Visitor,
    onward: Onward<'_>,
    person: ThaidPerson,
    as_whom: Option<AccountId>,
) -> Result<Response, AppError> {
    let found = app.store.account_of_number(&person.number).await?;
    let found = found.filter(|found| as_whom.is_none_or(|wanted| found.stored.account.id == wanted));
    let Some(found) = found else {
        let key = if as_whom.is_some() { "thaid-somebody-else" } else { "thaid-no-account" };
        refused(app, visitor, None, onward, (SignInResult::RefusedThaid, "no_account")).await?;
        return show(app, visitor, onward, "", no(key)).await;
    };
    let account = &found.stored.account;
    if found.closed_at.is_some() {
        refused(app, visitor, Some(account.id), onward, (SignInResult::RefusedThaid, "closed")).await?;
        return show(app, visitor, onward, "", no("thaid-door-closed")).await;
    }
    if is_stopped(account) {
        refused(app, visitor, Some(account.id), onward, (SignInResult::Stopped, "stopped")).await?;
        return show(app, visitor, onward, "", stopped()).await;
    }
    if !person.two_factors && app.store.factors(account.id).await?.has_strong() {
        let mut response = visitor.go(&onward.by(urls::LOGIN_SECOND));
        half::begin(app, visitor, account, Thaid, onward.request, &mut response).await?;
        return Ok(response);
    }
    // What ThaID asked for is ThaID's to say; unless it did, this is one factor.
    let methods: Vec<AuthenticationMethod> = if person.two_factors { vec![Thaid, Mfa] } else { vec![Thaid] };
    let started = Started::new(app, visitor, account.id, methods);
    let event = AuditEvent::by_member(visitor.now, account.id, Action::SignedIn)
        .session(started.session.id)
        .from(visitor.origin.to_string())
        .detail(json!({ "by": "thaid", "reference": person.reference, "ial": person.ial.as_str() }));
    let order = arrival::order(app, visitor, account, &started, onward.request, event).await?;
    if !app.store.sign_in_by_number(order, &person.number, visitor.now).await? {
        // The badge was withdrawn, or the door closed, in this very moment.
        return show(app, visitor, onward, "", no("thaid-no-account")).await;
    }
    app.mail_queued.notify_one();
    let mut response = visitor.go(&onward.target());
    started.write_cookies(visitor, &mut response);
    Ok(response)
}

fn no(key: &'static str) -> Outcome {
    Outcome { error: Some(Text::key(key)), status: StatusCode::FORBIDDEN, ..Outcome::default() }
}

/// Written down: for the member whose number it was, if there is one, and in the log.
async fn refused(
    app: &App,
    visitor: &Visitor,
    account: Option<AccountId>,
    onward: Onward<'_>,
    (result, why): (SignInResult, &'static str),
) -> Result<(), AppError> {
    let mut event = AuditEvent::new(visitor.now, Actor::Anonymous, Action::SignInFailed)
        .from(visitor.origin.to_string())
        .detail(json!({ "by": "thaid", "why": why }));
    if let Some(account) = account {
        event = event.account(account);
    }
    let tried = Tried { result, methods: &[Thaid], request: onward.request };
    arrival::refused(app, visitor, account, tried, &[event]).await
}
