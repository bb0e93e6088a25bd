//! An attempt that a register cannot settle goes to an officer; the member hears of it at once, by page and mail.

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::{ReviewEvidence, ReviewKind, VerificationCase};
use idp_core::audit::{Action, AuditEvent};
use idp_core::id::ReviewId;
use idp_core::mail::OutgoingMail;
use idp_store::NewReview;
use serde_json::json;

use crate::account::post_office::{Posting, post as seal_letter};
use crate::extract::{Member, Visitor};
use crate::mail::Letter;
use crate::state::App;
use crate::urls;
use crate::view::lang::Lang;

/// A review of `case`.
pub(super) fn new(app: &App, case: &VerificationCase, kind: ReviewKind, evidence: ReviewEvidence) -> NewReview {
    NewReview { id: ReviewId::make(&*app.chance), account_id: case.account_id, case_id: case.id, kind, evidence }
}

/// The line in the log and the letter that go with a review. One letter a day: trying again does not fill a mailbox.
pub(super) fn announce(
    app: &App,
    visitor: &Visitor,
    member: &Member,
    review: &NewReview,
    now: DateTime<Utc>,
) -> (AuditEvent, OutgoingMail) {
    let account = &member.account.account;
    let event = AuditEvent::by_member(now, account.id, Action::ReviewOpened)
        .session(member.session.id)
        .from(visitor.origin.to_string())
        .detail(json!({ "case": review.case_id, "kind": review.kind.as_str() }));
    let letter = Letter::ReviewOpened {
        name: account.profile.full_name(),
        profile_url: app.url(urls::PROFILE),
        permanent: account.badge().is_some(),
    };
    let posting = Posting {
        account: Some(account.id),
        to: &account.email,
        lang: account.language.as_deref().and_then(Lang::from_tag).unwrap_or(visitor.lang),
        good_for: TimeDelta::days(7),
        once: Some(format!("review-{}", now.timestamp().div_euclid(86_400))),
    };
    (event, seal_letter(app, posting, letter, now))
}
