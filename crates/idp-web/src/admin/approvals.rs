//! `/admin/approvals`: what waits for a second person, and its decision.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use idp_core::admin::{Approval, ApprovalKind, ApprovalState, Decision, DecisionRefusal, Operation};
use idp_core::id::{AccountId, ClientId};
use idp_core::reason::Reason;
use serde::Deserialize;
use uuid::Uuid;

use super::cursor::{Cursors, PAGE};
use super::members::{looks_after, path_of as member_path};
use super::names::colleague;
use super::parameters::Parameters;
use super::{OnDuty, gate, overtaken, paths};
use crate::account::words;
use crate::clients::{ClientDesk, Refused, signs};
use crate::error::AppError;
use crate::extract::{Posted, Visitor};
use crate::members::{Desk, Doer, Done};
use crate::roles;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::page::admin::{ApprovalRow, ApprovalsPage};
use crate::view::text::Text;

/// Where the list goes on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    after: Option<String>,
}

/// GET.
pub(super) async fn get(
    State(app): State<App>,
    duty: OnDuty,
    visitor: Visitor,
    Parameters(asked): Parameters<Asked>,
) -> Result<Response, AppError> {
    show(&app, &duty, &visitor, asked.after.as_deref(), Message::default()).await
}

/// What the page says about the decision before it.
#[derive(Default)]
struct Message {
    /// Which request it was about.
    faulty: Option<Uuid>,
    typed: String,
    errors: FieldErrors,
}

async fn show(
    app: &App,
    duty: &OnDuty,
    visitor: &Visitor,
    after: Option<&str>,
    message: Message,
) -> Result<Response, AppError> {
    let cursors = Cursors::of(app, "approvals");
    let before: Option<(i64, Uuid)> = cursors.read(after)?;
    let before = before.and_then(|(at, id)| Some((DateTime::<Utc>::from_timestamp_millis(at)?, id)));
    let found = seen_by(app, duty, before, PAGE + 1).await?;
    let next = (found.len() > PAGE as usize).then(|| {
        let last = &found[PAGE as usize - 1];
        format!("{}?after={}", paths::APPROVALS, cursors.after(&(last.asked_at.timestamp_millis(), last.id)))
    });
    let is_person = roles::is_person(&app.store, duty.id()).await?;
    let mut rows = Vec::new();
    for approval in found.iter().take(PAGE as usize) {
        let faulty = message.faulty == Some(approval.id);
        rows.push(ApprovalRow { faulty, ..row(app, duty, visitor, approval, is_person).await? });
    }
    let status = if message.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ApprovalsPage {
        shell: visitor.shell(),
        console: duty.console(paths::APPROVALS),
        unverified: !is_person && takes_part(duty),
        rows,
        after: after.unwrap_or_default().to_owned(),
        next,
        typed: message.typed,
        errors: message.errors,
    };
    Ok(visitor.dress(page.render_response(status).into_response()))
}

/// Up to `limit` requests that the person on duty may see, the newest first.
pub(crate) async fn seen_by(
    app: &App,
    duty: &OnDuty,
    before: Option<(DateTime<Utc>, Uuid)>,
    limit: u32,
) -> Result<Vec<Approval>, AppError> {
    let Some(own) = duty.staff.departments(duty.operation) else {
        return Ok(app.store.approvals(before, limit).await?);
    };
    let clients = app.store.clients().await?.into_iter();
    let theirs = clients.filter(|client| client.department.as_ref().is_some_and(|department| own.contains(department)));
    let theirs: Vec<ClientId> = theirs.map(|client| client.id).collect();
    Ok(app.store.approvals_about(&theirs, before, limit).await?)
}

/// A client admin sees what concerns their own departments; a verification officer what concerns members.
pub(crate) async fn may_see(app: &App, duty: &OnDuty, approval: &Approval) -> Result<bool, AppError> {
    if duty.staff.departments(duty.operation).is_none() {
        return Ok(true);
    }
    let client = match ClientId::parse(&approval.subject) {
        Some(id) if approval.kind != ApprovalKind::BadgeWithdrawal => app.store.client(&id).await?,
        _ => None,
    };
    let department = client.as_ref().and_then(|client| client.department.as_ref());
    Ok(client.is_some() && duty.staff.may_for(duty.operation, department))
}

/// Whether the reader's roles let them ask for, or decide, what takes two.
fn takes_part(duty: &OnDuty) -> bool {
    use Operation::{ApprovalDecideClient, ApprovalDecideMember, BadgeAsk, ClientAsk};
    [ApprovalDecideClient, ApprovalDecideMember, BadgeAsk, ClientAsk].iter().any(|deed| duty.staff.may(*deed))
}

async fn row(
    app: &App,
    duty: &OnDuty,
    visitor: &Visitor,
    approval: &Approval,
    is_person: bool,
) -> Result<ApprovalRow, AppError> {
    let (decided, state) = match approval.state {
        ApprovalState::Open if visitor.now >= approval.expires_at => (None, "adm-approval-expired"),
        ApprovalState::Open => (None, "adm-approval-open"),
        ApprovalState::Decided { decision, by, at } => (
            Some(format!("{}, {}", colleague(app, by).await?, words::moment(at, visitor.lang))),
            if decision == Decision::Approved { "adm-approval-approved" } else { "adm-approval-declined" },
        ),
    };
    let about = Subject::of(approval);
    let decides = duty.staff.may(approval.kind.decided_by()) && approval.may_decide(duty.id(), visitor.now).is_ok();
    Ok(ApprovalRow {
        id: approval.id.to_string(),
        kind: Text::key(kind(approval.kind)),
        does: Text::key(does(approval.kind)),
        subject: approval.subject.clone(),
        href: match &about {
            Subject::Client(id) if duty.staff.may(Operation::ClientsRead) => Some(paths::client(id)),
            // The page of a member asks why it is opened.
            Subject::Member(id) if duty.staff.may(Operation::MemberRead) => Some(member_path(*id)),
            _ => None,
        },
        asked: format!(
            "{}, {}",
            colleague(app, approval.asked_by).await?,
            words::moment(approval.asked_at, visitor.lang)
        ),
        reason: approval.reason.clone(),
        until: words::day(approval.expires_at, visitor.lang),
        state: Text::key(state),
        decided,
        may_decide: decides
            && is_person
            && match &about {
                Subject::Member(id) => looks_after(app, duty, *id).await?,
                _ => true,
            },
        of_member: approval.kind.is_about_member(),
        faulty: false,
        own: approval.asked_by == duty.id() && approval.state == ApprovalState::Open,
    })
}

/// What a request is about.
enum Subject {
    Client(ClientId),
    Member(AccountId),
    Nothing,
}

impl Subject {
    fn of(approval: &Approval) -> Self {
        let found = match approval.kind.is_about_member() {
            true => AccountId::parse(&approval.subject).map(Self::Member),
            false => ClientId::parse(&approval.subject).map(Self::Client),
        };
        found.unwrap_or(Self::Nothing)
    }
}

/// POST `/admin/approvals/clients`: somebody else than who asked decides about a client; what it allows is done at once.
pub(super) async fn decide(State(app): State<App>, duty: OnDuty, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let decision = Decision::parse(form.field("decision")).ok_or_else(|| AppError::bad_request("no such decision"))?;
    let id = Uuid::try_parse(form.field("id")).map_err(|_| AppError::not_found())?;
    let approval = app.store.approval(id).await?.ok_or_else(AppError::not_found)?;
    if approval.kind.is_about_member() {
        return Err(AppError::bad_request("this is about a member"));
    }
    let client_id = ClientId::parse(&approval.subject).ok_or_else(AppError::not_found)?;
    let client = app.store.client(&client_id).await?.ok_or_else(AppError::not_found)?;
    let signs = signs(&app);
    match ClientDesk::of(&app, &signs).decide(&duty.hand, duty.id(), &approval, &client, decision).await {
        Ok(_) => Ok(visitor.go(paths::APPROVALS)),
        Err(Refused::Decision(why)) => Err(refusal(why)),
        Err(Refused::Store(error)) => Err(error.into()),
        Err(_) => Err(overtaken(paths::APPROVALS)),
    }
}

/// POST `/admin/approvals/members`: somebody else than who asked decides about a member, with a reason; what it allows is
/// done at once.
pub(super) async fn decide_member(State(app): State<App>, duty: OnDuty, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let decision = Decision::parse(form.field("decision")).ok_or_else(|| AppError::bad_request("no such decision"))?;
    let id = Uuid::try_parse(form.field("id")).map_err(|_| AppError::not_found())?;
    let approval = app.store.approval(id).await?.ok_or_else(AppError::not_found)?;
    let Subject::Member(account) = Subject::of(&approval) else {
        return Err(AppError::bad_request("this is about a client"));
    };
    let member = app.store.account(account).await?.ok_or_else(AppError::not_found)?;
    if !looks_after(&app, &duty, account).await? {
        return Err(gate::refused());
    }
    approval.may_decide(duty.id(), visitor.now).map_err(refusal)?;
    let reason = match Reason::parse(form.field("reason")) {
        Ok(reason) => reason,
        Err(error) => {
            let mut errors = FieldErrors::none();
            errors.add("reason", Text::key(error.message_key()));
            let message = Message { faulty: Some(id), typed: form.field("reason").to_owned(), errors };
            // The same page of the list again.
            return show(&app, &duty, visitor, form.given("after"), message).await;
        }
    };
    let (desk, by) = (Desk::of(&app), Doer::of(&duty.hand, reason));
    let done = match decision {
        Decision::Approved => desk.withdraw(&by, duty.id(), &approval, &member.account).await?,
        Decision::Declined => desk.keep_badge(&by, duty.id(), &approval, &member.account).await?,
    };
    match done {
        Done::Yes => {}
        Done::Refused(why) => return Err(refusal(why)),
        _ => return Err(overtaken(paths::APPROVALS)),
    }
    app.mail_queued.notify_one();
    Ok(visitor.go(paths::APPROVALS))
}

/// The page that says why something that takes two people is not done, and what is missing.
pub(super) fn refusal(why: DecisionRefusal) -> AppError {
    let error = AppError::new(StatusCode::FORBIDDEN, "not_decided", "adm-decide-title", refusal_words(why));
    match why {
        DecisionRefusal::NotVerified => error.next(urls::VERIFY, "verify-title"),
        _ => error.next(paths::APPROVALS, "adm-approvals"),
    }
}

/// Why somebody is not one of the two.
pub(super) fn refusal_words(why: DecisionRefusal) -> &'static str {
    match why {
        // Nobody in a browser is a program.
        DecisionRefusal::OneOwn | DecisionRefusal::Program => "adm-decide-own",
        DecisionRefusal::Decided => "adm-decide-decided",
        DecisionRefusal::Expired => "adm-decide-expired",
        DecisionRefusal::NotVerified => "adm-decide-unverified",
        DecisionRefusal::AskerNotVerified => "adm-decide-asker-unverified",
    }
}

/// The words for what is asked for.
pub(super) fn kind(kind: ApprovalKind) -> &'static str {
    match kind {
        ApprovalKind::ClientCitizenId => "adm-ask-citizen-id",
        ApprovalKind::ClientRemoval => "adm-ask-removal",
        ApprovalKind::BadgeWithdrawal => "adm-ask-badge",
    }
}

/// What happens once it is approved.
fn does(kind: ApprovalKind) -> &'static str {
    match kind {
        ApprovalKind::ClientCitizenId => "adm-does-citizen-id",
        ApprovalKind::ClientRemoval => "adm-does-removal",
        ApprovalKind::BadgeWithdrawal => "adm-does-badge",
    }
}
