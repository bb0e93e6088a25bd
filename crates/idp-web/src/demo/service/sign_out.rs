//! Signing out: here first, then at the provider, and back.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;

use super::{
    Desk, Frame, SIGNED_OUT_PATH, go,
    me::{Guarded, signed_in},
    with_cookie,
};
use crate::demo::page::Speaks;

/// `POST /sign-out`: the session here ends whatever the provider does; then RP-Initiated Logout 1.0.
pub(super) async fn leave(
    State(desk): State<Arc<Desk>>,
    Speaks(lang): Speaks,
    headers: HeaderMap,
    Form(form): Form<Guarded>,
) -> Response {
    let Some((visit, seated)) = signed_in(&desk, &headers, &form) else { return go("/") };
    match desk.provider.sign_out(&seated.person, lang).await {
        Some((url, state)) => {
            let visit = desk.visits.leave(visit, Some(state));
            with_cookie(go(url.as_str()), &desk.service.cookie(&visit))
        }
        None => {
            let visit = desk.visits.leave(visit, None);
            with_cookie(go(SIGNED_OUT_PATH), &desk.service.cookie(&visit))
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Back {
    state: Option<String>,
}

/// `GET /signed-out`: back from the provider, or here only.
pub(super) async fn left(
    State(desk): State<Arc<Desk>>,
    Speaks(lang): Speaks,
    headers: HeaderMap,
    back: Result<Query<Back>, QueryRejection>,
) -> Response {
    let state = back.ok().and_then(|Query(back)| back.state);
    let everywhere = match (desk.visit(&headers), state) {
        (Some(visit), Some(state)) => desk.visits.signed_out(visit, &state),
        _ => false,
    };
    desk.page(StatusCode::OK, &SignedOutPage { frame: desk.frame(lang), everywhere })
}

#[derive(Template)]
#[template(path = "demo/service_signed_out.html")]
struct SignedOutPage<'a> {
    frame: Frame<'a>,
    everywhere: bool,
}
