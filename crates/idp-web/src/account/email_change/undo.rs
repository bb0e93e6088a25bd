//! `/profile/email/undo`: the link in the letter to the old address. Whoever holds that mailbox takes the change back,
//! signs everybody out, and sets a password next.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::account::EmailChange;
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::email::EmailAddress;
use idp_core::password::PasswordHash;
use idp_core::secret::{Digest, Secret};
use idp_store::{EmailUndoOrder, EmailUndone, StoredAccount};
use serde::Deserialize;

use super::letter;
use crate::account::not_me::{self, Disputed};
use crate::account::recover;
use crate::error::AppError;
use crate::extract::{Cookie, Posted, Visitor};
use crate::mail::Letter;
use crate::oidc::pending::handle;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::page::{EmailUndoPage, MessagePage, Sign};
use crate::view::shell::{Action as PageAction, Shell};
use crate::view::text::Text;

/// The link's token.
#[derive(Deserialize)]
pub struct Opened {
    token: Option<String>,
}

/// A change that can be taken back.
struct Found {
    digest: Digest,
    change: EmailChange,
    former: EmailAddress,
    account: std::sync::Arc<StoredAccount>,
}

/// GET: a mail program that opens links changes nothing.
pub async fn get(State(app): State<App>, visitor: Visitor, Query(opened): Query<Opened>) -> Result<Response, AppError> {
    let token = opened.token.as_deref().and_then(handle).ok_or_else(spent)?;
    let found = find(&app, &visitor, token).await?;
    let page = EmailUndoPage {
        shell: Shell { member: None, ..visitor.shell() },
        token: token.to_owned(),
        email: found.former.as_str().to_owned(),
    };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// POST.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let token = form.given("token").and_then(handle).ok_or_else(spent)?;
    let Found { digest, change, former, account } = find(&app, visitor, token).await?;
    let (recovery, recovery_link) = recover::fresh_link(&app, visitor.now, account.id);
    // Both mailboxes have had the account: the one that loses it can stop everything until an officer has looked.
    let (objection_link, not_me_url) = not_me::objection(&app, account.id, Disputed::EmailUndo, visitor.now);
    let told = Letter::EmailUndone { name: account.profile.full_name(), at: visitor.now, not_me_url };
    let event = AuditEvent::new(visitor.now, Actor::Anonymous, Action::EmailChangeUndone)
        .account(account.id)
        .from(visitor.origin.to_string());
    let factors_removed = AuditEvent::new(visitor.now, Actor::Anonymous, Action::FactorRemoved)
        .account(account.id)
        .from(visitor.origin.to_string())
        .detail(serde_json::json!({ "factor": "since_email_change" }));
    let order = EmailUndoOrder {
        undo: digest,
        recovery: recovery_link,
        void: PasswordHash::of_nobody(account.password.cost()),
        links: vec![objection_link],
        events: vec![event],
        factors_removed,
        mails: vec![letter(&app, visitor, &account, &change.email, told)],
    };
    let page = match app.store.undo_email_change(order, visitor.now).await? {
        EmailUndone::Gone => return Err(spent()),
        EmailUndone::Restored => restored(visitor, &former, &recovery),
        EmailUndone::Frozen => frozen(visitor),
    };
    app.mail_queued.notify_one();
    let mut response = page.render_response(StatusCode::OK).into_response();
    if visitor.member.as_ref().is_some_and(|member| member.account.account.id == account.id) {
        visitor.jar.clear(response.headers_mut(), Cookie::Session);
    }
    Ok(visitor.dress(response))
}

fn restored(visitor: &Visitor, former: &EmailAddress, recovery: &str) -> MessagePage {
    MessagePage {
        shell: Shell { member: None, ..visitor.shell() },
        id: "email-undone",
        sign: Sign::Done,
        title: Text::key("undo-email-done-title"),
        body: vec![
            Text::key("undo-email-done-body").with("email", former.as_str()),
            Text::key("undo-email-done-password"),
        ],
        actions: vec![PageAction::primary(recovery.to_owned(), Text::key("undo-email-done-set"))],
    }
}

fn frozen(visitor: &Visitor) -> MessagePage {
    MessagePage {
        shell: Shell { member: None, ..visitor.shell() },
        id: "email-undo-frozen",
        sign: Sign::Notice,
        title: Text::key("not-me-done-title"),
        body: vec![Text::key("undo-email-frozen-body"), Text::key("not-me-done-body")],
        actions: vec![PageAction::primary(urls::HOME, Text::key("error-page-home"))],
    }
}

async fn find(app: &App, visitor: &Visitor, token: &str) -> Result<Found, AppError> {
    let digest = Secret::presented(token).digest();
    let change = app.store.email_change_by_undo(&digest).await?.ok_or_else(spent)?;
    let former = change.may_restore(visitor.now).ok_or_else(spent)?.clone();
    let account = app.store.account(change.account_id).await?.ok_or_else(spent)?;
    Ok(Found { digest, change, former, account })
}

fn spent() -> AppError {
    AppError::new(StatusCode::GONE, "link_expired", "error-page-link-title", "error-page-undo-body")
}
