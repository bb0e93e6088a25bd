//! Client applications: the list, one of them, and what is done with it.

mod ask;
mod check;
mod edit;
mod form;
mod list;
mod logo;
mod new;
mod one;
mod secret;
mod snippet;
mod state;
mod trial;
pub(super) mod words;

pub(super) use ask::post as ask;
pub(super) use check::post as check;
pub(super) use edit::{get as edit_page, post as edit};
pub(crate) use list::Filter;
pub(super) use list::get as list;
pub(super) use new::{get as new_page, post as create};
pub(super) use one::get as one;
pub(super) use secret::{end_older as end_older_secrets, post as rotate_secret};
pub(super) use state::post as change_state;
pub(super) use trial::{answer as trial_answer, begin as begin_trial, page as trial_page};

use std::sync::Arc;

use axum::http::StatusCode;
use idp_core::admin::{Operation, program_id};
use idp_core::client::Client;
use idp_core::id::ClientId;

use super::OnDuty;
use super::members::looks_after;
use crate::clients::Refused;
use crate::error::AppError;
use crate::state::App;

/// The client of an address, when the person on duty may do for it what they came for. Another department's is refused in
/// the same words whether it is there or not.
pub(crate) async fn find(app: &App, duty: &OnDuty, id: &str) -> Result<Arc<Client>, AppError> {
    let id = ClientId::parse(id).ok_or_else(AppError::not_found)?;
    let client = app.store.client(&id).await?;
    duty.over(client.as_ref().and_then(|client| client.department.as_ref()))?;
    let client = client.ok_or_else(AppError::not_found)?;
    // S085: whoever holds a program's secret has its roles. So nobody but a super admin touches a program with roles, and
    // no program itself.
    if duty.operation != Operation::ClientsRead && !looks_after(app, duty, program_id(&client.id)).await? {
        return Err(super::gate::refused());
    }
    Ok(client)
}

/// The page of a refusal that no form can show.
fn refused(refused: Refused, here: &str) -> AppError {
    match refused {
        Refused::Overtaken => super::overtaken(here),
        Refused::Store(error) => error.into(),
        Refused::TooManySecrets(_) => {
            AppError::new(StatusCode::CONFLICT, "too_many_secrets", "cli-secret", "cli-secrets-many")
                .next(here, "adm-back")
        }
        // Somebody was faster, or its day is over: as the page shows now.
        Refused::NoOlderSecret => super::overtaken(here),
        Refused::IdTaken => AppError::internal("a random client_id is taken"),
        other => AppError::bad_request(other.to_string()),
    }
}
