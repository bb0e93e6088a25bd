//! Client applications: the list, one of them, and what is done with it.

mod ask;
mod edit;
mod form;
mod list;
mod new;
mod one;
mod secret;
mod snippet;
mod state;
pub(super) mod words;

pub(super) use ask::post as ask;
pub(super) use edit::{get as edit_page, post as edit};
pub(super) use list::{get as list, is_unused};
pub(super) use new::{get as new_page, post as create};
pub(super) use one::get as one;
pub(super) use secret::post as rotate_secret;
pub(super) use state::post as change_state;

use std::sync::Arc;

use idp_core::audit::AuditEvent;
use idp_core::client::Client;
use idp_core::id::ClientId;

use super::OnDuty;
use crate::error::AppError;
use crate::state::App;

/// The client of an address, when the person on duty may do for it what they came for. Another department's is refused in
/// the same words whether it is there or not.
async fn find(app: &App, duty: &OnDuty, id: &str) -> Result<Arc<Client>, AppError> {
    let id = ClientId::parse(id).ok_or_else(AppError::not_found)?;
    let client = app.store.client(&id).await?;
    duty.over(client.as_ref().and_then(|client| client.department.as_ref()))?;
    client.ok_or_else(AppError::not_found)
}

/// Puts `next` in the place of `old`.
///
/// # Errors
/// The page that says that somebody else was faster.
async fn replace(app: &App, old: &Client, next: &Client, event: AuditEvent) -> Result<(), AppError> {
    match app.store.replace_client(next, old.updated_at, &[event.client(&next.id)]).await? {
        true => Ok(()),
        false => Err(super::overtaken(&super::paths::client(&next.id))),
    }
}
