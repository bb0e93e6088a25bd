//! `/admin/reviews/{id}`: what a decision rests on. The review itself is the reason to look; each look is written down
//! before anything is shown.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::account::{Account, DeclineReason, Review, ReviewEvidence, ReviewKind, ReviewRefusal, VerifiedIdentity};
use idp_core::admin::Operation;
use idp_core::audit::Action;
use idp_core::id::{AccountId, ReviewId};
use idp_core::reason::Reason;
use idp_store::StoredAccount;
use serde_json::json;

use super::super::members::{Look, member_href};
use super::super::names::colleague;
use super::super::{OnDuty, paths};
use super::{advice, decline_reason, kind, path_of, state};
use crate::account::words;
use crate::error::AppError;
use crate::extract::Visitor;
use crate::members::Desk;
use crate::roles::is_person;
use crate::state::App;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::page::admin::ReviewPage;
use crate::view::text::Text;

/// GET.
pub(super) async fn get(
    State(app): State<App>,
    duty: OnDuty,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, AppError> {
    let found = named(&app, &id).await?;
    show(&app, &duty, &visitor, &found, Message::default()).await
}

/// A review, and whom it is about.
pub(crate) struct Found {
    pub(crate) review: Review,
    pub(crate) member: Arc<StoredAccount>,
}

/// The review that a path names; that of an erased member is not found.
pub(crate) async fn named(app: &App, id: &str) -> Result<Found, AppError> {
    let id = ReviewId::parse(id).ok_or_else(AppError::not_found)?;
    let review = app.store.review(id).await?.ok_or_else(AppError::not_found)?;
    let member = app.store.account(review.account_id).await?.ok_or_else(AppError::not_found)?;
    Ok(Found { review, member })
}

/// What the page says about the decision before it.
#[derive(Default)]
pub(super) struct Message {
    pub(super) not_done: Option<Text>,
    pub(super) typed: String,
    pub(super) moved_because: String,
    pub(super) errors: FieldErrors,
}

/// Writes the look down, and shows the review.
pub(super) async fn show(
    app: &App,
    duty: &OnDuty,
    visitor: &Visitor,
    found: &Found,
    message: Message,
) -> Result<Response, AppError> {
    let (review, account) = (&found.review, &found.member.account);
    // Whoever it is about sees none of it here: they have their own page.
    let refusal = review.may_take(duty.id()).err();
    if refusal == Some(ReviewRefusal::OneOwn) {
        return Err(super::super::gate::refused());
    }
    let seen = duty
        .event(Action::PersonalDataSeen)
        .account(account.id)
        .detail(json!({ "what": "review", "review": review.id, "reason": review.kind.as_str() }));
    app.store.record(&[seen]).await?;
    let evidence = app.store.review_evidence(review.id).await?;
    let status = match (&message.not_done, message.errors.is_empty()) {
        (Some(_), _) => StatusCode::CONFLICT,
        (None, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (None, true) => StatusCode::OK,
    };
    let decides = duty.staff.may(Operation::CaseDecide);
    let person = is_person(&app.store, duty.id()).await?;
    let page = ReviewPage {
        shell: visitor.shell(),
        console: duty.console(paths::REVIEWS),
        base: path_of(review.id),
        case: review.case_id.to_string(),
        kind: kind(review.kind),
        advice: advice(review.kind),
        since: words::moment(review.opened_at, visitor.lang),
        state: state(&review.state, visitor.lang),
        officer: match review.officer() {
            Some(officer) => Some(colleague(app, officer).await?),
            None => None,
        },
        account: says(account, visitor),
        evidence: evidence.map(|evidence| typed(&evidence, visitor)).unwrap_or_default(),
        before: before(app, review, visitor).await?,
        member_href: opened(app, duty, review, account.id, visitor),
        holder_href: match review.holder {
            Some(holder) if app.store.account(holder).await?.is_some() => {
                Some(opened(app, duty, review, holder, visitor))
            }
            _ => None,
        },
        may_take: decides && person && refusal.is_none() && review.officer().is_none(),
        may_decide: decides && person && review.may_decide(duty.id()).is_ok(),
        unverified: decides && !person && refusal.is_none(),
        officers: match decides && person && refusal.is_none() {
            true => officers(app, review).await?,
            false => Vec::new(),
        },
        refusal: refusal.map(|_| Text::key("rev-over")),
        choices: DeclineReason::ALL.into_iter().map(|reason| (reason.as_str(), decline_reason(reason))).collect(),
        not_done: message.not_done,
        typed: message.typed,
        moved_because: message.moved_because,
        errors: message.errors,
    };
    Ok(visitor.dress(page.render_response(status).into_response()))
}

/// A member's page, opened because of this review.
fn opened(app: &App, duty: &OnDuty, review: &Review, account: AccountId, visitor: &Visitor) -> String {
    member_href(app, duty, &Look::at(account, &Reason::of_review(review.id), visitor.now))
}

/// To whom it can be handed over, by name.
async fn officers(app: &App, review: &Review) -> Result<Vec<(String, String)>, AppError> {
    let mut officers = Vec::new();
    for officer in Desk::of(app).officers_for(review).await? {
        officers.push((officer.to_string(), colleague(app, officer).await?));
    }
    Ok(officers)
}

/// What the badge was given for, where the question is whether it is another person's name by now.
async fn before(app: &App, review: &Review, visitor: &Visitor) -> Result<Vec<(Text, String)>, AppError> {
    if review.kind != ReviewKind::NameChanged {
        return Ok(Vec::new());
    }
    let identity = app.store.identity(review.account_id).await?;
    Ok(identity.map(|identity| matched(&identity, visitor)).unwrap_or_default())
}

fn says(account: &Account, visitor: &Visitor) -> Vec<(Text, String)> {
    let profile = &account.profile;
    vec![
        (Text::key("rev-name"), profile.full_name()),
        (Text::key("card-birth"), words::date(&profile.birth_date, visitor.lang)),
        (Text::key("email-label"), account.email.as_str().to_owned()),
        (Text::key("reg-org"), profile.organization.clone()),
        (Text::key("reg-dept"), profile.department.clone()),
        (Text::key("reg-pos"), profile.position.clone()),
    ]
}

fn typed(evidence: &ReviewEvidence, visitor: &Visitor) -> Vec<(Text, String)> {
    let mut facts = matched(&evidence.identity, visitor);
    if let Some(mailbox) = &evidence.mailbox {
        facts.push((Text::key("rev-mailbox"), mailbox.as_str().to_owned()));
    }
    facts.push(match &evidence.reference {
        Some(reference) => (Text::key("rev-registry"), reference.clone()),
        None => (Text::key("rev-registry"), "-".to_owned()),
    });
    facts
}

/// The number stays masked: whoever compares it with a card has its last digits.
fn matched(identity: &VerifiedIdentity, visitor: &Visitor) -> Vec<(Text, String)> {
    let name = format!("{} {}", identity.first_name.as_str(), identity.last_name.as_str());
    vec![
        (Text::key("profile-number"), identity.number.masked()),
        (Text::key("rev-name"), name),
        (Text::key("card-birth"), words::date(&identity.birth_date, visitor.lang)),
    ]
}
