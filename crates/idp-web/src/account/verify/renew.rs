//! `/verify/renew`: a permanent member whose name was changed, by marriage or otherwise, asks the registry again. The number
//! stays; names, birth date and badge become those of now, and what there was before is kept as evidence.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::{
    Access, Assurance, Badge, CaseOutcome, ReviewEvidence, ReviewKind, VerificationCase, VerificationMethod,
    VerifiedIdentity,
};
use idp_core::audit::{Action, AuditEvent};
use idp_core::id::CaseId;
use idp_store::{Opened, PromotionOrder, Renewal, Word};
use idp_verify::CardData;
use serde_json::json;

use super::ask::{ANSWER_LIFETIME, Again, Verdict, card_again, consult, identity_of, limits};
use super::card::read_card;
use super::review;
use super::stopped::{self, stop};
use crate::account::not_me::{self, Disputed};
use crate::account::post_office::{Posting, post as seal_letter};
use crate::account::proof::{self, Demand, Destination, Proof};
use crate::error::AppError;
use crate::extract::{Member, Posted, Visitor};
use crate::mail::Letter;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::lang::Lang;
use crate::view::page::{CardForm, StoppedKind, VerifyCardPage};
use crate::view::text::Text;

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor) -> Result<Response, AppError> {
    let member = match renewable(&app, &visitor).await? {
        Ok(member) => member,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let profile = &member.account.profile;
    let form = CardForm {
        first_name: profile.first_name.as_str().to_owned(),
        last_name: profile.last_name.as_str().to_owned(),
        ..CardForm::default()
    };
    Ok(show(&app, &visitor, &member, form, FieldErrors::none(), None))
}

/// POST.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let member = match renewable(&app, visitor).await? {
        Ok(member) => member,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let mut errors = FieldErrors::none();
    let (card, typed) = read_card(&app, &form, &mut errors);
    let (Some(card), true) = (card, errors.is_empty()) else {
        return Ok(show(&app, visitor, &member, typed, errors, None));
    };
    match ask(&app, visitor, &member, card).await? {
        Renewed::Done(response) => Ok(response),
        Renewed::Again(again) => {
            let (error, errors) = card_again(again);
            Ok(show(&app, visitor, &member, typed, errors, error))
        }
    }
}

/// The permanent member who has just proven that it is they; everybody else is led elsewhere.
///
/// # Errors
/// When the store is down.
pub async fn may_renew(app: &App, visitor: &Visitor) -> Result<Result<Member, Response>, AppError> {
    renewable(app, visitor).await
}

async fn renewable(app: &App, visitor: &Visitor) -> Result<Result<Member, Response>, AppError> {
    let Some(member) = &visitor.member else { return Ok(Err(visitor.go(urls::LOGIN))) };
    if member.account.badge().is_none() {
        return Ok(Err(visitor.go(urls::VERIFY)));
    }
    if member.account.access(visitor.now) != Access::Full {
        return Ok(Err(visitor.go(urls::PROFILE)));
    }
    Ok(match proof::ask(app, visitor, Demand::Member, Destination::Renew).await? {
        Proof::Given(member) => Ok(member),
        Proof::Missing(elsewhere) => Err(elsewhere),
    })
}

enum Renewed {
    Done(Response),
    Again(Again),
}

async fn ask(app: &App, visitor: &Visitor, member: &Member, card: CardData) -> Result<Renewed, AppError> {
    let account = &member.account.account;
    let limits = limits(app, visitor);
    let case = VerificationCase {
        id: CaseId::make(&*app.chance),
        account_id: account.id,
        method: VerificationMethod::CivilRegistry,
        outcome: CaseOutcome::Asked,
        opened_at: visitor.now,
        closed_at: None,
    };
    let event = |action| {
        AuditEvent::by_member(visitor.now, account.id, action)
            .session(member.session.id)
            .from(visitor.origin.to_string())
    };
    let asked = event(Action::VerificationAsked).detail(json!({ "case": case.id, "renewal": true }));
    let index = app.vault.number_index(&card.number);
    let opened = app.store.open_case(&case, index, &visitor.origin_bucket(), limits, &[asked]).await?;
    if let Opened::TooMany { again_at } = opened {
        let again = crate::account::words::moment(again_at, visitor.lang);
        return Ok(Renewed::Done(stop(app, visitor, StoppedKind::TriesUsedUp { again }, None).await));
    }
    let settled = |code: &str| event(Action::VerificationSettled).detail(json!({ "case": case.id, "code": code }));
    // Another's number is no business of this account: the registry is not even asked about it.
    if !app.store.holds_number(account.id, &card.number).await? {
        app.store.settle_case(case.id, CaseOutcome::Mismatch, visitor.now, &[settled("other_number")]).await?;
        return Ok(Renewed::Again(Again::Mismatch { left: app.store.tries_left(account.id, limits).await? }));
    }
    let verdict = match consult(app, &card, None).await {
        Ok(verdict) => verdict,
        Err(outage) => {
            app.store.settle_case(case.id, CaseOutcome::Unavailable, app.now(), &[settled(outage.code())]).await?;
            return Ok(Renewed::Done(stopped::unavailable(app, visitor, member, None).await));
        }
    };
    let answered_at = app.now();
    let session = app.store.session_by_cookie(&member.session.cookie).await?;
    let still_here = session.is_some_and(|session| session.is_alive(answered_at, app.session_limits()));
    if !still_here || answered_at - visitor.now > ANSWER_LIFETIME {
        app.store.settle_case(case.id, CaseOutcome::Discarded, answered_at, &[settled("late")]).await?;
        return Ok(Renewed::Done(visitor.go(urls::LOGIN)));
    }
    match verdict {
        Verdict::Match { reference } => {
            let method = VerificationMethod::CivilRegistry;
            let ial = app.assurance.level(method).as_str().to_owned();
            let vouched = Vouched { method, ial, reference, words: "registry" };
            renew(app, visitor, member, &case, identity_of(card), vouched).await.map(Renewed::Done)
        }
        Verdict::Other { outcome, code } => {
            app.store.settle_case(case.id, outcome, answered_at, &[settled(code)]).await?;
            match outcome {
                CaseOutcome::Deceased => {
                    // The register says that the holder of this account's own number has died, and somebody uses it. It is
                    // frozen until an officer has looked, since registers err as well.
                    app.store.freeze(account.id, answered_at, &[event(Action::HolderDeceased)], &[]).await?;
                    tracing::warn!(account.id = %account.id, "the registry says that a permanent member has died");
                    Ok(Renewed::Done(stop(app, visitor, StoppedKind::Deceased, None).await))
                }
                CaseOutcome::Incomplete => Ok(Renewed::Again(Again::Incomplete)),
                CaseOutcome::CardInvalid => Ok(Renewed::Done(stop(app, visitor, StoppedKind::CardInvalid, None).await)),
                _ => Ok(Renewed::Again(Again::Mismatch { left: app.store.tries_left(account.id, limits).await? })),
            }
        }
        // No mailbox was given, so the directory was not asked.
        Verdict::NotInDirectory { code, .. } => {
            app.store.settle_case(case.id, CaseOutcome::StaffNotFound, answered_at, &[settled(code)]).await?;
            Ok(Renewed::Done(stop(app, visitor, StoppedKind::StaffNotFound, None).await))
        }
    }
}

/// Who vouches for names and birth date now.
pub(super) struct Vouched {
    /// How.
    pub(super) method: VerificationMethod,
    /// At which level.
    pub(super) ial: String,
    /// The reference of the answer.
    pub(super) reference: String,
    /// The method's word in the letter.
    pub(super) words: &'static str,
}

/// Writes the renewal; or has an officer look, when names or birth date are not those that the badge was given for
/// (decision 0032).
pub(super) async fn renew(
    app: &App,
    visitor: &Visitor,
    member: &Member,
    case: &VerificationCase,
    identity: VerifiedIdentity,
    vouched: Vouched,
) -> Result<Response, AppError> {
    let (account, now) = (&member.account.account, app.now());
    let Some(old) = account.badge() else { return Ok(visitor.go(urls::PROFILE)) };
    if app.store.identity(account.id).await?.is_none_or(|before| !before.agrees_with(&identity)) {
        return ask_an_officer(app, visitor, member, case, identity, vouched).await;
    }
    let badge = renewed_badge(old, (vouched.method, vouched.ial), vouched.reference, now);
    let (link, not_me_url) = not_me::objection(app, account.id, Disputed::Verification, now);
    let letter = Letter::Verified {
        name: format!("{} {}", identity.first_name.as_str(), identity.last_name.as_str()),
        method_key: vouched.words.to_owned(),
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
    let event = |action| {
        AuditEvent::by_member(now, account.id, action)
            .session(member.session.id)
            .from(visitor.origin.to_string())
            .detail(json!({ "case": case.id, "code": "renewed", "ial": badge.ial }))
    };
    let order = PromotionOrder {
        case_id: case.id,
        account_id: account.id,
        identity: &identity,
        badge: &badge,
        since: now,
        links: &[link],
        held_events: &[],
        held_mails: &[],
        word: Word::Registry { held: None },
    };
    let events = [event(Action::VerificationSettled), event(Action::BadgeRenewed)];
    if app.store.renew_badge(order, now, &events, &[mail]).await? == Renewal::Renewed {
        app.mail_queued.notify_one();
    }
    Ok(visitor.go(urls::PROFILE))
}

/// The attempt is settled and waits for an officer: until then name and badge are those of before.
async fn ask_an_officer(
    app: &App,
    visitor: &Visitor,
    member: &Member,
    case: &VerificationCase,
    identity: VerifiedIdentity,
    vouched: Vouched,
) -> Result<Response, AppError> {
    let now = app.now();
    let outcome = CaseOutcome::NameChanged;
    let settled = AuditEvent::by_member(now, member.account.account.id, Action::VerificationSettled)
        .session(member.session.id)
        .from(visitor.origin.to_string())
        .detail(json!({ "case": case.id, "outcome": outcome.as_str(), "code": outcome.as_str() }));
    let evidence = ReviewEvidence {
        identity,
        mailbox: None,
        reference: Some(vouched.reference),
        vouched: Some((vouched.method, vouched.ial)),
    };
    let opened = review::new(app, case, ReviewKind::NameChanged, evidence);
    let (event, mail) = review::announce(app, visitor, member, &opened, now);
    app.store.settle_for_review(outcome, &opened, now, &[settled, event], &[mail]).await?;
    app.mail_queued.notify_one();
    // The page of one's own says how it stands.
    Ok(visitor.go(urls::PROFILE))
}

/// The badge after a renewal, by whoever vouches for it now.
pub(crate) fn renewed_badge(
    old: &Badge,
    (method, ial): (VerificationMethod, Assurance),
    reference: String,
    at: DateTime<Utc>,
) -> Badge {
    match old.method {
        // The level is that of the evidence there is now, be it lower than before.
        VerificationMethod::CivilRegistry | VerificationMethod::Thaid => Badge { method, ial, reference, at },
        // The office of ministry personnel was confirmed before and is not asked about: its evidence is named with the new.
        VerificationMethod::StaffDirectory => Badge {
            method: old.method,
            ial: old.ial.clone(),
            reference: format!("{reference} ({})", old.reference),
            at,
        },
    }
}

fn show(
    app: &App,
    visitor: &Visitor,
    member: &Member,
    form: CardForm,
    errors: FieldErrors,
    error: Option<Text>,
) -> Response {
    let fine = errors.is_empty() && error.is_none();
    let page = VerifyCardPage {
        shell: visitor.shell(),
        staff: false,
        renew: true,
        thaid: app.thaid.is_some().then(|| format!("{}?for=renew", urls::THAID_BEGIN)),
        lost: false,
        errors,
        error,
        account_email: member.account.email.as_str().to_owned(),
        form,
        request: None,
    };
    let status = if fine { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    visitor.dress(page.render_response(status).into_response())
}
