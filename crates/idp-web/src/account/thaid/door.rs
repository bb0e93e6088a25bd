//! `/profile/security/thaid`: whether ThaID opens the account is its owner's to say.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::thaid;
use crate::account::factor_change::{self, Told};
use crate::account::profile;
use crate::account::proof::{self, Demand, Destination, Proof};
use crate::account::words;
use crate::error::AppError;
use crate::extract::{Posted, Visitor};
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::page::ThaidDoorPage;

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor) -> Result<Response, AppError> {
    thaid(&app)?;
    if let Err(elsewhere) = profile::at_home(&visitor) {
        return Ok(*elsewhere);
    }
    let member = match proof::ask(&app, &visitor, Demand::Member, Destination::ThaidDoor).await? {
        Proof::Given(member) => member,
        Proof::Missing(elsewhere) => return Ok(elsewhere),
    };
    // Whoever has not been verified has no number that could open anything.
    if member.account.badge().is_none() {
        return Ok(visitor.go(urls::SECURITY));
    }
    let closed_at = app.store.thaid_closed_at(member.account.account.id).await?;
    let page = ThaidDoorPage { shell: visitor.shell(), closed_since: closed_at.map(|at| words::day(at, visitor.lang)) };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// POST: `open` is `yes` or `no`.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    thaid(&app)?;
    let visitor = &form.visitor;
    let member = match proof::ask(&app, visitor, Demand::Member, Destination::ThaidDoor).await? {
        Proof::Given(member) => member,
        Proof::Missing(elsewhere) => return Ok(elsewhere),
    };
    if member.account.badge().is_some() {
        let prepared = |told| factor_change::prepare(&app, visitor, &member, told);
        let changed = match form.field("open") {
            "yes" => app.store.open_thaid(prepared(Told::ThaidOpened), visitor.now).await?,
            "no" => app.store.close_thaid(prepared(Told::ThaidClosed), visitor.now).await?,
            _ => false,
        };
        if changed {
            app.mail_queued.notify_one();
        }
    }
    Ok(visitor.go(urls::SECURITY))
}
