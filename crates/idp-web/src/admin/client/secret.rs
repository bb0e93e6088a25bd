//! `/admin/client/{client_id}/secret`: a new secret, shown once; the one before works for another day. A page that is loaded
//! anew makes one more, and ends none: `/admin/client/{client_id}/secret-older` does, where somebody else may know it.

use axum::extract::{Path, State};
use axum::response::Response;

use super::{find, new, refused};
use crate::admin::{OnDuty, paths};
use crate::clients::{ClientDesk, signs};
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
    let signs = signs(&app);
    let made = ClientDesk::of(&app, &signs).rotate(&duty.hand, &client).await;
    let made = made.map_err(|why| refused(why, &paths::client(&client.id)))?;
    Ok(new::done(&app, &duty, visitor, &made.client, made.secret.as_ref(), Text::key("cli-secret-title")))
}

/// POST `…/secret-older`: the secrets before the one in use end at once.
pub(in crate::admin) async fn end_older(
    State(app): State<App>,
    Path(id): Path<String>,
    duty: OnDuty,
    posted: Posted,
) -> Result<Response, AppError> {
    let client = find(&app, &duty, &id).await?;
    let signs = signs(&app);
    let here = paths::client(&client.id);
    ClientDesk::of(&app, &signs).revoke_older(&duty.hand, &client).await.map_err(|why| refused(why, &here))?;
    Ok(posted.visitor.go(&here))
}
