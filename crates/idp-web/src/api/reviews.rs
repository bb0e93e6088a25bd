//! Verifications that need a person.

use axum::Json;
use axum::extract::State;
use idp_core::account::{DeclineReason, Review, ReviewKind, ReviewRefusal, ReviewState, VerifiedIdentity};
use idp_core::admin::Operation;
use idp_core::audit::Action;
use idp_core::id::AccountId;
use idp_core::reason::Reason;
use idp_store::{ReviewList, ReviewPlace};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::document::Doc;
use super::extract::{Asked, Named, Sent};
use super::page;
use super::problem::{Kind, Problem};
use super::routes::{Api, Method};
use crate::admin::{OnDuty, ReviewFound, named_review};
use crate::members::view::MemberView;
use crate::members::{Desk, Doer, Reviewed};
use crate::state::App;

const REVIEWS: &str = "/api/v1/reviews";
const LOOK: &str = "/api/v1/reviews/{id}/look";
const ASSIGN: &str = "/api/v1/reviews/{id}/assignment";
const DECIDE: &str = "/api/v1/reviews/{id}/decision";

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
    .route(
        (Method::Post, ASSIGN),
        Operation::CaseDecide,
        doc("assignReview", "Takes a review, moves it to somebody else, or gives it back to the queue")
            .takes::<Assignment>()
            .gives::<ReviewView>()
            .or(&[Kind::NotAsItStands]),
        assign,
    )
    .route(
        (Method::Post, DECIDE),
        Operation::CaseDecide,
        doc("decideReview", "Approves or declines a review that was taken")
            .takes::<Verdict>()
            .gives::<ReviewView>()
            .or(&[Kind::NotAsItStands]),
        decide,
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

/// To whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Assignment {
    /// `me`, `nobody`, or the account's id of somebody who decides verifications.
    to: String,
    /// Why, where it is taken from somebody or put on somebody else: never an address or a 13-digit number.
    #[schema(min_length = 5, max_length = 300)]
    reason: Option<String>,
}

/// What is decided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Verdict {
    /// `approved` or `declined`.
    #[schema(pattern = "^(approved|declined)$")]
    decision: String,
    /// The attempt that was looked at.
    #[schema(format = "uuid")]
    case_id: String,
    /// Why: never an address or a 13-digit number.
    #[schema(min_length = 5, max_length = 300)]
    reason: String,
    /// What the member reads when it is declined: `not_the_person`, `not_personnel`, `nothing_heard` or `correct_first`.
    why: Option<String>,
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

async fn assign(
    State(app): State<App>,
    duty: OnDuty,
    Named(id): Named,
    Sent { body, .. }: Sent<Assignment>,
) -> Result<Json<ReviewView>, Problem> {
    let ReviewFound { review, member } = named_review(&app, &id).await?;
    let to = match body.to.as_str() {
        "me" => Some(duty.id()),
        "nobody" => None,
        other => Some(AccountId::parse(other).ok_or_else(|| {
            Problem::new(Kind::Unprocessable).errors([("to".to_owned(), "me, nobody, or an account's id".to_owned())])
        })?),
    };
    match review.may_take(duty.id()) {
        Err(ReviewRefusal::OneOwn) => return Err(Problem::new(Kind::NotPermitted)),
        Err(other) => return Err(Problem::new(Kind::NotAsItStands).detail(other.to_string())),
        Ok(()) => {}
    }
    let reason = match (&body.reason, review.is_moved(duty.id(), to)) {
        (Some(reason), _) => Reason::parse(reason)?,
        (None, true) => {
            let why = "somebody else has it, or is to have it: say why";
            return Err(Problem::new(Kind::Unprocessable).errors([("reason".to_owned(), why.to_owned())]));
        }
        (None, false) => Reason::of_review(review.id),
    };
    let by = Doer::of(&duty.hand, reason);
    let desk = Desk::of(&app);
    settled(desk.move_review(&by, &member.account, &review, to).await?)?;
    Ok(Json(ReviewView::of(&named_review(&app, &id).await?.review)))
}

async fn decide(
    State(app): State<App>,
    duty: OnDuty,
    Named(id): Named,
    Sent { body, .. }: Sent<Verdict>,
) -> Result<Json<ReviewView>, Problem> {
    let ReviewFound { review, member } = named_review(&app, &id).await?;
    let refused =
        |setting: &str, why: &str| Problem::new(Kind::Unprocessable).errors([(setting.to_owned(), why.to_owned())]);
    let by = Doer::of(&duty.hand, Reason::parse(&body.reason)?);
    let why =
        body.why.as_deref().map(|word| DeclineReason::parse(word).ok_or_else(|| refused("why", "no such reason")));
    let why = why.transpose()?;
    match review.may_decide(duty.id()) {
        Err(ReviewRefusal::OneOwn) => return Err(Problem::new(Kind::NotPermitted)),
        Err(other) => return Err(Problem::new(Kind::NotAsItStands).detail(other.to_string())),
        Ok(()) if body.case_id != review.case_id.to_string() => return Err(Problem::new(Kind::NotAsItStands)),
        Ok(()) => {}
    }
    let (desk, account) = (Desk::of(&app), &member.account);
    let done = match (body.decision.as_str(), why) {
        ("approved", None) => {
            let Some(evidence) = app.store.review_evidence(review.id).await? else {
                return Err(Problem::new(Kind::NotAsItStands));
            };
            desk.approve(&by, duty.id(), account, (&review, &evidence), &app.assurance).await?
        }
        ("declined", Some(why)) => desk.decline(&by, duty.id(), account, &review, why).await?,
        ("declined", None) => return Err(refused("why", "declining takes a reason for the member")),
        _ => return Err(refused("decision", "approved, or declined with why")),
    };
    settled(done)?;
    app.mail_queued.notify_one();
    Ok(Json(ReviewView::of(&named_review(&app, &id).await?.review)))
}

fn settled(reviewed: Reviewed) -> Result<(), Problem> {
    match reviewed {
        Reviewed::Yes => Ok(()),
        Reviewed::StillHeld { .. } => {
            let what = "the number is another account's: its badge is withdrawn first, by two people";
            Err(Problem::new(Kind::NotAsItStands).detail(what))
        }
        Reviewed::NotAsItStands => Err(Problem::new(Kind::NotAsItStands)),
    }
}
