//! `/admin/client/{client_id}/edit`: what a client was asked for is changed; its secret and its place in life stay.

use axum::extract::{Path, State};
use axum::response::Response;
use idp_core::client::{ClientDraft, ClientStatus};

use super::new::Origin;
use super::{find, form, logo, new, refused};
use crate::admin::{OnDuty, again, paths};
use crate::clients::{ClientDesk, Refused, signs};
use crate::error::AppError;
use crate::extract::{PostedWithFile, Visitor};
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
    let kept = again::typed_before(&app, &duty, &visitor, &paths::client_edit(&client.id)).await?;
    let filled = match &kept {
        Some(fields) => (Origin::Kept, form::kept(fields)),
        None => (Origin::Fresh, form::filled(&client)),
    };
    Ok(new::show(&duty, &visitor, Some(&client), filled, FieldErrors::none()))
}

/// POST.
pub(in crate::admin) async fn post(
    State(app): State<App>,
    Path(id): Path<String>,
    duty: OnDuty,
    mut sent: PostedWithFile,
) -> Result<Response, AppError> {
    let client = find(&app, &duty, &id).await?;
    if client.status == ClientStatus::Retired {
        return Ok(sent.posted.visitor.go(&paths::client(&client.id)));
    }
    let mut errors = FieldErrors::none();
    let logo = logo::read(&mut sent, &mut errors).await;
    let visitor = &sent.posted.visitor;
    let typed = form::typed(&sent.posted);
    let draft = form::draft(&duty, &typed, ClientDraft::of(&client), &mut errors);
    let signs = signs(&app);
    let desk = ClientDesk::of(&app, &signs);
    if !errors.is_empty() {
        form::judge(&desk, draft, Some(&client), &mut errors, visitor.now);
        return Ok(new::show(&duty, visitor, Some(&client), (Origin::Fresh, typed), errors));
    }
    match desk.change(&duty.hand, &client, draft).await {
        Ok(made) => {
            let here = paths::client(&client.id);
            let kept = logo::keep(&app, &duty, made.client, logo).await?;
            match (&made.secret, kept) {
                // The secret is shown this once, whatever became of the logo.
                (Some(secret), kept) => {
                    let shown = kept.unwrap_or_else(|| client.as_ref().clone());
                    Ok(new::done(&app, &duty, visitor, &shown, Some(secret), Text::key("cli-secret-title")))
                }
                (None, Some(_)) => Ok(visitor.go(&here)),
                (None, None) => Err(refused(Refused::Overtaken, &here)),
            }
        }
        Err(Refused::Faults(faults)) => {
            form::tell(&faults, &mut errors);
            Ok(new::show(&duty, visitor, Some(&client), (Origin::Fresh, typed), errors))
        }
        Err(other) => Err(refused(other, &paths::client(&client.id))),
    }
}
