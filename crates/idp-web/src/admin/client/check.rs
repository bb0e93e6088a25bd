//! `POST /admin/clients/check`: what is wrong with a form as far as it is typed, by the rules that judge it when it is sent.
//! Registers nothing, and writes nothing down.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use idp_core::client::ClientDraft;
use idp_core::id::ClientId;

use super::{find, form};
use crate::admin::OnDuty;
use crate::clients::settings::new_draft;
use crate::clients::{ClientDesk, signs};
use crate::error::AppError;
use crate::extract::Posted;
use crate::state::App;
use crate::view::field::FieldErrors;
use crate::view::text::format;

/// POST: each faulty field with what to do about it. Which of them its author has come to yet is the page's to know.
pub(in crate::admin) async fn post(State(app): State<App>, duty: OnDuty, posted: Posted) -> Result<Response, AppError> {
    let visitor = &posted.visitor;
    let mut errors = FieldErrors::none();
    // What a form does not show stays as it is with a client that there is, and counts.
    let client = match posted.given("client") {
        Some(id) => Some(find(&app, &duty, id).await?),
        None => None,
    };
    let begun = client.as_deref().map_or_else(|| new_draft(ClientId::make(&*app.chance)), ClientDraft::of);
    let draft = form::draft(&duty, &form::typed(&posted), begun, &mut errors);
    let signs = signs(&app);
    form::judge(&ClientDesk::of(&app, &signs), draft, client.as_deref(), &mut errors, visitor.now);
    let told: BTreeMap<&str, String> = errors.iter().map(|(field, text)| (field, format(visitor.lang, text))).collect();
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(told)).into_response())
}
