//! Verifications that need a person: the queue ([`list`]), one of them ([`page`]), what is decided ([`decide`]).

mod decide;
mod list;
mod page;

pub(crate) use page::{Found, named};

use chrono::{DateTime, Utc};
use idp_core::account::{DeclineReason, ReviewKind, ReviewState};
use idp_core::admin::Operation;
use idp_core::id::ReviewId;

use super::paths;
use super::routes::Console;
use crate::account::words;
use crate::view::lang::Lang;
use crate::view::text::Text;

/// The addresses of reviews.
pub(super) fn routes(console: Console) -> Console {
    console
        .page(paths::REVIEWS, Operation::CasesRead, list::get)
        .page(paths::REVIEW, Operation::CasesRead, page::get)
        .deed(paths::REVIEW_TAKE, Operation::CaseDecide, decide::take)
        .deed(paths::REVIEW_RELEASE, Operation::CaseDecide, decide::release)
        .deed(paths::REVIEW_HAND_OVER, Operation::CaseDecide, decide::hand_over)
        .deed(paths::REVIEW_APPROVE, Operation::CaseDecide, decide::approve)
        .deed(paths::REVIEW_DECLINE, Operation::CaseDecide, decide::decline)
}

/// The path of a review's page.
pub(super) fn path_of(id: ReviewId) -> String {
    paths::REVIEW.replace("{id}", &id.to_string())
}

/// Why a human has to look.
pub(super) fn kind(kind: ReviewKind) -> Text {
    Text::key(match kind {
        ReviewKind::HeldByOther => "rev-kind-held",
        ReviewKind::StaffNotFound => "rev-kind-staff",
        ReviewKind::NameChanged => "rev-kind-name",
    })
}

/// What to do about it.
fn advice(kind: ReviewKind) -> Text {
    Text::key(match kind {
        ReviewKind::HeldByOther => "rev-advice-held",
        ReviewKind::StaffNotFound => "rev-advice-staff",
        ReviewKind::NameChanged => "rev-advice-name",
    })
}

/// Where a review stands.
pub(super) fn state(state: &ReviewState, lang: Lang) -> Text {
    let at = |key, at: &DateTime<Utc>| Text::key(key).with("date", words::moment(*at, lang));
    match state {
        ReviewState::Open { assigned: None } => Text::key("rev-state-open"),
        ReviewState::Open { assigned: Some((_, since)) } => at("rev-state-taken", since),
        ReviewState::Approved { at: when, .. } => at("rev-state-approved", when),
        ReviewState::Declined { at: when, .. } => at("rev-state-declined", when),
        ReviewState::Superseded => Text::key("rev-state-superseded"),
    }
}

/// The words for a reason to decline, as officers choose it.
fn decline_reason(reason: DeclineReason) -> Text {
    Text::key(match reason {
        DeclineReason::NotThePerson => "rev-why-person",
        DeclineReason::NotPersonnel => "rev-why-personnel",
        DeclineReason::NothingHeard => "rev-why-nothing",
        DeclineReason::CorrectFirst => "rev-why-correct",
    })
}
