//! `/admin/client/{client_id}/state`: a draft comes into use, a client is stopped or goes on. Removal takes two people
//! (`ask.rs`).

use axum::extract::{Path, State};
use axum::response::Response;
use idp_core::audit::Action;
use idp_core::client::{Bilingual, Client, LifeStep};
use serde_json::json;

use super::{find, replace};
use crate::admin::{OnDuty, paths};
use crate::error::AppError;
use crate::extract::Posted;
use crate::state::App;

/// The longest note that members read.
const LONGEST: usize = 300;

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
    let status = client.status.after(step).map_err(|refusal| AppError::bad_request(refusal.to_string()))?;
    let note = |name| posted.field(name).trim().chars().take(LONGEST).collect::<String>();
    let notice = match step {
        LifeStep::Suspend => Some(Bilingual { th: note("note_th"), en: note("note_en") }),
        _ => None,
    };
    let next = Client { status, notice, updated_at: visitor.now, ..(*client).clone() };
    let event = duty
        .event(visitor, Action::ClientStateChanged)
        .detail(json!({ "from": client.status.as_str(), "to": status.as_str() }));
    replace(&app, &client, &next, event).await?;
    Ok(visitor.go(&paths::client(&next.id)))
}
