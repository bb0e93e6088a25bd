//! `/admin/client/{client_id}/edit`: what a client was asked for is changed; its secret and its place in life stay.

use axum::extract::{Path, State};
use axum::response::Response;
use idp_core::client::{ClientDraft, ClientStatus};

use super::{find, form, new, refused};
use crate::admin::{OnDuty, paths};
use crate::clients::{ClientDesk, Refused, signs};
use crate::error::AppError;
use crate::extract::{Posted, Visitor};
use crate::state::App;
use crate::view::field::FieldErrors;
use crate::view::text::Text;

/// GET.
pub(in crate::admin) async fn get(
    State(app): State<App>,
    Path(id): Path<String>,
    duty: OnDuty,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let client = find(&app, &duty, &id).await?;
    Ok(new::show(&duty, &visitor, Some(&client), form::filled(&client), FieldErrors::none()))
}

/// POST.
pub(in crate::admin) async fn post(
    State(app): State<App>,
    Path(id): Path<String>,
    duty: OnDuty,
    posted: Posted,
) -> Result<Response, AppError> {
    let visitor = &posted.visitor;
    let client = find(&app, &duty, &id).await?;
    if client.status == ClientStatus::Retired {
        return Ok(visitor.go(&paths::client(&client.id)));
    }
    let typed = form::typed(&posted);
    let mut errors = FieldErrors::none();
    let draft = form::draft(&duty, &typed, ClientDraft::of(&client), &mut errors);
    let signs = signs(&app);
    let desk = ClientDesk::of(&app, &signs);
    if !errors.is_empty() {
        form::judge(&desk, draft, Some(&client), &mut errors, visitor.now);
        return Ok(new::show(&duty, visitor, Some(&client), typed, errors));
    }
    match desk.change(&duty.hand, &client, draft).await {
        Ok(made) => match &made.secret {
            Some(secret) => {
                Ok(new::done(&app, &duty, visitor, &made.client, Some(secret), Text::key("cli-secret-title")))
            }
            None => Ok(visitor.go(&paths::client(&client.id))),
        },
        Err(Refused::Faults(faults)) => {
            form::tell(&faults, &mut errors);
            Ok(new::show(&duty, visitor, Some(&client), typed, errors))
        }
        Err(other) => Err(refused(other, &paths::client(&client.id))),
    }
}
