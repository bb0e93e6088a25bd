//! `POST /admin/clients/check`: what is wrong with a form as far as it is typed, by the rules that judge it when it is sent.
//! Registers nothing, and writes nothing down.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use idp_core::id::ClientId;

use super::form;
use crate::admin::OnDuty;
use crate::clients::settings::new_draft;
use crate::clients::{ClientDesk, signs};
use crate::extract::Posted;
use crate::state::App;
use crate::view::field::FieldErrors;
use crate::view::text::format;

/// POST: each faulty field with what to do about it. Which of them its author has come to yet is the page's to know.
pub(in crate::admin) async fn post(State(app): State<App>, duty: OnDuty, posted: Posted) -> Response {
    let visitor = &posted.visitor;
    let mut errors = FieldErrors::none();
    let begun = new_draft(ClientId::make(&*app.chance));
    let draft = form::draft(&duty, &form::typed(&posted), begun, &mut errors);
    let signs = signs(&app);
    form::judge(&ClientDesk::of(&app, &signs), draft, None, &mut errors, visitor.now);
    let told: BTreeMap<&str, String> = errors.iter().map(|(field, text)| (field, format(visitor.lang, text))).collect();
    ([(header::CACHE_CONTROL, "no-store")], Json(told)).into_response()
}
