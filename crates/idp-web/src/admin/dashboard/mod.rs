//! `/admin/dashboard`: numbers about sign-ins, registrations, verifications, answers and deliveries, from rows that were
//! added up when they were written.

mod answers;
mod csv;
mod numbers;
mod plots;

pub(super) use csv::get as csv;

use std::collections::HashMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::client::is_unused;
use idp_core::figures::Range;
use serde::Deserialize;

use super::parameters::Parameters;
use super::{OnDuty, paths};
use crate::account::words;
use crate::error::AppError;
use crate::extract::Visitor;
use crate::figures::Endpoint;
use crate::state::App;
use crate::view::Page as _;
use crate::view::page::admin::{DashboardPage, EndpointRow, RangeLink, Tile};
use crate::view::plot::grouped;
use crate::view::text::Text;
use answers::Answered;
use numbers::{DRAWN, Numbers};

/// What is shown.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    range: Option<String>,
    endpoint: Option<String>,
}

impl Asked {
    fn read(&self) -> Result<(Range, Option<Endpoint>), AppError> {
        let range = match self.range.as_deref() {
            None => Range::default(),
            Some(text) => Range::parse(text).ok_or_else(|| AppError::bad_request("there is no such range"))?,
        };
        let known = |text: &str| Endpoint::ALL.iter().copied().find(|endpoint| endpoint.as_str() == text);
        let endpoint = match self.endpoint.as_deref() {
            None | Some("") => None,
            Some(text) => Some(known(text).ok_or_else(|| AppError::bad_request("there is no such endpoint"))?),
        };
        Ok((range, endpoint))
    }
}

/// GET.
pub(super) async fn get(
    State(app): State<App>,
    duty: OnDuty,
    visitor: Visitor,
    Parameters(asked): Parameters<Asked>,
) -> Result<Response, AppError> {
    let (range, endpoint) = asked.read()?;
    let numbers = Numbers::read(&app, range, &DRAWN, visitor.now).await?;
    let answered = Answered::read(&app, &numbers, endpoint).await?;
    let lang = visitor.lang;
    let page = DashboardPage {
        shell: visitor.shell(),
        console: duty.console(paths::DASHBOARD),
        ranges: Range::ALL.map(|one| RangeLink {
            href: href(one, endpoint),
            label: Text::key(range_word(one)),
            current: one == range,
        }),
        tiles: tiles(&numbers),
        unused: unused(&app, &visitor).await?,
        unused_days: app.config.clients.unused_after_days,
        unused_href: format!("{}?only=unused", paths::CLIENTS),
        people: plots::people(&numbers, lang),
        deliveries: plots::deliveries(&numbers, lang),
        answers: plots::answers(&numbers, &answered, lang),
        endpoint: endpoint.map(Endpoint::as_str),
        all_href: href(range, None),
        endpoints: endpoints(&answered, range),
        csv: format!("{}?range={}", paths::DASHBOARD_CSV, range.as_str()),
        taken: words::moment(visitor.now, lang),
    };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

fn href(range: Range, endpoint: Option<Endpoint>) -> String {
    let endpoint = endpoint.map_or(String::new(), |endpoint| format!("&endpoint={}", endpoint.as_str()));
    format!("{}?range={}{endpoint}", paths::DASHBOARD, range.as_str())
}

fn range_word(range: Range) -> &'static str {
    match range {
        Range::Day => "dash-range-day",
        Range::Week => "dash-range-week",
        Range::Month => "dash-range-month",
        Range::Year => "dash-range-year",
    }
}

/// What matters most, as numbers.
fn tiles(numbers: &Numbers) -> Vec<Tile> {
    use idp_core::figures::{MEMBERS, SIGN_INS, WAITING};
    let tile =
        |id, label, value: u64, alarming: bool| Tile { id, label: Text::key(label), value: grouped(value), alarming };
    let ending: u64 = numbers.ahead.iter().map(|(_, count)| count).sum();
    let waiting = |label| numbers.last(WAITING, label).unwrap_or(0);
    vec![
        tile("sign-ins", "dash-tile-sign-ins", numbers.sum(SIGN_INS, "signed_in"), false),
        tile("permanent", "dash-tile-permanent", numbers.last(MEMBERS, "permanent").unwrap_or(0), false),
        tile("temporary", "dash-tile-temporary", numbers.last(MEMBERS, "temporary").unwrap_or(0), false),
        tile("ending", "dash-tile-ending", ending, false),
        tile("mails-waiting", "dash-tile-mails", waiting("mails"), waiting("mails") > 1_000),
        tile("notices-waiting", "dash-tile-notices", waiting("notices"), waiting("notices") > 1_000),
    ]
}

/// Services in use by nobody for a long time.
async fn unused(app: &App, visitor: &Visitor) -> Result<usize, AppError> {
    let used: HashMap<_, _> = app.store.clients_last_used().await?.into_iter().collect();
    let clients = app.store.clients().await?;
    let after = app.config.clients.unused_after();
    let unused = clients.iter().filter(|client| is_unused(client, used.get(&client.id).copied(), after, visitor.now));
    Ok(unused.count())
}

/// What each endpoint answered, those with the most requests first.
fn endpoints(answered: &Answered, range: Range) -> Vec<EndpointRow> {
    let mut rows: Vec<(u64, EndpointRow)> = Endpoint::ALL
        .iter()
        .map(|endpoint| (*endpoint, answered.of(*endpoint)))
        .filter(|(_, answers)| answers.all() > 0)
        .map(|(endpoint, answers)| {
            let all = answers.all();
            let share = |count: u64| format!("{:.2}", count as f64 * 100.0 / all as f64);
            let within = |share| answers.within(share).map_or("–".to_owned(), |ms| grouped(ms.into()));
            let row = EndpointRow {
                name: endpoint.as_str(),
                href: format!("{}#answers", href(range, Some(endpoint))),
                requests: grouped(all),
                refused: share(answers.of_class(4)),
                failed: share(answers.of_class(5)),
                failing: answers.of_class(5) > 0,
                p50: within(50),
                p95: within(95),
                p99: within(99),
            };
            (all, row)
        })
        .collect();
    rows.sort_by_key(|(all, _)| std::cmp::Reverse(*all));
    rows.into_iter().map(|(_, row)| row).collect()
}
