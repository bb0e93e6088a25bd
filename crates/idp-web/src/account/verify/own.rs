//! Whoever lost their second factor shows that a permanent member's account is theirs: the registry is asked as at the
//! verification, and the number has to be the account's own. Nothing about the account changes by it.

use idp_core::account::{Account, CaseOutcome, VerificationCase, VerificationMethod};
use idp_core::audit::{Action, AuditEvent};
use idp_core::id::CaseId;
use idp_store::Opened;
use idp_verify::CardData;
use serde_json::json;

use super::ask::{ANSWER_LIFETIME, Again, Verdict, card_again, consult, limits};
use super::card::read_card;
use crate::account::words;
use crate::error::AppError;
use crate::extract::{Posted, Visitor};
use crate::state::App;
use crate::view::field::FieldErrors;
use crate::view::page::CardForm;
use crate::view::text::Text;

/// What came of asking.
pub(in crate::account) enum Own {
    /// It is they.
    Proven,
    /// The form again, and why.
    Again(Option<Text>, FieldErrors),
    /// The answer came too late, or the account was stopped.
    Gone,
}

/// The card as typed, and as it is understood when nothing is wrong with it.
pub(in crate::account) fn read(app: &App, form: &Posted, errors: &mut FieldErrors) -> (Option<CardData>, CardForm) {
    read_card(app, form, errors)
}

/// Asks the registry about the account's own number.
///
/// # Errors
/// When the store is down.
pub(in crate::account) async fn prove(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    card: &CardData,
) -> Result<Own, AppError> {
    let limits = limits(app, visitor);
    let case = VerificationCase {
        id: CaseId::make(&*app.chance),
        account_id: account.id,
        method: VerificationMethod::CivilRegistry,
        outcome: CaseOutcome::Asked,
        opened_at: visitor.now,
        closed_at: None,
    };
    let event = |action| AuditEvent::by_member(visitor.now, account.id, action).from(visitor.origin.to_string());
    let asked = event(Action::VerificationAsked).detail(json!({ "case": case.id, "lost_factor": true }));
    let index = app.vault.number_index(&card.number);
    if let Opened::TooMany { again_at } =
        app.store.open_case(&case, index, &visitor.origin_bucket(), limits, &[asked]).await?
    {
        let text = Text::key("lost-tries").with("moment", words::moment(again_at, visitor.lang));
        return Ok(Own::Again(Some(text), FieldErrors::none()));
    }
    let settled = |code: &str| event(Action::VerificationSettled).detail(json!({ "case": case.id, "code": code }));
    // Another's number is no business of this account: the registry is not even asked about it.
    if !app.store.holds_number(account.id, &card.number).await? {
        app.store.settle_case(case.id, CaseOutcome::Mismatch, visitor.now, &[settled("other_number")]).await?;
        let (error, errors) = card_again(Again::Mismatch { left: app.store.tries_left(account.id, limits).await? });
        return Ok(Own::Again(error, errors));
    }
    let verdict = match consult(app, card, None).await {
        Ok(verdict) => verdict,
        Err(outage) => {
            app.store.settle_case(case.id, CaseOutcome::Unavailable, app.now(), &[settled(outage.code())]).await?;
            return Ok(Own::Again(Some(Text::key("lost-down")), FieldErrors::none()));
        }
    };
    let now = app.now();
    if now - visitor.now > ANSWER_LIFETIME {
        app.store.settle_case(case.id, CaseOutcome::Discarded, now, &[settled("late")]).await?;
        return Ok(Own::Gone);
    }
    let (outcome, code) = match verdict {
        Verdict::Match { .. } => (CaseOutcome::Verified, "own_again"),
        Verdict::Other { outcome, code } => (outcome, code),
        // Not asked: no mailbox was given.
        Verdict::NotInDirectory { code, .. } => (CaseOutcome::StaffNotFound, code),
    };
    if !app.store.settle_case(case.id, outcome, now, &[settled(code)]).await? {
        return Ok(Own::Gone);
    }
    let again = match outcome {
        CaseOutcome::Verified => return Ok(Own::Proven),
        CaseOutcome::Deceased => {
            // As at a renewal: the register says that the holder has died, and somebody uses the account.
            app.store.freeze(account.id, now, &[event(Action::HolderDeceased)], &[]).await?;
            tracing::warn!(account.id = %account.id, "the registry says that a permanent member has died");
            return Ok(Own::Gone);
        }
        CaseOutcome::CardInvalid => {
            return Ok(Own::Again(Some(Text::key("lost-card-invalid")), FieldErrors::none()));
        }
        CaseOutcome::Incomplete => Again::Incomplete,
        _ => Again::Mismatch { left: app.store.tries_left(account.id, limits).await? },
    };
    let (error, errors) = card_again(again);
    Ok(Own::Again(error, errors))
}
