//! `/admin/traffic`: the traffic log, for whoever must answer a lawful request. Each look has a reason, is written down, and
//! is told to the members it shows; a file is written down as well.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use idp_core::audit::{Action, AuditEvent};
use idp_core::id::AccountId;
use idp_core::reason::Reason;
use idp_store::{TrafficFilter, TrafficLine};
use serde_json::json;
use uuid::Uuid;

use super::cursor::Cursors;
use super::parameters::{Nothing, Parameters};
use super::{OnDuty, day, paths};
use crate::account::words;
use crate::error::AppError;
use crate::extract::{Posted, Visitor};
use crate::proxy::origin_network;
use crate::state::App;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::page::admin::{TrafficForm, TrafficPage, TrafficRow};
use crate::view::text::Text;

/// Lines on a page.
const LINES: u32 = 50;
/// Lines in a file at most: a longer time is taken in parts.
const MOST: usize = 50_000;

/// What was typed, judged.
struct Sought {
    filter: TrafficFilter,
    reason: Reason,
}

/// GET: nothing is shown before somebody has said why.
pub(super) async fn get(duty: OnDuty, visitor: Visitor, _: Parameters<Nothing>) -> Response {
    show(&duty, &visitor, TrafficForm::default(), FieldErrors::none(), None, None)
}

/// POST: a page of lines.
pub(super) async fn post(State(app): State<App>, duty: OnDuty, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let typed = typed(&form);
    let Sought { filter, reason } = match sought(&typed) {
        Ok(sought) => sought,
        Err(errors) => return Ok(show(&duty, visitor, typed, errors, None, None)),
    };
    let cursors = Cursors::of(&app, "traffic");
    let before: Option<(DateTime<Utc>, Uuid)> = cursors.read(form.given("after"))?;
    let found = app.store.traffic(&filter, before, LINES + 1).await?;
    let shown = &found[..found.len().min(LINES as usize)];
    let next = match (shown.last(), found.len() > shown.len()) {
        (Some(last), true) => Some(cursors.after(&(last.at, last.id))),
        _ => None,
    };
    let mut events = looks(&duty, shown, &reason);
    events.push(searched(&duty, Action::TrafficSeen, &filter, &reason, shown.len()));
    // Before anything is shown.
    app.store.record(&events).await?;
    let rows = shown.iter().map(|line| row(line, visitor)).collect();
    Ok(show(&duty, visitor, typed, FieldErrors::none(), Some(rows), next))
}

/// POST `/admin/traffic/export`: the lines as a file of CSV, the newest first.
pub(super) async fn export(State(app): State<App>, duty: OnDuty, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let typed = typed(&form);
    let Sought { filter, reason } = match sought(&typed) {
        Ok(sought) => sought,
        Err(errors) => return Ok(show(&duty, visitor, typed, errors, None, None)),
    };
    let (mut lines, mut before) = (Vec::new(), None);
    while lines.len() < MOST {
        let found = app.store.traffic(&filter, before, 1000).await?;
        let Some(last) = found.last() else { break };
        before = Some((last.at, last.id));
        lines.extend(found);
    }
    let mut events = looks(&duty, &lines, &reason);
    events.push(searched(&duty, Action::TrafficExported, &filter, &reason, lines.len()));
    app.store.record(&events).await?;
    let mut csv = "at,endpoint,method,status,account_id,session_id,client_id,address,port\r\n".to_owned();
    lines.iter().for_each(|line| csv.push_str(&csv_line(line)));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"traffic.csv\"")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((StatusCode::OK, headers, csv).into_response())
}

fn typed(form: &Posted) -> TrafficForm {
    let text = |name| form.field(name).trim().to_owned();
    TrafficForm {
        account: text("account"),
        address: text("address"),
        from: day::read(&text("from")),
        until: day::read(&text("until")),
        reason: text("reason"),
    }
}

/// An account or an address, or a time: never everything there is.
fn sought(typed: &TrafficForm) -> Result<Sought, FieldErrors> {
    let mut errors = FieldErrors::none();
    let account = match typed.account.as_str() {
        "" => None,
        text => AccountId::parse(text).or_else(|| {
            errors.add("account", Text::key("trf-bad-account"));
            None
        }),
    };
    let address = match typed.address.as_str() {
        "" => None,
        text => match text.parse::<std::net::IpAddr>() {
            Ok(address) => Some(address.to_canonical().to_string()),
            Err(_) => {
                errors.add("address", Text::key("trf-bad-address"));
                None
            }
        },
    };
    let mut moment = |name, text: &str| {
        day::beginning(text).unwrap_or_else(|()| {
            errors.add(name, Text::key("trf-bad-day"));
            None
        })
    };
    let from = moment("from", &typed.from);
    let until = moment("until", &typed.until).map(|day| day + TimeDelta::days(1));
    let reason = Reason::parse(&typed.reason).map_err(|error| errors.add("reason", Text::key(error.message_key())));
    if errors.is_empty() && account.is_none() && address.is_none() && from.is_none() {
        errors.add("account", Text::key("trf-too-wide"));
    }
    match reason {
        Ok(reason) if errors.is_empty() => {
            Ok(Sought { filter: TrafficFilter { account, address, from, until }, reason })
        }
        _ => Err(errors),
    }
}

/// A line for every member who is shown.
fn looks(duty: &OnDuty, lines: &[TrafficLine], reason: &Reason) -> Vec<AuditEvent> {
    let members: BTreeSet<AccountId> = lines.iter().filter_map(|line| line.account_id).collect();
    let look = |id| {
        let detail = json!({ "what": "traffic", "reason": reason.as_str() });
        duty.event(Action::PersonalDataSeen).account(id).detail(detail)
    };
    members.into_iter().map(look).collect()
}

fn searched(duty: &OnDuty, action: Action, filter: &TrafficFilter, reason: &Reason, lines: usize) -> AuditEvent {
    duty.event(action).detail(json!({
        "reason": reason.as_str(),
        "lines": lines,
        "sought_account": filter.account.map(|id| id.to_string()),
        // The log keeps what is sought for longer than addresses may be kept.
        "sought_network": filter.address.as_deref().and_then(|text| text.parse().ok()).map(origin_network),
        "from": filter.from,
        "until": filter.until,
    }))
}

fn row(line: &TrafficLine, visitor: &Visitor) -> TrafficRow {
    TrafficRow {
        at: words::moment(line.at, visitor.lang),
        what: format!("{} {} {}", line.endpoint, line.method, line.status),
        account: line.account_id.map(|id| id.to_string()),
        session: line.session_id.map(|id| id.to_string()),
        client: line.client_id.as_ref().map(ToString::to_string),
        from: source(line),
    }
}

fn source(line: &TrafficLine) -> String {
    match line.port {
        Some(port) if line.address.contains(':') => format!("[{}]:{port}", line.address),
        Some(port) => format!("{}:{port}", line.address),
        None => line.address.clone(),
    }
}

/// Ids, words of ours, addresses and numbers: none of them begins like what a spreadsheet runs but a client's id.
fn csv_line(line: &TrafficLine) -> String {
    let id = |id: Option<String>| id.unwrap_or_default();
    let client = id(line.client_id.as_ref().map(ToString::to_string));
    let client = if client.starts_with('-') { format!("'{client}") } else { client };
    let cells = [
        line.at.to_rfc3339(),
        line.endpoint.clone(),
        line.method.clone(),
        line.status.to_string(),
        id(line.account_id.map(|id| id.to_string())),
        id(line.session_id.map(|id| id.to_string())),
        client,
        line.address.clone(),
        id(line.port.map(|port| port.to_string())),
    ];
    format!("\"{}\"\r\n", cells.join("\",\""))
}

fn show(
    duty: &OnDuty,
    visitor: &Visitor,
    form: TrafficForm,
    errors: FieldErrors,
    rows: Option<Vec<TrafficRow>>,
    next: Option<String>,
) -> Response {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let form = TrafficForm {
        from: day::shown(&form.from, visitor.lang),
        until: day::shown(&form.until, visitor.lang),
        ..form
    };
    let page = TrafficPage { shell: visitor.shell(), console: duty.console(paths::TRAFFIC), form, errors, rows, next };
    visitor.dress(page.render_response(status).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_looks_at_everything_or_without_a_reason() {
        let form = |account: &str, address: &str, from: &str, reason: &str| TrafficForm {
            account: account.to_owned(),
            address: address.to_owned(),
            from: from.to_owned(),
            until: String::new(),
            reason: reason.to_owned(),
        };
        let check = |form: TrafficForm, faulty: &[&str]| {
            let errors = sought(&form).err();
            for name in faulty {
                assert!(errors.as_ref().is_some_and(|errors| errors.get(name).is_some()), "{form:?} {name}");
            }
            assert_eq!(errors.is_none(), faulty.is_empty(), "{form:?}");
        };
        check(form("", "", "", "order 12/2569"), &["account"]);
        check(form("", "198.51.100.9", "", ""), &["reason"]);
        check(form("x", "y", "z", "order 12/2569"), &["account", "address", "from"]);
        check(form("", "::ffff:198.51.100.9", "", "order 12/2569"), &[]);
        check(form("", "", "2026-11-23", "order 12/2569"), &[]);
    }
}
