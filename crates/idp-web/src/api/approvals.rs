//! What takes two people, to be read: it is asked for and decided by persons, in the console.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use idp_core::admin::{Approval, ApprovalState, Operation};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::document::Doc;
use super::extract::{Asked, Named};
use super::page::{self, Paging};
use super::problem::{Kind, Problem};
use super::routes::{Api, Method};
use crate::admin::{OnDuty, approvals_seen_by as seen_by, may_see_approval};
use crate::state::App;

const APPROVALS: &str = "/api/v1/approvals";
const APPROVAL: &str = "/api/v1/approvals/{id}";

/// The routes of approvals.
pub(super) fn routes(api: Api) -> Api {
    let doc = |id, summary| Doc::new("approvals", id, summary);
    api.route(
        (Method::Get, APPROVALS),
        Operation::ApprovalsRead,
        doc("listApprovals", "Lists what was asked for, the newest first").asks::<Paging>().gives::<ApprovalPage>(),
        list,
    )
    .route(
        (Method::Get, APPROVAL),
        Operation::ApprovalsRead,
        doc("readApproval", "Shows what was asked for").gives::<ApprovalView>(),
        one,
    )
}

/// A request for a second person.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ApprovalView {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// `client.citizen_id`, `client.removal` or `badge.withdrawal`.
    kind: String,
    /// What happens once it is approved.
    effect: String,
    /// A client_id, or an account's id.
    subject: String,
    /// Who asked: an account's id.
    #[schema(format = "uuid")]
    asked_by: String,
    /// When.
    #[schema(format = "date-time")]
    asked_at: String,
    /// Why.
    reason: String,
    /// Until when it can be decided.
    #[schema(format = "date-time")]
    expires_at: String,
    /// `approved` or `declined`, once it is decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<String>,
    /// Who decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    decided_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time")]
    decided_at: Option<String>,
}

impl ApprovalView {
    fn of(approval: &Approval) -> Self {
        let decided = match approval.state {
            ApprovalState::Open => None,
            ApprovalState::Decided { decision, by, at } => Some((decision, by, at)),
        };
        Self {
            id: approval.id.to_string(),
            kind: approval.kind.as_str().to_owned(),
            effect: approval.kind.effect().to_owned(),
            subject: approval.subject.clone(),
            asked_by: approval.asked_by.to_string(),
            asked_at: approval.asked_at.to_rfc3339(),
            reason: approval.reason.clone(),
            expires_at: approval.expires_at.to_rfc3339(),
            decision: decided.map(|(decision, _, _)| decision.as_str().to_owned()),
            decided_by: decided.map(|(_, by, _)| by.to_string()),
            decided_at: decided.map(|(_, _, at)| at.to_rfc3339()),
        }
    }
}

/// A page of requests.
#[derive(Debug, Serialize, ToSchema)]
struct ApprovalPage {
    /// The requests that the program may see.
    items: Vec<ApprovalView>,
    /// The cursor of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

async fn list(
    State(app): State<App>,
    duty: OnDuty,
    Asked(asked): Asked<Paging>,
) -> Result<Json<ApprovalPage>, Problem> {
    let limit = page::limit(asked.limit)?;
    let before: Option<(i64, Uuid)> = page::begin(&app, &duty, "approvals", asked.cursor.as_deref())?;
    let before = before.and_then(|(at, id)| Some((DateTime::<Utc>::from_timestamp_millis(at)?, id)));
    let mut found = seen_by(&app, &duty, before, limit + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found
        .last()
        .filter(|_| more)
        .map(|last| page::next(&app, &duty, "approvals", &(last.asked_at.timestamp_millis(), last.id)));
    Ok(Json(ApprovalPage { items: found.iter().map(ApprovalView::of).collect(), next }))
}

async fn one(State(app): State<App>, duty: OnDuty, Named(id): Named) -> Result<Json<ApprovalView>, Problem> {
    let approval = named(&app, &id).await?;
    match may_see_approval(&app, &duty, &approval).await? {
        true => Ok(Json(ApprovalView::of(&approval))),
        false => Err(Problem::new(Kind::NotFound)),
    }
}

async fn named(app: &App, id: &str) -> Result<Approval, Problem> {
    let missing = || Problem::new(Kind::NotFound);
    let id = Uuid::try_parse(id).map_err(|_| missing())?;
    app.store.approval(id).await?.ok_or_else(missing)
}
