//! `/profile/security`: what the member signs in with, since when, when it was last used, and what to do about it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::account::{Account, LOST_FACTOR_REMOVAL_LIFETIME, LostFactorStage};

use super::{profile, words};
use crate::error::AppError;
use crate::extract::Visitor;
use crate::state::App;
use crate::view::Page as _;
use crate::view::page::{FactorRow, SecurityPage, ThaidRow};

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor) -> Result<Response, AppError> {
    let member = match profile::at_home(&visitor) {
        Ok(member) => member,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let account = &member.account.account;
    let factors = app.store.factors(account.id).await?;
    let password_set_at = app.store.password_set_at(account.id).await?.unwrap_or(account.registered_at);
    let thaid = match app.thaid.is_some() && member.account.badge().is_some() {
        false => None,
        true => {
            let closed_at = app.store.thaid_closed_at(account.id).await?;
            Some(ThaidRow { closed_since: closed_at.map(|at| words::day(at, visitor.lang)) })
        }
    };
    let page = SecurityPage {
        shell: visitor.shell(),
        password_since: words::day(password_set_at, visitor.lang),
        totp: factors.totp.map(|totp| FactorRow {
            since: words::day(totp.since, visitor.lang),
            last_used: totp.last_used_at.map(|at| words::moment(at, visitor.lang)),
        }),
        thaid,
        passkeys: app.passkeys.is_some().then_some(factors.passkeys),
        codes_left: factors.has_strong().then_some(factors.recovery_codes),
        removal: removal_of_factors(&app, &visitor, account).await?,
    };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// The day on which every second factor may be removed, while somebody waits for that. The letter about it may lie in a
/// mailbox that nobody opens.
pub(super) async fn removal_of_factors(
    app: &App,
    visitor: &Visitor,
    account: &Account,
) -> Result<Option<String>, AppError> {
    Ok(match app.store.lost_factor(account.id).await? {
        Some(LostFactorStage::Waiting { until }) if visitor.now < until + LOST_FACTOR_REMOVAL_LIFETIME => {
            Some(words::moment(until, visitor.lang))
        }
        _ => None,
    })
}
