//! `/verify/thaid`: becoming a permanent member through ThaID, by the same rules as through the registry. What came back is
//! handed over by `account/thaid/callback.rs`.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::account::{Badge, CaseOutcome, VerificationCase, VerificationMethod, VerifiedIdentity};
use idp_core::audit::{Action, AuditEvent};
use idp_core::id::CaseId;
use idp_core::thai::BuddhistDate;
use idp_store::Opened;
use idp_verify::{ThaidPerson, Unavailable};
use serde_json::json;

use super::ask::{extend, limits, promote};
use super::renew::{Vouched, renew as renew_badge};
use super::stopped::{self, stop};
use super::verifiable;
use crate::error::AppError;
use crate::extract::{Member, Visitor};
use crate::oidc::authorize::{Waiting, leading_on};
use crate::oidc::pending::service_name;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::page::{StoppedKind, VerifyThaidPage};

/// GET: what ThaID will be asked, for which account.
pub async fn get(
    State(app): State<App>,
    visitor: Visitor,
    Query(waiting): Query<Waiting>,
) -> Result<Response, AppError> {
    if app.thaid.is_none() {
        return Err(AppError::not_found());
    }
    let request = waiting.handle();
    let member = match verifiable(&visitor, request) {
        Ok(member) => member,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let page = VerifyThaidPage {
        shell: visitor.shell_for(service_name(&app, &visitor, request).await),
        account_email: member.account.email.as_str().to_owned(),
        begin_href: urls::with_request(&format!("{}?for=verify", urls::THAID_BEGIN), request),
        back_href: urls::with_request(urls::VERIFY, request),
    };
    let page = page.render_response(StatusCode::OK).into_response();
    Ok(leading_on(&visitor, request, page))
}

/// The member came back as this person.
///
/// # Errors
/// When the store is down.
pub async fn by_thaid(
    app: &App,
    visitor: &Visitor,
    member: &Member,
    person: ThaidPerson,
    request: Option<&str>,
) -> Result<Response, AppError> {
    if let Err(elsewhere) = verifiable(visitor, request) {
        return Ok(elsewhere);
    }
    let (case, identity) = match open(app, visitor, member, &person, request).await? {
        Ok(opened) => opened,
        Err(stopped) => return Ok(stopped),
    };
    let badge =
        Badge { method: case.method, ial: person.ial.as_str().to_owned(), reference: person.reference, at: app.now() };
    promote(app, visitor, member, &case, identity, badge, request).await
}

/// A permanent member came back as this person, to have names and birth date confirmed anew.
///
/// # Errors
/// When the store is down.
pub async fn renew_by_thaid(
    app: &App,
    visitor: &Visitor,
    member: &Member,
    person: ThaidPerson,
) -> Result<Response, AppError> {
    if member.account.badge().is_none() {
        return Ok(visitor.go(urls::VERIFY));
    }
    let (case, identity) = match open(app, visitor, member, &person, None).await? {
        Ok(opened) => opened,
        Err(stopped) => return Ok(stopped),
    };
    // Another person's number is no business of this account.
    if !app.store.holds_number(member.account.account.id, &identity.number).await? {
        let event = AuditEvent::by_member(app.now(), member.account.account.id, Action::VerificationSettled)
            .session(member.session.id)
            .from(visitor.origin.to_string())
            .detail(json!({ "case": case.id, "code": "other_number" }));
        app.store.settle_case(case.id, CaseOutcome::Mismatch, app.now(), &[event]).await?;
        return Ok(stop(app, visitor, StoppedKind::SomebodyElse, None).await);
    }
    let vouched = Vouched {
        method: VerificationMethod::Thaid,
        ial: person.ial.as_str().to_owned(),
        reference: person.reference,
        words: "thaid",
    };
    renew_badge(app, visitor, member, &case, identity, vouched).await
}

/// ThaID cannot be asked: never a try, and nobody's membership ends for it.
///
/// # Errors
/// When the store is down.
pub async fn unavailable(
    app: &App,
    visitor: &Visitor,
    member: &Member,
    outage: Unavailable,
    request: Option<&str>,
) -> Result<Response, AppError> {
    tracing::warn!(outage = outage.code(), "ThaID cannot be asked");
    extend(app, visitor, member).await?;
    Ok(stopped::unavailable(app, visitor, member, request).await)
}

/// An attempt within its limits, and the identity it is about; or the page that says why there is none. Nothing has been
/// asked of anybody that could be counted before: that ThaID knows the person is no try of theirs, whose number it is may be.
async fn open(
    app: &App,
    visitor: &Visitor,
    member: &Member,
    person: &ThaidPerson,
    request: Option<&str>,
) -> Result<Result<(VerificationCase, VerifiedIdentity), Response>, AppError> {
    let said = person.identity.clone().ok_or_else(|| AppError::internal("ThaID was not asked for an identity"))?;
    let least = app.config.verification.minimum_age_years;
    let years = said.birth_date.full_years_at(BuddhistDate::on(visitor.now));
    if years.is_some_and(|years| years < least) {
        return Ok(Err(stop(app, visitor, StoppedKind::TooYoung, request).await));
    }
    let account = &member.account.account;
    let case = VerificationCase {
        id: CaseId::make(&*app.chance),
        account_id: account.id,
        method: VerificationMethod::Thaid,
        outcome: CaseOutcome::Asked,
        opened_at: visitor.now,
        closed_at: None,
    };
    let asked = AuditEvent::by_member(visitor.now, account.id, Action::VerificationAsked)
        .session(member.session.id)
        .from(visitor.origin.to_string())
        .detail(json!({ "case": case.id, "method": case.method, "reference": person.reference }));
    let index = app.vault.number_index(&person.number);
    let opened = app.store.open_case(&case, index, &visitor.origin_bucket(), limits(app, visitor), &[asked]).await?;
    if let Opened::TooMany { again_at } = opened {
        let again = crate::account::words::moment(again_at, visitor.lang);
        return Ok(Err(stop(app, visitor, StoppedKind::TriesUsedUp { again }, request).await));
    }
    let identity = VerifiedIdentity {
        number: person.number.clone(),
        first_name: said.first_name,
        last_name: said.last_name,
        birth_date: said.birth_date,
    };
    Ok(Ok((case, identity)))
}
