//! `/admin/reviews`: what waits for a person. It names nobody, so looking at it is no look at anybody.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::cursor;
use idp_store::{ReviewList, ReviewPlace};
use serde::Deserialize;

use super::super::names::colleague;
use super::super::parameters::Parameters;
use super::super::{OnDuty, paths};
use super::{kind, path_of, state};
use crate::account::words;
use crate::error::AppError;
use crate::extract::Visitor;
use crate::state::App;
use crate::view::Page as _;
use crate::view::page::admin::{ReviewRow, ReviewsPage};

const SEAL: &str = "reviews";
/// Reviews on a page.
const PAGE: u32 = 25;

/// Which list, and from where on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    list: Option<String>,
    at: Option<String>,
}

/// GET.
pub(super) async fn get(
    State(app): State<App>,
    duty: OnDuty,
    visitor: Visitor,
    Parameters(asked): Parameters<Asked>,
) -> Result<Response, AppError> {
    let no_such_place = || AppError::bad_request("the place is not one of this list").next(paths::REVIEWS, "rev-title");
    let (list, after) = match (asked.list.as_deref(), asked.at) {
        (None, None) => (ReviewList::Waiting, None),
        (Some("decided"), None) => (ReviewList::Decided, None),
        (None, Some(at)) => {
            let spot: (ReviewList, ReviewPlace) =
                cursor::open(&app.vault, SEAL, duty.id(), &at).ok_or_else(no_such_place)?;
            (spot.0, Some(spot.1))
        }
        _ => return Err(no_such_place()),
    };
    let (reviews, next) = app.store.reviews(list, after, PAGE).await?;
    let mut rows = Vec::with_capacity(reviews.len());
    for review in &reviews {
        rows.push(ReviewRow {
            href: path_of(review.id),
            kind: kind(review.kind),
            since: words::moment(review.opened_at, visitor.lang),
            state: state(&review.state, visitor.lang),
            officer: match review.officer() {
                Some(officer) => Some(colleague(&app, officer).await?),
                None => None,
            },
        });
    }
    let page = ReviewsPage {
        shell: visitor.shell(),
        console: duty.console(paths::REVIEWS),
        decided: list == ReviewList::Decided,
        rows,
        next: next.map(|place| {
            let at = cursor::seal(&app.vault, SEAL, duty.id(), &(list, place), &*app.chance);
            format!("{}?at={at}", paths::REVIEWS)
        }),
    };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}
