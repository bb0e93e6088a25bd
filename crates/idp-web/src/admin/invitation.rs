//! `/staff/invitation`: the link by which a member becomes staff, once. It is no address of the console: whoever opens it
//! has no role yet.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::Access;
use idp_core::admin::Role;
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::chance::Chance;
use idp_core::id::AccountId;
use idp_core::secret::Secret;
use idp_store::{Accepted, Invitation, Store, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::paths;
use crate::error::AppError;
use crate::extract::{Posted, Visitor};
use crate::oidc::pending::handle;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::console;
use crate::view::page::admin::InvitationPage;
use crate::view::page::{MessagePage, Sign};
use crate::view::shell::Action as PageAction;
use crate::view::text::Text;

/// How long an invitation is good.
pub const INVITATION_LIFETIME: TimeDelta = TimeDelta::hours(24);

/// Makes a link by which whoever opens it becomes a super admin: for the first of them.
///
/// # Errors
/// [`StoreError`].
pub async fn first_link(
    store: &Store,
    issuer: &str,
    now: DateTime<Utc>,
    chance: &dyn Chance,
) -> Result<String, StoreError> {
    let secret = Secret::make(chance);
    let invitation = Invitation {
        id: AccountId::make(chance).0,
        digest: secret.digest(),
        role: Role::SuperAdmin,
        department: None,
        made_by: None,
        made_at: now,
        expires_at: now + INVITATION_LIFETIME,
    };
    let event = AuditEvent::new(now, Actor::Operator, Action::StaffInvited).detail(told(&invitation));
    store.invite_staff(&invitation, &[event]).await?;
    Ok(format!("{issuer}{}", invitation_path(&secret)))
}

/// What the audit log says of an invitation: its line and the one of the role that came of it name each other.
pub(super) fn told(invitation: &Invitation) -> Value {
    json!({ "invitation": invitation.id, "role": invitation.role.as_str(), "department": invitation.department })
}

/// The link's path; its secret is in it.
pub(super) fn invitation_path(secret: &Secret) -> String {
    format!("{}?token={}", urls::STAFF_INVITATION, secret.reveal())
}

/// The link's token.
#[derive(Deserialize)]
pub struct Opened {
    token: Option<String>,
}

/// GET: tells what it gives. A program that opens links changes nothing.
pub async fn page(
    State(app): State<App>,
    visitor: Visitor,
    Query(opened): Query<Opened>,
) -> Result<Response, AppError> {
    let token = opened.token.as_deref().and_then(handle).ok_or_else(spent)?;
    let digest = Secret::presented(token).digest();
    let invitation = app.store.invitation(&digest, visitor.now).await?.ok_or_else(spent)?;
    let page = InvitationPage {
        shell: visitor.shell(),
        token: token.to_owned(),
        role: Text::key(console::role(invitation.role)),
        department: invitation.department.map(|department| console::department(&department, visitor.lang)),
    };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// POST: the signed-in member has the role from now on.
pub async fn accept(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let Some(member) = &visitor.member else { return Ok(visitor.go(urls::LOGIN)) };
    let account = &member.account.account;
    if account.access(visitor.now) != Access::Full {
        return Ok(visitor.go(urls::PROFILE));
    }
    let digest = Secret::presented(handle(form.field("token")).ok_or_else(spent)?).digest();
    let invitation = app.store.invitation(&digest, visitor.now).await?.ok_or_else(spent)?;
    if invitation.made_by == Some(account.id) {
        return Err(refusal("adm-invitation-own"));
    }
    let mut detail = told(&invitation);
    // Nobody: an operator at the command line, or the demonstration.
    detail["invited_by"] = json!(invitation.made_by);
    let event = AuditEvent::by_member(visitor.now, account.id, Action::StaffRoleGiven)
        .session(member.session.id)
        .from(visitor.origin.to_string())
        .detail(detail);
    let id = AccountId::make(&*app.chance).0;
    match app.store.accept_invitation(&digest, account.id, id, visitor.now, &[event]).await? {
        Accepted::Done => {}
        Accepted::HadIt => return Err(refusal("adm-invitation-had")),
        Accepted::Refused => return Err(spent()),
    }
    let page = MessagePage {
        shell: visitor.shell(),
        id: "staff-now",
        sign: Sign::Done,
        title: Text::key("adm-invitation-done-title"),
        body: vec![Text::key("adm-invitation-done-body")],
        actions: vec![PageAction::primary(paths::HOME, Text::key("adm-title"))],
    };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// It is good, and not for this person.
fn refusal(body: &'static str) -> AppError {
    AppError::new(StatusCode::CONFLICT, "not_invited", "adm-invitation-title", body).next(paths::HOME, "adm-title")
}

fn spent() -> AppError {
    AppError::new(StatusCode::NOT_FOUND, "link_spent", "adm-invitation-spent-title", "adm-invitation-spent-body")
}
