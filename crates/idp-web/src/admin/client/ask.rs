//! `/admin/client/{client_id}/ask`: what takes a second person is asked for, with a reason.

use axum::extract::{Path, State};
use axum::response::Response;
use idp_core::admin::{APPROVAL_LIFETIME, Approval, ApprovalKind, ApprovalState};
use idp_core::audit::Action;
use idp_core::client::{Client, ClientStatus};
use idp_core::id::AccountId;
use idp_core::scope::Scope;
use serde_json::json;

use super::{find, one};
use crate::admin::{OnDuty, paths};
use crate::error::AppError;
use crate::extract::Posted;
use crate::state::App;
use crate::view::field::FieldErrors;
use crate::view::text::Text;

/// The longest reason.
const LONGEST: usize = 500;

/// POST.
pub(in crate::admin) async fn post(
    State(app): State<App>,
    Path(id): Path<String>,
    duty: OnDuty,
    posted: Posted,
) -> Result<Response, AppError> {
    let visitor = &posted.visitor;
    let client = find(&app, &duty, &id).await?;
    let kind = ApprovalKind::parse(posted.field("kind"))
        .filter(|kind| can_be_asked(&client, *kind))
        .ok_or_else(|| AppError::bad_request("this cannot be asked for"))?;
    let reason = posted.field("reason").trim().to_owned();
    if reason.is_empty() || reason.chars().count() > LONGEST {
        let mut errors = FieldErrors::none();
        errors.add("reason", Text::key("adm-reason-missing"));
        return one::show(&app, &duty, visitor, &client, errors).await;
    }
    let approval = Approval {
        id: AccountId::make(&*app.chance).0,
        kind,
        subject: client.id.to_string(),
        asked_by: duty.id(),
        asked_at: visitor.now,
        reason,
        payload: None,
        expires_at: visitor.now + APPROVAL_LIFETIME,
        state: ApprovalState::Open,
    };
    let event = duty
        .event(visitor, Action::ApprovalAsked)
        .client(&client.id)
        .detail(json!({ "approval": approval.id, "kind": kind.as_str() }));
    // Asked for already: the page shows that it waits.
    app.store.ask_approval(&approval, &[event]).await?;
    Ok(visitor.go(&paths::client(&client.id)))
}

/// Whether it makes sense to ask for this.
pub(super) fn can_be_asked(client: &Client, kind: ApprovalKind) -> bool {
    match kind {
        ApprovalKind::ClientCitizenId => {
            client.status != ClientStatus::Retired
                && !client.scopes.contains(Scope::CitizenId)
                && !client.redirect_uris.is_empty()
        }
        ApprovalKind::ClientRemoval => client.status != ClientStatus::Retired,
        ApprovalKind::BadgeWithdrawal => false,
    }
}
