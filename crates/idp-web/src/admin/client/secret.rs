//! `/admin/client/{client_id}/secret`: a new secret, shown once; the one before works for another day.

use axum::extract::{Path, State};
use axum::response::Response;
use idp_core::audit::Action;
use idp_core::client::{Client, ClientStatus};
use idp_core::secret::Secret;

use super::{find, new, replace};
use crate::admin::OnDuty;
use crate::error::AppError;
use crate::extract::Posted;
use crate::state::App;
use crate::view::text::Text;

/// POST.
pub(in crate::admin) async fn post(
    State(app): State<App>,
    Path(id): Path<String>,
    duty: OnDuty,
    posted: Posted,
) -> Result<Response, AppError> {
    let visitor = &posted.visitor;
    let client = find(&app, &duty, &id).await?;
    let secret = Secret::make(&*app.chance);
    let rotated = client.authentication.clone().rotated(&secret, visitor.now);
    let authentication = rotated
        .filter(|_| client.status != ClientStatus::Retired)
        .ok_or_else(|| AppError::bad_request("this client has no secret"))?;
    let next = Client { authentication, updated_at: visitor.now, ..(*client).clone() };
    replace(&app, &client, &next, duty.event(visitor, Action::ClientSecretRotated)).await?;
    Ok(new::done(&app, &duty, visitor, &next, Some(&secret), Text::key("cli-secret-title")))
}
