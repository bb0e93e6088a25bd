//! `/admin/client/{client_id}/state`: a draft comes into use, a client is stopped or goes on. Removal takes two people
//! (`ask.rs`).

use axum::extract::{Path, State};
use axum::response::Response;
use idp_core::client::{Bilingual, LifeStep};

use super::{find, refused};
use crate::admin::{OnDuty, paths};
use crate::clients::{ClientDesk, signs};
use crate::error::AppError;
use crate::extract::Posted;
use crate::state::App;

/// POST.
pub(in crate::admin) async fn post(
    State(app): State<App>,
    Path(id): Path<String>,
    duty: OnDuty,
    posted: Posted,
) -> Result<Response, AppError> {
    let visitor = &posted.visitor;
    let client = find(&app, &duty, &id).await?;
    let step = LifeStep::parse(posted.field("step"))
        .filter(|step| *step != LifeStep::Retire)
        .ok_or_else(|| AppError::bad_request("no such step"))?;
    let note = |name| posted.field(name).to_owned();
    let note = Bilingual { th: note("note_th"), en: note("note_en") };
    let signs = signs(&app);
    let next = ClientDesk::of(&app, &signs).step(&duty.hand, &client, step, Some(note)).await;
    let next = next.map_err(|why| refused(why, &paths::client(&client.id)))?;
    Ok(visitor.go(&paths::client(&next.id)))
}
