//! Pages of lists: how many on one, and where the next begins. A cursor is sealed for one list and one program.

use idp_core::cursor;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::problem::Problem;
use crate::admin::OnDuty;
use crate::state::App;

/// On a page unless somebody says otherwise.
const USUAL: u32 = 25;
/// On a page at most.
const MOST: u32 = 100;

/// How many, and from where on.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Paging {
    /// On one page: 1 to 100; 25 unless given.
    #[param(minimum = 1, maximum = 100)]
    pub(super) limit: Option<u32>,
    /// `next` of the page before.
    pub(super) cursor: Option<String>,
}

/// How many on one page.
pub(super) fn limit(wished: Option<u32>) -> Result<u32, Problem> {
    match wished {
        None => Ok(USUAL),
        Some(limit) if (1..=MOST).contains(&limit) => Ok(limit),
        Some(_) => Err(Problem::bad("limit is 1 to 100")),
    }
}

/// Where a page begins.
pub(super) fn begin<K: DeserializeOwned>(
    app: &App,
    duty: &OnDuty,
    list: &str,
    cursor: Option<&str>,
) -> Result<Option<K>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let place = cursor::open(&app.vault, &named(list), duty.id(), cursor);
    place.map(Some).ok_or_else(|| Problem::bad("the cursor is not one of this list"))
}

/// Where the next page begins.
pub(super) fn next(app: &App, duty: &OnDuty, list: &str, place: &impl Serialize) -> String {
    cursor::seal(&app.vault, &named(list), duty.id(), place, &*app.chance)
}

fn named(list: &str) -> String {
    format!("api/{list}")
}
