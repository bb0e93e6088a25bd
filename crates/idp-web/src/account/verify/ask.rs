//! Asks the registry and settles the case: the table of outcomes in `docs/flows.md`.

use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::{
    Badge, CaseOutcome, Membership, ReviewEvidence, ReviewKind, VerificationCase, VerificationMethod, VerifiedIdentity,
};
use idp_core::audit::{Action, AuditEvent};
use idp_core::email::EmailAddress;
use idp_core::id::{AccountId, CaseId};
use idp_core::thai::BuddhistDate;
use idp_core::thai::time::end_of_day_after;
use idp_store::{CaseLimits, Opened, Promotion, PromotionOrder, Word};
use idp_verify::{CardData, RegistryAnswer, StaffAnswer, StaffQuery, Unavailable};
use serde_json::json;

use super::review;
use super::stopped::{self, stop};
use crate::account::not_me::{self, Disputed};
use crate::account::post_office::{Posting, post as seal_letter};
use crate::error::AppError;
use crate::extract::{Member, Visitor};
use crate::mail::Letter;
use crate::state::App;
use crate::urls;
use crate::view::field::FieldErrors;
use crate::view::lang::Lang;
use crate::view::page::StoppedKind;
use crate::view::text::Text;

/// An answer counts for so long after the question.
pub(super) const ANSWER_LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// Outages prolong a membership by so many days at most, beyond those it was given at registration: asking once a day
/// must not keep anybody a temporary member for ever.
const LONGEST_EXTENSION_DAYS: u32 = 30;

/// What came of asking.
pub(super) enum Asked {
    /// A page or a redirect.
    Done(Response),
    /// The form again.
    Again(Again),
}

/// Why the form is shown again.
pub(super) enum Again {
    /// It does not match; so many tries are left.
    Mismatch {
        /// Tries left today.
        left: u32,
    },
    /// The registry wants more data.
    Incomplete,
}

/// The words for [`Again`].
pub(super) fn card_again(again: Again) -> (Option<Text>, FieldErrors) {
    let mut errors = FieldErrors::none();
    match again {
        Again::Mismatch { left } => (Some(Text::key("ver-fail").with("n", left)), errors),
        Again::Incomplete => {
            errors.add("birth_day", Text::key("error-incomplete"));
            (None, errors)
        }
    }
}

/// What registry and, for personnel, staff directory said.
pub(super) enum Verdict {
    /// Everything matched; the references of the answers.
    Match { reference: String },
    /// Anything else, and the code in which it was said.
    Other { outcome: CaseOutcome, code: &'static str },
    /// The registry matched, and the directory does not know the person: an officer looks.
    NotInDirectory { reference: String, code: &'static str },
}

/// Opens a case, asks, and settles it. The answer belongs to this account, this number and this case, and to nothing else.
pub(super) async fn ask(
    app: &App,
    visitor: &Visitor,
    member: &Member,
    method: VerificationMethod,
    card: CardData,
    mailbox: Option<EmailAddress>,
    request: Option<&str>,
) -> Result<Asked, AppError> {
    let account = &member.account.account;
    let limits = limits(app, visitor);
    let case = VerificationCase {
        id: CaseId::make(&*app.chance),
        account_id: account.id,
        method,
        outcome: CaseOutcome::Asked,
        opened_at: visitor.now,
        closed_at: None,
    };
    let event = |action| {
        AuditEvent::by_member(visitor.now, account.id, action)
            .session(member.session.id)
            .from(visitor.origin.to_string())
    };
    let asked = event(Action::VerificationAsked).detail(json!({ "case": case.id, "method": method }));
    let index = app.vault.number_index(&card.number);
    if let Opened::TooMany { again_at } =
        app.store.open_case(&case, index, &visitor.origin_bucket(), limits, &[asked]).await?
    {
        let again = crate::account::words::moment(again_at, visitor.lang);
        return Ok(Asked::Done(stop(app, visitor, StoppedKind::TriesUsedUp { again }, request).await));
    }
    let verdict = match consult(app, &card, mailbox.clone()).await {
        Ok(verdict) => verdict,
        Err(outage) => {
            let settled = event(Action::VerificationSettled).detail(json!({ "case": case.id, "code": outage.code() }));
            app.store.settle_case(case.id, CaseOutcome::Unavailable, app.now(), &[settled]).await?;
            if outage != Unavailable::NotConfigured {
                extend(app, visitor, member).await?;
            }
            return Ok(Asked::Done(stopped::unavailable(app, visitor, member, request).await));
        }
    };
    // The registry may have taken its time: what it said counts only while the member is still here.
    let answered_at = app.now();
    let session = app.store.session_by_cookie(&member.session.cookie).await?;
    let still_here = session.is_some_and(|session| session.is_alive(answered_at, app.session_limits()));
    if !still_here || answered_at - visitor.now > ANSWER_LIFETIME {
        let settled = event(Action::VerificationSettled).detail(json!({ "case": case.id, "code": "late" }));
        app.store.settle_case(case.id, CaseOutcome::Discarded, answered_at, &[settled]).await?;
        return Ok(Asked::Done(visitor.go(urls::LOGIN)));
    }
    match verdict {
        Verdict::Match { reference } => {
            let ial = app.assurance.level(case.method).as_str().to_owned();
            let badge = Badge { method: case.method, ial, reference, at: app.now() };
            promote(app, visitor, member, &case, identity_of(card), badge, request).await.map(Asked::Done)
        }
        Verdict::NotInDirectory { reference, code } => {
            let outcome = CaseOutcome::StaffNotFound;
            let settled = event(Action::VerificationSettled)
                .detail(json!({ "case": case.id, "outcome": outcome.as_str(), "code": code }));
            let evidence =
                ReviewEvidence { identity: identity_of(card), mailbox, reference: Some(reference), vouched: None };
            let review = review::new(app, &case, ReviewKind::StaffNotFound, evidence);
            let (opened, mail) = review::announce(app, visitor, member, &review, answered_at);
            app.store.settle_for_review(outcome, &review, answered_at, &[settled, opened], &[mail]).await?;
            app.mail_queued.notify_one();
            Ok(Asked::Done(stop(app, visitor, StoppedKind::StaffNotFound, request).await))
        }
        Verdict::Other { outcome, code } => {
            let settled = event(Action::VerificationSettled)
                .detail(json!({ "case": case.id, "outcome": outcome.as_str(), "code": code }));
            app.store.settle_case(case.id, outcome, answered_at, &[settled]).await?;
            Ok(match outcome {
                CaseOutcome::Incomplete => Asked::Again(Again::Incomplete),
                CaseOutcome::CardInvalid => Asked::Done(stop(app, visitor, StoppedKind::CardInvalid, request).await),
                // Wrong name, wrong date, unknown number and deceased all sound alike: no oracle for strangers' data.
                _ => Asked::Again(Again::Mismatch { left: app.store.tries_left(account.id, limits).await? }),
            })
        }
    }
}

pub(super) fn limits(app: &App, visitor: &Visitor) -> CaseLimits {
    let verification = &app.config.verification;
    CaseLimits {
        per_account: verification.per_account_per_day,
        per_number: verification.per_number_per_day,
        per_origin: verification.per_origin_per_day,
        since: visitor.now - TimeDelta::hours(24),
    }
}

pub(super) async fn consult(app: &App, card: &CardData, mailbox: Option<EmailAddress>) -> Result<Verdict, Unavailable> {
    let answer = app.registry.check(card).await?;
    let other = |outcome| Ok(Verdict::Other { outcome, code: answer.code() });
    let reference = match &answer {
        RegistryAnswer::Match { reference } => reference.clone(),
        RegistryAnswer::Mismatch | RegistryAnswer::NotFound => return other(CaseOutcome::Mismatch),
        RegistryAnswer::Deceased => return other(CaseOutcome::Deceased),
        RegistryAnswer::CardInvalid => return other(CaseOutcome::CardInvalid),
        RegistryAnswer::Incomplete => return other(CaseOutcome::Incomplete),
    };
    let Some(email) = mailbox else { return Ok(Verdict::Match { reference }) };
    let query = StaffQuery {
        number: card.number.clone(),
        first_name: card.first_name.clone(),
        last_name: card.last_name.clone(),
        email,
    };
    let answer = app.staff.look_up(&query).await?;
    match &answer {
        StaffAnswer::Match { reference: staff, .. } => Ok(Verdict::Match { reference: format!("{reference} {staff}") }),
        StaffAnswer::NoMatch | StaffAnswer::Left => Ok(Verdict::NotInDirectory { reference, code: answer.code() }),
    }
}

pub(super) fn identity_of(card: CardData) -> VerifiedIdentity {
    VerifiedIdentity {
        number: card.number,
        first_name: card.first_name,
        last_name: card.last_name,
        birth_date: card.birth_date,
    }
}

/// An outage must not cost anybody their temporary membership: it lasts at least through the day after.
pub(super) async fn extend(app: &App, visitor: &Visitor, member: &Member) -> Result<(), AppError> {
    let account = &member.account.account;
    let most = app.config.membership.temporary_days.saturating_add(LONGEST_EXTENSION_DAYS);
    let Some(began) = app.store.temporary_since(account.id).await? else { return Ok(()) };
    let until = end_of_day_after(visitor.now, 1).min(end_of_day_after(began, most));
    if let Membership::Temporary { expires_at } = &account.membership
        && visitor.now <= *expires_at
        && *expires_at < until
    {
        let event = AuditEvent::by_member(visitor.now, account.id, Action::MembershipExtended)
            .detail(json!({ "why": "registry_unavailable" }));
        app.store.extend_temporary(account.id, until, visitor.now, &[event], &[]).await?;
    }
    Ok(())
}

/// Promotes a member who was matched, by whomever: the rule of one person, one account is decided by the write.
pub(super) async fn promote(
    app: &App,
    visitor: &Visitor,
    member: &Member,
    case: &VerificationCase,
    identity: VerifiedIdentity,
    badge: Badge,
    request: Option<&str>,
) -> Result<Response, AppError> {
    let account = &member.account.account;
    let now = app.now();
    let (link, not_me_url) = not_me::objection(app, account.id, Disputed::Verification, now);
    let letter = Letter::Verified {
        name: account.profile.full_name(),
        method_key: match case.method {
            VerificationMethod::CivilRegistry => "registry".to_owned(),
            VerificationMethod::StaffDirectory => "staff".to_owned(),
            VerificationMethod::Thaid => "thaid".to_owned(),
        },
        at: now,
        not_me_url,
    };
    let posting = Posting {
        account: Some(account.id),
        to: &account.email,
        lang: account.language.as_deref().and_then(Lang::from_tag).unwrap_or(visitor.lang),
        good_for: TimeDelta::days(7),
        once: None,
    };
    let mail = seal_letter(app, posting, letter, now);
    let event = |action, code: &str| {
        AuditEvent::by_member(now, account.id, action)
            .session(member.session.id)
            .from(visitor.origin.to_string())
            .detail(json!({ "case": case.id, "code": code, "ial": badge.ial }))
    };
    let granted = [event(Action::VerificationSettled, "verified"), event(Action::BadgeGranted, "verified")];
    let evidence = ReviewEvidence {
        identity: identity.clone(),
        mailbox: None,
        reference: Some(badge.reference.clone()),
        vouched: None,
    };
    let review = review::new(app, case, ReviewKind::HeldByOther, evidence);
    let (opened, told) = review::announce(app, visitor, member, &review, now);
    let held = [event(Action::VerificationSettled, "held_by_other"), opened];
    let order = PromotionOrder {
        case_id: case.id,
        account_id: account.id,
        identity: &identity,
        badge: &badge,
        since: now,
        links: &[link],
        held_events: &held,
        held_mails: &[told],
        word: Word::Registry { held: Some(&review) },
    };
    match app.store.promote(order, now, &granted, &[mail]).await? {
        Promotion::Promoted => {
            app.mail_queued.notify_one();
            Ok(visitor.go(&urls::with_request(urls::VERIFY_DONE, request)))
        }
        Promotion::HeldByOther { holder } => {
            tracing::warn!(account.id = %account.id, holder.id = %holder, "a number is held by another account");
            tell_holder(app, holder, now).await?;
            Ok(stop(app, visitor, StoppedKind::HeldByOther, request).await)
        }
        Promotion::Resting { free_at } => {
            let date = crate::account::words::day(free_at, visitor.lang);
            Ok(stop(app, visitor, StoppedKind::NumberRests { date }, request).await)
        }
        Promotion::CaseClosed | Promotion::NotTemporary => Ok(visitor.go(urls::PROFILE)),
    }
}

/// The holder of a number that another account presented hears of it, once a day at most.
async fn tell_holder(app: &App, holder: AccountId, now: DateTime<Utc>) -> Result<(), AppError> {
    let Some(holder) = app.store.account(holder).await? else { return Ok(()) };
    let letter = Letter::NumberPresented { name: holder.profile.full_name(), at: now };
    let posting = Posting {
        account: Some(holder.account.id),
        to: &holder.email,
        lang: holder.language.as_deref().and_then(Lang::from_tag).unwrap_or_default(),
        good_for: TimeDelta::days(7),
        once: Some(format!("number-presented-{}", BuddhistDate::on(now).registry_form())),
    };
    app.store.queue_mails(&[seal_letter(app, posting, letter, now)]).await?;
    app.mail_queued.notify_one();
    Ok(())
}
