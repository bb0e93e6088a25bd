//! `/admin/client/{client_id}/edit`: what a client was asked for is changed; its secret and its place in life stay.

use axum::extract::{Path, State};
use axum::response::Response;
use idp_core::audit::Action;
use idp_core::client::{ClientDraft, ClientStatus};
use idp_core::resource::misfit;
use idp_core::secret::Secret;
use serde_json::json;

use super::{find, form, new, replace};
use crate::admin::{OnDuty, paths};
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
    let secret = Secret::make(&*app.chance);
    let asked = match form::judge(&app, &duty, &typed, ClientDraft::of(&client), &secret, visitor.now) {
        Ok(asked) => asked,
        Err(errors) => return Ok(new::show(&duty, visitor, Some(&client), typed, errors)),
    };
    let (next, made) = client.followed_by(asked, visitor.now);
    let others: Vec<_> = app.store.clients().await?.into_iter().filter(|other| other.id != client.id).collect();
    if let Some(what) = misfit(&next, &others) {
        let mut errors = FieldErrors::none();
        errors.add("may_call", Text::key("cli-bad-resource").with("what", what));
        return Ok(new::show(&duty, visitor, Some(&client), typed, errors));
    }
    let changed = changed(&client, &next);
    let event = duty.event(visitor, Action::ClientChanged).detail(json!({ "changed": changed }));
    replace(&app, &client, &next, event).await?;
    match made {
        true => Ok(new::done(&app, &duty, visitor, &next, Some(&secret), Text::key("cli-secret-title"))),
        false => Ok(visitor.go(&paths::client(&next.id))),
    }
}

/// The names of the settings that differ: the audit log says what was changed, the values are the client's own.
fn changed(old: &idp_core::client::Client, next: &idp_core::client::Client) -> Vec<String> {
    let object = |client| match serde_json::to_value(client) {
        Ok(serde_json::Value::Object(members)) => members,
        _ => serde_json::Map::new(),
    };
    let (old, next) = (object(old), object(next));
    next.into_iter()
        .filter(|(name, value)| name != "updated_at" && old.get(name) != Some(value))
        .map(|(name, _)| name)
        .collect()
}
