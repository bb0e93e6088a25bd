//! What is done with a review: taken, given back, handed over, approved, declined. Who may stands in the writes as well.

use axum::extract::{Path, State};
use axum::response::Response;
use idp_core::account::{DeclineReason, ReviewRefusal};
use idp_core::admin::DecisionRefusal;
use idp_core::id::{AccountId, CaseId};
use idp_core::reason::Reason;

use super::super::gate::refused;
use super::super::{OnDuty, approvals, paths};
use super::page::{Found, Message, named, show};
use super::path_of;
use crate::error::AppError;
use crate::extract::Posted;
use crate::members::{Desk, Doer, Reviewed};
use crate::roles::is_person;
use crate::state::App;
use crate::view::field::FieldErrors;
use crate::view::text::Text;

/// POST `/admin/reviews/{id}/take`.
pub(super) async fn take(
    State(app): State<App>,
    duty: OnDuty,
    Path(id): Path<String>,
    form: Posted,
) -> Result<Response, AppError> {
    let found = named(&app, &id).await?;
    let to = Some(duty.id());
    assign(&app, &duty, &form, found, to).await
}

/// POST `/admin/reviews/{id}/release`: back to the queue.
pub(super) async fn release(
    State(app): State<App>,
    duty: OnDuty,
    Path(id): Path<String>,
    form: Posted,
) -> Result<Response, AppError> {
    let found = named(&app, &id).await?;
    assign(&app, &duty, &form, found, None).await
}

/// POST `/admin/reviews/{id}/hand-over`: to a colleague, or taken from one, with a reason.
pub(super) async fn hand_over(
    State(app): State<App>,
    duty: OnDuty,
    Path(id): Path<String>,
    form: Posted,
) -> Result<Response, AppError> {
    let found = named(&app, &id).await?;
    may_take(&duty, &found)?;
    let mut errors = FieldErrors::none();
    let parsed = Reason::parse(form.field("moved_because"));
    let reason = parsed.map_err(|error| errors.add("moved_because", Text::key(error.message_key()))).ok();
    let to = AccountId::parse(form.field("to"));
    if to.is_none() {
        errors.add("to", Text::key("rev-to-missing"));
    }
    let (Some(reason), Some(to)) = (reason, to) else { return faulty(&app, &duty, &form, &found, errors).await };
    let by = Doer::of(&duty.hand, reason);
    let reviewed = Desk::of(&app).move_review(&by, &found.member.account, &found.review, Some(to)).await?;
    answer(&app, &duty, &form, &found, reviewed).await
}

/// Taken from the queue, or given back to it by who has it. What is somebody else's is moved with a reason.
async fn assign(
    app: &App,
    duty: &OnDuty,
    form: &Posted,
    found: Found,
    to: Option<AccountId>,
) -> Result<Response, AppError> {
    may_take(duty, &found)?;
    if found.review.may_take(duty.id()).is_err() || found.review.is_moved(duty.id(), to) {
        return answer(app, duty, form, &found, Reviewed::NotAsItStands).await;
    }
    let by = Doer::of(&duty.hand, Reason::of_review(found.review.id));
    let reviewed = Desk::of(app).move_review(&by, &found.member.account, &found.review, to).await?;
    answer(app, duty, form, &found, reviewed).await
}

/// Whoever it is about is turned away, whatever became of it.
fn may_take(duty: &OnDuty, found: &Found) -> Result<(), AppError> {
    match found.review.may_take(duty.id()) {
        Err(ReviewRefusal::OneOwn) => Err(refused()),
        _ => Ok(()),
    }
}

/// POST `/admin/reviews/{id}/approve`: the member becomes permanent on this officer's word.
pub(super) async fn approve(
    State(app): State<App>,
    duty: OnDuty,
    Path(id): Path<String>,
    form: Posted,
) -> Result<Response, AppError> {
    let found = named(&app, &id).await?;
    let mut errors = FieldErrors::none();
    let Some(reason) = reason(&form, &mut errors) else { return faulty(&app, &duty, &form, &found, errors).await };
    let evidence = app.store.review_evidence(found.review.id).await?;
    let (true, Some(evidence)) = (as_looked_at(&app, &duty, &form, &found).await?, evidence) else {
        return answer(&app, &duty, &form, &found, Reviewed::NotAsItStands).await;
    };
    let by = Doer::of(&duty.hand, reason);
    let (account, sure) = (&found.member.account, &app.assurance);
    let reviewed = Desk::of(&app).approve(&by, duty.id(), account, (&found.review, &evidence), sure).await?;
    answer(&app, &duty, &form, &found, reviewed).await
}

/// POST `/admin/reviews/{id}/decline`: the member stays as they are, and hears why.
pub(super) async fn decline(
    State(app): State<App>,
    duty: OnDuty,
    Path(id): Path<String>,
    form: Posted,
) -> Result<Response, AppError> {
    let found = named(&app, &id).await?;
    let mut errors = FieldErrors::none();
    let reason = reason(&form, &mut errors);
    let why = DeclineReason::parse(form.field("why"));
    if why.is_none() {
        errors.add("why", Text::key("rev-why-missing"));
    }
    let (Some(reason), Some(why)) = (reason, why) else { return faulty(&app, &duty, &form, &found, errors).await };
    if !as_looked_at(&app, &duty, &form, &found).await? {
        return answer(&app, &duty, &form, &found, Reviewed::NotAsItStands).await;
    }
    let by = Doer::of(&duty.hand, reason);
    let reviewed = Desk::of(&app).decline(&by, duty.id(), &found.member.account, &found.review, why).await?;
    answer(&app, &duty, &form, &found, reviewed).await
}

/// Whether this person may decide it, and it is still about the attempt that was shown. Whoever it is about is turned away.
async fn as_looked_at(app: &App, duty: &OnDuty, form: &Posted, found: &Found) -> Result<bool, AppError> {
    match found.review.may_decide(duty.id()) {
        Err(ReviewRefusal::OneOwn) => Err(refused()),
        Err(_) => Ok(false),
        // An officer without a badge could be the member, with another account.
        Ok(()) if !is_person(&app.store, duty.id()).await? => Err(approvals::refusal(DecisionRefusal::NotVerified)),
        Ok(()) => Ok(CaseId::parse(form.field("case")) == Some(found.review.case_id)),
    }
}

fn reason(form: &Posted, errors: &mut FieldErrors) -> Option<Reason> {
    let parsed = Reason::parse(form.field("reason"));
    parsed.map_err(|error| errors.add("reason", Text::key(error.message_key()))).ok()
}

async fn faulty(
    app: &App,
    duty: &OnDuty,
    form: &Posted,
    found: &Found,
    errors: FieldErrors,
) -> Result<Response, AppError> {
    let message = Message {
        typed: form.field("reason").to_owned(),
        moved_because: form.field("moved_because").to_owned(),
        errors,
        ..Message::default()
    };
    show(app, duty, &form.visitor, found, message).await
}

/// On, or the review as it is by now with what could not be done.
async fn answer(
    app: &App,
    duty: &OnDuty,
    form: &Posted,
    found: &Found,
    reviewed: Reviewed,
) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let key = match reviewed {
        Reviewed::Yes => {
            app.mail_queued.notify_one();
            let now = app.store.review(found.review.id).await?;
            let open = now.is_some_and(|review| review.may_take(duty.id()).is_ok());
            return Ok(visitor.go(&if open { path_of(found.review.id) } else { paths::REVIEWS.to_owned() }));
        }
        Reviewed::StillHeld { .. } => "rev-still-held",
        Reviewed::NotAsItStands => "rev-not-done",
    };
    let found = named(app, &found.review.id.to_string()).await?;
    let message =
        Message { not_done: Some(Text::key(key)), typed: form.field("reason").to_owned(), ..Message::default() };
    show(app, duty, visitor, &found, message).await
}
