//! `/admin/audit`: who did what, and that nobody changed it afterwards.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use idp_core::admin::{Operation, program_id};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::id::{AccountId, ClientId};
use idp_store::{AuditFault, AuditFilter, AuditLine, LinesCheck};
use serde::Deserialize;
use serde_json::json;

use super::cursor::Cursors;
use super::parameters::Parameters;
use super::{OnDuty, day, paths};
use crate::account::words;
use crate::clients::Hand;
use crate::error::AppError;
use crate::extract::{Posted, Visitor};
use crate::state::App;
use crate::view::Page as _;
use crate::view::page::admin::{AuditForm, AuditPage, AuditRow};
use crate::view::text::Text;

/// Lines on a page.
const LINES: u32 = 50;
/// Lines in a file at most: more than anybody reads; the command line has no such bound.
const MOST: usize = 50_000;

/// What is looked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    actor: Option<String>,
    account: Option<String>,
    action: Option<String>,
    client: Option<String>,
    from: Option<String>,
    until: Option<String>,
    after: Option<String>,
}

/// GET.
pub(super) async fn get(
    State(app): State<App>,
    duty: OnDuty,
    visitor: Visitor,
    Parameters(asked): Parameters<Asked>,
) -> Result<Response, AppError> {
    let cursors = Cursors::of(&app, "audit");
    let before: Option<i64> = cursors.read(asked.after.as_deref())?;
    let given = |text: Option<String>| text.unwrap_or_default().trim().to_owned();
    let form = AuditForm {
        actor: actor(&app, given(asked.actor)).await?,
        account: given(asked.account),
        action: given(asked.action),
        client: given(asked.client),
        from: day::read(&given(asked.from)),
        until: day::read(&given(asked.until)),
    };
    let filter = filter(&form)?;
    let found = app.store.audit_lines(&filter, before, LINES + 1).await?;
    let shown = &found[..found.len().min(LINES as usize)];
    let next = match (shown.last(), found.len() > shown.len()) {
        (Some(last), true) => Some(href(&form, &cursors.after(&last.seq))),
        _ => None,
    };
    // Before anything is shown.
    app.store.record(&looks(&app, &duty.hand, &filter, shown).await?).await?;
    let check = app.store.check_lines(shown).await?;
    let page = AuditPage {
        shell: visitor.shell(),
        console: duty.console(paths::AUDIT),
        rows: shown.iter().map(|line| row(line, &visitor)).collect(),
        next,
        broken: broken(check),
        sealed: match check {
            LinesCheck::Sound { sealed, .. } => sealed,
            LinesCheck::Broken(_) => 0,
        },
        waiting: match check {
            LinesCheck::Sound { waiting, .. } => waiting,
            LinesCheck::Broken(_) => 0,
        },
        // Lines far apart are under more seals than a page can wait for.
        unchecked: match check {
            LinesCheck::Sound { unchecked, .. } => unchecked,
            LinesCheck::Broken(_) => 0,
        },
        may_export: duty.staff.may(Operation::AuditExport),
        most: MOST,
        form: AuditForm {
            from: day::shown(&form.from, visitor.lang),
            until: day::shown(&form.until, visitor.lang),
            ..form
        },
    };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// POST `/admin/audit/export`: the lines as a file of CSV, oldest first. That it was taken away is written down, and told to
/// the members in it.
pub(super) async fn export(State(app): State<App>, duty: OnDuty, posted: Posted) -> Result<Response, AppError> {
    let text = |name| posted.field(name).trim().to_owned();
    let form = AuditForm {
        actor: actor(&app, text("actor")).await?,
        account: text("account"),
        action: text("action"),
        client: text("client"),
        from: day::read(&text("from")),
        until: day::read(&text("until")),
    };
    let filter = filter(&form)?;
    let (mut lines, mut after) = (Vec::new(), 0);
    while lines.len() < MOST {
        let found = app.store.audit_lines_from(&filter, after, 1000).await?;
        let Some(last) = found.last() else { break };
        after = last.seq;
        lines.extend(found);
    }
    let whole = lines.len() < MOST || app.store.audit_lines_from(&filter, after, 1).await?.is_empty();
    let mut events = looks(&app, &duty.hand, &filter, &lines).await?;
    events.push(duty.event(Action::AuditExported).detail(json!({ "lines": lines.len(), "whole": whole })));
    app.store.record(&events).await?;
    let mut csv = format!("{}\r\n", COLUMNS.join(","));
    lines.iter().for_each(|line| csv.push_str(&csv_line(line)));
    // Whoever reads the file alone must see that it is not all.
    if !whole {
        csv.push_str(&cut_off(after));
    }
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static(match whole {
                true => "attachment; filename=\"audit.csv\"",
                false => "attachment; filename=\"audit-incomplete.csv\"",
            }),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((StatusCode::OK, headers, csv).into_response())
}

/// The last line of a file that ends before the log does, after the number `after`.
fn cut_off(after: i64) -> String {
    let told = format!(
        "NOT COMPLETE: a file holds {MOST} lines, and more fit after number {after}. Narrow it by day, or use idp audit export"
    );
    format!("\"\",\"\",\"\",\"\",\"incomplete\",\"\",\"\",\"\",\"\",\"{told}\"\r\n")
}

/// A look for every member in `lines`, and for the one who was looked for, whatever was found: when they did what, and from
/// which network address. Officials who see what is written about themselves are told nothing new.
pub(crate) async fn looks(
    app: &App,
    hand: &Hand,
    filter: &AuditFilter,
    lines: &[AuditLine],
) -> Result<Vec<AuditEvent>, AppError> {
    let mut members: BTreeSet<AccountId> = lines.iter().flat_map(members).collect();
    if let Some(sought) = filter.account
        && app.store.account(sought).await?.is_some()
    {
        members.insert(sought);
    }
    if let Actor::Staff(oneself) | Actor::Program(oneself) = hand.actor {
        members.remove(&oneself);
    }
    let look = |id| hand.event(Action::PersonalDataSeen).account(id).detail(json!({ "what": "audit" }));
    Ok(members.into_iter().map(look).collect())
}

/// Whom a line is about, and who did it when it was a member.
fn members(line: &AuditLine) -> impl Iterator<Item = AccountId> {
    let actor = line.actor_id.filter(|_| line.actor == "member");
    line.account_id.into_iter().chain(actor)
}

/// The columns of a file.
pub(crate) const COLUMNS: [&str; 10] =
    ["seq", "at", "actor", "actor_id", "action", "account_id", "client_id", "session_id", "origin", "detail"];

/// One line of a file: quoted, and nothing that a spreadsheet would run (S095).
pub(crate) fn csv_line(line: &AuditLine) -> String {
    let id = |id: Option<String>| id.unwrap_or_default();
    let cells = [
        line.seq.to_string(),
        line.at.to_rfc3339(),
        line.actor.clone(),
        id(line.actor_id.map(|id| id.to_string())),
        line.action.clone(),
        id(line.account_id.map(|id| id.to_string())),
        id(line.client_id.as_ref().map(ToString::to_string)),
        id(line.session_id.map(|id| id.to_string())),
        id(line.origin.clone()),
        id(line.detail.clone()),
    ];
    let cells = cells.map(|cell| {
        let dangerous = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        format!("\"{}{}\"", if dangerous { "'" } else { "" }, cell.replace('"', "\"\""))
    });
    format!("{}\r\n", cells.join(","))
}

/// Who is looked for as the one who did it: a program's client_id stands for the id under which it acts.
pub(crate) async fn actor(app: &App, typed: String) -> Result<String, AppError> {
    let Some(client) = ClientId::parse(&typed).filter(|_| AccountId::parse(&typed).is_none()) else { return Ok(typed) };
    Ok(match app.store.client(&client).await? {
        Some(client) => program_id(&client.id).to_string(),
        None => typed,
    })
}

/// What a filter asks for.
pub(crate) fn filter(form: &AuditForm) -> Result<AuditFilter, AppError> {
    let bad = |what: &str| AppError::bad_request(format!("{what} is not what it should be"));
    let account = |text: &str, what| match text {
        "" => Ok(None),
        text => AccountId::parse(text).map(Some).ok_or_else(|| bad(what)),
    };
    let known = |text: &&str| text.len() <= 64 && text.bytes().all(|b| b.is_ascii_lowercase() || b"._".contains(&b));
    Ok(AuditFilter {
        actor: account(&form.actor, "actor")?,
        account: account(&form.account, "account")?,
        client: match form.client.as_str() {
            "" => None,
            text => Some(ClientId::parse(text).ok_or_else(|| bad("client"))?),
        },
        action: match form.action.as_str() {
            "" => None,
            text => Some(Some(text).filter(known).ok_or_else(|| bad("action"))?.to_owned()),
        },
        from: day::beginning(&form.from).map_err(|()| bad("from"))?,
        until: day::beginning(&form.until).map_err(|()| bad("until"))?.map(|day| day + TimeDelta::days(1)),
    })
}

fn href(form: &AuditForm, cursor: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in form.fields() {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    format!("{}?{}", paths::AUDIT, query.append_pair("after", cursor).finish())
}

fn broken(check: LinesCheck) -> Option<Text> {
    match check {
        LinesCheck::Sound { .. } => None,
        LinesCheck::Broken(AuditFault::Seal { number } | AuditFault::Rows { number }) => {
            Some(Text::key("aud-broken").with("n", number))
        }
        LinesCheck::Broken(AuditFault::Added { seq }) => Some(Text::key("aud-added").with("n", seq)),
    }
}

fn row(line: &AuditLine, visitor: &Visitor) -> AuditRow {
    AuditRow {
        seq: line.seq,
        at: words::moment(line.at, visitor.lang),
        action: line.action.clone(),
        actor: line.actor.clone(),
        actor_id: line.actor_id.map(|id| id.to_string()),
        account: line.account_id.map(|id| id.to_string()),
        client: line.client_id.as_ref().map(ToString::to_string),
        origin: line.origin.clone(),
        detail: line.detail.clone(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn a_file_that_is_not_all_ends_in_a_line_that_says_so() {
        let line = cut_off(4711);
        assert!(line.contains("4711") && line.contains("50000 lines") && line.ends_with("\r\n"), "{line}");
        assert_eq!(line.matches("\",\"").count() + 1, COLUMNS.len());
    }

    #[test]
    fn s095_no_cell_of_the_file_is_run_by_a_spreadsheet() {
        let line = AuditLine {
            seq: 1,
            at: DateTime::UNIX_EPOCH,
            actor: "staff".to_owned(),
            actor_id: None,
            action: "client.changed".to_owned(),
            account_id: None,
            client_id: ClientId::parse("-1_2"),
            session_id: None,
            origin: Some("=cmd|' /C calc'!A1".to_owned()),
            detail: Some("{\"a\":\"b\"}".to_owned()),
        };
        let text = csv_line(&line);
        assert!(text.contains("\"'=cmd|"), "{text}");
        assert!(text.contains("\"'-1_2\""), "{text}");
        assert!(text.contains("\"{\"\"a\"\":\"\"b\"\"}\""), "{text}");
        assert!(text.ends_with("\r\n"));
    }
}
