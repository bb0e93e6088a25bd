//! What takes two people: asked for by one, decided by another. Of the two, one at least is a person.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use idp_core::admin::{Approval, ApprovalKind, ApprovalState, Decision, Operation};
use idp_core::id::{AccountId, ClientId};
use idp_core::reason::Reason;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::document::Doc;
use super::extract::{Asked, Named, Sent};
use super::page::{self, Paging};
use super::problem::{Kind, Problem};
use super::routes::{Api, Method};
use crate::admin::{OnDuty, looks_after, may_see_approval};
use crate::clients::{ClientDesk, signs};
use crate::members::{Desk, Doer, Done};
use crate::state::App;

const APPROVALS: &str = "/api/v1/approvals";
const APPROVAL: &str = "/api/v1/approvals/{id}";
const DECIDE_CLIENT: &str = "/api/v1/approvals/{id}/client-decision";
const DECIDE_MEMBER: &str = "/api/v1/approvals/{id}/member-decision";

/// The routes of approvals.
pub(super) fn routes(api: Api) -> Api {
    let doc = |id, summary| Doc::new("approvals", id, summary);
    let refusals = [Kind::SecondPerson, Kind::NotAsItStands, Kind::Overtaken];
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
    .route(
        (Method::Post, DECIDE_CLIENT),
        Operation::ApprovalDecideClient,
        doc("decideAboutClient", "Decides what a person asked for about a client; what is allowed is done at once")
            .takes::<DecisionOnClient>()
            .gives::<ApprovalView>()
            .or(&refusals),
        decide_client,
    )
    .route(
        (Method::Post, DECIDE_MEMBER),
        Operation::ApprovalDecideMember,
        doc("decideAboutMember", "Decides whether a badge is withdrawn, as a person asked")
            .takes::<DecisionOnMember>()
            .gives::<ApprovalView>()
            .or(&refusals),
        decide_member,
    )
}

/// A request for a second person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ApprovalView {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// `client.citizen_id`, `client.removal` or `badge.withdrawal`.
    kind: String,
    /// What happens once it is approved.
    effect: String,
    /// A client_id, or an account's id.
    subject: String,
    /// Who asked: an account's or a program's id; nought for an operator at the command line.
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
    pub(super) fn of(approval: &Approval) -> Self {
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
    /// The requests, as far as the program may see them: a page can be shorter than its limit and have a next one.
    items: Vec<ApprovalView>,
    /// The cursor of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// The second person's answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DecisionOnClient {
    /// `approved` or `declined`.
    #[schema(pattern = "^(approved|declined)$")]
    decision: String,
}

/// The second person's answer about a member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DecisionOnMember {
    /// `approved` or `declined`.
    #[schema(pattern = "^(approved|declined)$")]
    decision: String,
    /// Why: a case, never an address or a 13-digit number.
    #[schema(min_length = 5, max_length = 300)]
    reason: String,
}

async fn list(
    State(app): State<App>,
    duty: OnDuty,
    Asked(asked): Asked<Paging>,
) -> Result<Json<ApprovalPage>, Problem> {
    let limit = page::limit(asked.limit)?;
    let before: Option<(i64, Uuid)> = page::begin(&app, &duty, "approvals", asked.cursor.as_deref())?;
    let before = before.and_then(|(at, id)| Some((DateTime::<Utc>::from_timestamp_millis(at)?, id)));
    let mut found = app.store.approvals(before, limit + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found
        .last()
        .filter(|_| more)
        .map(|last| page::next(&app, &duty, "approvals", &(last.asked_at.timestamp_millis(), last.id)));
    let mut items = Vec::new();
    for approval in &found {
        if may_see_approval(&app, &duty, approval).await? {
            items.push(ApprovalView::of(approval));
        }
    }
    Ok(Json(ApprovalPage { items, next }))
}

async fn one(State(app): State<App>, duty: OnDuty, Named(id): Named) -> Result<Json<ApprovalView>, Problem> {
    let approval = named(&app, &id).await?;
    match may_see_approval(&app, &duty, &approval).await? {
        true => Ok(Json(ApprovalView::of(&approval))),
        false => Err(Problem::new(Kind::NotFound)),
    }
}

async fn decide_client(
    State(app): State<App>,
    duty: OnDuty,
    Named(id): Named,
    Sent { body, .. }: Sent<DecisionOnClient>,
) -> Result<Json<ApprovalView>, Problem> {
    let approval = named(&app, &id).await?;
    let decision = decision(&body.decision)?;
    if approval.kind.is_about_member() {
        return Err(Problem::new(Kind::NotFound));
    }
    let client = match ClientId::parse(&approval.subject) {
        Some(client) => app.store.client(&client).await?,
        None => None,
    };
    let client = client.ok_or_else(|| Problem::new(Kind::NotFound))?;
    let signs = signs(&app);
    let desk = ClientDesk::of(&app, &signs);
    let decided = desk.decide(&duty.hand, duty.id(), &approval, &client, decision).await?;
    Ok(Json(ApprovalView::of(&decided)))
}

async fn decide_member(
    State(app): State<App>,
    duty: OnDuty,
    Named(id): Named,
    Sent { body, .. }: Sent<DecisionOnMember>,
) -> Result<Json<ApprovalView>, Problem> {
    let approval = named(&app, &id).await?;
    let decision = decision(&body.decision)?;
    let reason = Reason::parse(&body.reason)?;
    let member = match (approval.kind, AccountId::parse(&approval.subject)) {
        (ApprovalKind::BadgeWithdrawal, Some(account)) => app.store.account(account).await?,
        _ => None,
    };
    let member = member.ok_or_else(|| Problem::new(Kind::NotFound))?;
    if !looks_after(&app, &duty, member.account.id).await? {
        return Err(Problem::new(Kind::NotPermitted));
    }
    approval.may_decide(duty.id(), duty.hand.now)?;
    let by = Doer::of(&duty.hand, reason);
    let desk = Desk::of(&app);
    let done = match decision {
        Decision::Approved => desk.withdraw(&by, duty.id(), &approval, &member.account).await?,
        Decision::Declined => desk.keep_badge(&by, duty.id(), &approval, &member.account).await?,
    };
    if done == Done::NotAsItStands {
        return Err(Problem::new(Kind::NotAsItStands));
    }
    app.mail_queued.notify_one();
    Ok(Json(ApprovalView::of(&named(&app, &id).await?)))
}

async fn named(app: &App, id: &str) -> Result<Approval, Problem> {
    let missing = || Problem::new(Kind::NotFound);
    let id = Uuid::try_parse(id).map_err(|_| missing())?;
    app.store.approval(id).await?.ok_or_else(missing)
}

fn decision(word: &str) -> Result<Decision, Problem> {
    Decision::parse(word).ok_or_else(|| {
        Problem::new(Kind::Unprocessable).errors([("decision".to_owned(), "approved or declined".to_owned())])
    })
}
