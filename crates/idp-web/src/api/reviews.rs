//! Verifications that need a person, to be read: they are taken and decided in the console.

use axum::Json;
use axum::extract::State;
use idp_core::account::{Review, ReviewKind, ReviewRefusal, ReviewState, VerifiedIdentity};
use idp_core::admin::Operation;
use idp_core::audit::Action;
use idp_store::{ReviewList, ReviewPlace};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::document::Doc;
use super::extract::{Asked, Named};
use super::page;
use super::problem::{Kind, Problem};
use super::routes::{Api, Method};
use crate::admin::{OnDuty, ReviewFound, named_review};
use crate::members::view::MemberView;
use crate::state::App;

const REVIEWS: &str = "/api/v1/reviews";
const LOOK: &str = "/api/v1/reviews/{id}/look";

/// The routes of reviews.
pub(super) fn routes(api: Api) -> Api {
    let doc = |id, summary| Doc::new("reviews", id, summary);
    api.route(
        (Method::Get, REVIEWS),
        Operation::CasesRead,
        doc("listReviews", "Lists reviews: it names nobody").asks::<ReviewsAsked>().gives::<ReviewPage>(),
        list,
    )
    .route(
        (Method::Post, LOOK),
        Operation::CasesRead,
        doc(
            "lookAtReview",
            "Shows what a decision rests on; that it was looked at is written down, and shown to the member",
        )
        .gives::<ReviewDetail>(),
        look,
    )
}

/// Which reviews.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ReviewsAsked {
    /// `waiting`, the oldest first, or `decided`, the newest first.
    list: Option<String>,
    /// On one page: 1 to 100; 25 unless given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A review.
#[derive(Debug, Serialize, ToSchema)]
struct ReviewView {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// `held_by_other`, `staff_not_found` or `name_changed`.
    kind: String,
    /// `open`, `taken`, `approved`, `declined` or `superseded`.
    state: String,
    /// Who took or decided it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    officer: Option<String>,
    /// Since when it waits.
    #[schema(format = "date-time")]
    opened_at: String,
    /// The attempt it is about: a decision names it, so that it is about what was looked at.
    #[schema(format = "uuid")]
    case_id: String,
}

impl ReviewView {
    fn of(review: &Review) -> Self {
        let (state, officer) = match review.state {
            ReviewState::Open { assigned: None } => ("open", None),
            ReviewState::Open { assigned: Some((officer, _)) } => ("taken", Some(officer)),
            ReviewState::Approved { by, .. } => ("approved", Some(by)),
            ReviewState::Declined { by, .. } => ("declined", Some(by)),
            ReviewState::Superseded => ("superseded", None),
        };
        Self {
            id: review.id.to_string(),
            kind: review.kind.as_str().to_owned(),
            state: state.to_owned(),
            officer: officer.map(|id| id.to_string()),
            opened_at: review.opened_at.to_rfc3339(),
            case_id: review.case_id.to_string(),
        }
    }
}

/// A page of reviews.
#[derive(Debug, Serialize, ToSchema)]
struct ReviewPage {
    /// The reviews.
    items: Vec<ReviewView>,
    /// The cursor of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What a decision rests on.
#[derive(Debug, Serialize, ToSchema)]
struct ReviewDetail {
    /// The review.
    review: ReviewView,
    /// Whom it is about, masked.
    member: MemberView,
    /// The account that has the number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    holder: Option<String>,
    /// What was typed; left out when it is kept no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    typed: Option<Typed>,
    /// What the badge was given for, where it is about another name.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Typed>,
}

/// What the member typed, the number masked.
#[derive(Debug, Serialize, ToSchema)]
struct Typed {
    /// The number, masked.
    number: String,
    /// Given name and surname.
    name: String,
    /// The registry's reference, when it matched.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

impl Typed {
    fn of(identity: &VerifiedIdentity, reference: Option<String>) -> Self {
        let name = format!("{} {}", identity.first_name.as_str(), identity.last_name.as_str());
        Self { number: identity.number.masked(), name, reference }
    }
}

async fn list(
    State(app): State<App>,
    duty: OnDuty,
    Asked(asked): Asked<ReviewsAsked>,
) -> Result<Json<ReviewPage>, Problem> {
    let limit = page::limit(asked.limit)?;
    let list = match asked.list.as_deref() {
        None | Some("waiting") => ReviewList::Waiting,
        Some("decided") => ReviewList::Decided,
        Some(_) => return Err(Problem::bad("list is waiting or decided")),
    };
    let name = if list == ReviewList::Waiting { "reviews/waiting" } else { "reviews/decided" };
    let after: Option<ReviewPlace> = page::begin(&app, &duty, name, asked.cursor.as_deref())?;
    let (reviews, next) = app.store.reviews(list, after, limit).await?;
    let next = next.map(|place| page::next(&app, &duty, name, &place));
    Ok(Json(ReviewPage { items: reviews.iter().map(ReviewView::of).collect(), next }))
}

async fn look(State(app): State<App>, duty: OnDuty, Named(id): Named) -> Result<Json<ReviewDetail>, Problem> {
    let ReviewFound { review, member } = named_review(&app, &id).await?;
    if review.may_take(duty.id()) == Err(ReviewRefusal::OneOwn) {
        return Err(Problem::new(Kind::NotPermitted));
    }
    let detail = json!({ "what": "review", "review": review.id, "reason": review.kind.as_str() });
    let event = duty.event(Action::PersonalDataSeen).account(member.account.id).detail(detail);
    app.store.record(&[event]).await?;
    let evidence = app.store.review_evidence(review.id).await?;
    let typed = evidence.map(|evidence| Typed::of(&evidence.identity, evidence.reference));
    let before = match review.kind {
        ReviewKind::NameChanged => app.store.identity(member.account.id).await?,
        _ => None,
    };
    Ok(Json(ReviewDetail {
        holder: review.holder.map(|id| id.to_string()),
        member: MemberView::of(&member.account, duty.hand.now),
        review: ReviewView::of(&review),
        typed,
        before: before.map(|identity| Typed::of(&identity, None)),
    }))
}
