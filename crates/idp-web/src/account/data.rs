//! `/profile/data`: everything held about oneself, to read and to keep, and who has seen it.
//!
//! The file and the page give the same: `docs/download.md` describes it, and `idp_core::privacy::held` lists it.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, SecondsFormat, Utc};
use idp_core::account::{Access, Account};
use idp_core::audit::{Action, AuditEvent};
use idp_core::id::SessionId;
use idp_core::privacy::held::Kind;
use idp_store::{HeldRows, Space};
use serde_json::{Map, Value, json};

use super::about::form_of;
use super::proof::{self, Demand, Destination, Proof};
use super::receipt::as_file;
use super::{seen, words};
use crate::error::AppError;
use crate::extract::{Posted, Visitor};
use crate::portrait;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::page::{DataPage, HeldLine, HeldPage, HeldSection};
use crate::view::text;

/// So often in an hour everything may be asked for: it reads every table.
const COPIES: u64 = 10;
const COPIES_WINDOW: Duration = Duration::from_secs(3600);
/// The version of the file's form; it changes when a program that reads it would have to.
const SCHEMA: &str = "moc-account-personal-data/1";

/// GET. Also for who may do nothing else any more but verify, delete or lift a restriction: the right does not end before
/// the data does.
pub async fn get(State(app): State<App>, visitor: Visitor) -> Result<Response, AppError> {
    let Some(member) = visitor.member.clone() else { return Ok(visitor.go(urls::LOGIN)) };
    let account = &member.account.account;
    if account.access(visitor.now) == Access::Barred {
        return Ok(visitor.go(urls::PROFILE));
    }
    let page = DataPage { shell: visitor.shell(), seen: seen::newest(&app, &visitor, account.id).await? };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// POST `/profile/data/download`: everything as JSON.
pub async fn download(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let (account, session) = match allowed(&app, visitor).await? {
        Ok(member) => (member.account.clone(), member.session.id),
        Err(elsewhere) => return Ok(elsewhere),
    };
    let account = &account.account;
    let sections = take(&app, visitor, account, session, "file").await?;
    let mut body = Map::new();
    body.insert("schema".to_owned(), SCHEMA.into());
    body.insert("issuer".to_owned(), app.issuer().into());
    body.insert("made_at".to_owned(), in_utc(visitor.now).into());
    body.insert("account_id".to_owned(), account.id.to_string().into());
    for section in sections {
        let mut rows: Vec<Value> = section.rows.into_iter().map(Value::Object).collect();
        if section.held.section == "identity" {
            rows = identity(&app, account, rows).await?;
        }
        body.insert(section.held.section.to_owned(), rows.into());
    }
    Ok(visitor.dress(as_file(&Value::Object(body), "moc-account-personal-data.json")))
}

/// GET `/profile/data/all`: the same to be read.
pub async fn all(State(app): State<App>, visitor: Visitor) -> Result<Response, AppError> {
    let (account, session) = match allowed(&app, &visitor).await? {
        Ok(member) => (member.account.clone(), member.session.id),
        Err(elsewhere) => return Ok(elsewhere),
    };
    let account = &account.account;
    let mut sections = vec![profile(&app, account, &visitor)];
    for section in take(&app, &visitor, account, session, "page").await? {
        let mut rows: Vec<Vec<HeldLine>> = section.rows.iter().map(|row| lines(&section, row, &visitor)).collect();
        if section.held.section == "identity"
            && let (Some(row), Some(identity)) = (rows.first_mut(), app.store.identity(account.id).await?)
        {
            row.push(HeldLine { label: "profile-number", value: identity.number.masked() });
            let name = format!("{} {}", identity.first_name.as_str(), identity.last_name.as_str());
            row.push(HeldLine { label: "held-name", value: name });
            row.push(HeldLine { label: "card-birth", value: words::date(&identity.birth_date, visitor.lang) });
        }
        rows.retain(|row| !row.is_empty());
        sections.push(HeldSection { label: section.held.label, rows });
    }
    let page = HeldPage { shell: visitor.shell(), sections, made_at: words::moment(visitor.now, visitor.lang) };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// The member, when they have proven within five minutes that it is they; or where they are sent to prove it.
async fn allowed(app: &App, visitor: &Visitor) -> Result<Result<crate::extract::Member, Response>, AppError> {
    Ok(match proof::ask(app, visitor, Demand::Member, Destination::Data).await? {
        Proof::Missing(elsewhere) => Err(elsewhere),
        Proof::Given(member) if member.account.account.access(visitor.now) == Access::Barred => {
            Err(visitor.go(urls::PROFILE))
        }
        Proof::Given(member) => Ok(member),
    })
}

/// Reads everything, and writes down that it was asked for.
async fn take(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    session: SessionId,
    form: &'static str,
) -> Result<Vec<HeldRows>, AppError> {
    let key = format!("personal-data:{}", account.id);
    if app.short_lived.count(Space::Rate, &key, COPIES_WINDOW).await? > COPIES {
        return Err(AppError::too_many());
    }
    let event = AuditEvent::by_member(visitor.now, account.id, Action::PersonalDataTaken)
        .session(session)
        .from(visitor.origin.to_string())
        .detail(json!({ "form": form }));
    app.store.record(&[event]).await?;
    let mut sections = app.store.held_about(account.id).await?;
    // Where an official sat when they looked is the official's.
    for row in sections.iter_mut().filter(|section| section.held.section == "log").flat_map(|log| &mut log.rows) {
        if row.get("actor").and_then(Value::as_str) == Some("staff") {
            row.remove("origin");
            row.remove("session_id");
        }
    }
    Ok(sections)
}

/// What was matched, opened for its owner.
async fn identity(app: &App, account: &Account, rows: Vec<Value>) -> Result<Vec<Value>, AppError> {
    let Some(identity) = app.store.identity(account.id).await? else { return Ok(rows) };
    let matched_at = rows.first().and_then(|row| row.get("matched_at")).cloned();
    Ok(vec![json!({
        "number": identity.number.digits(),
        "first_name": identity.first_name.as_str(),
        "last_name": identity.last_name.as_str(),
        "birth_date": identity.birth_date.birthdate_claim(),
        "matched_at": matched_at,
    })])
}

/// The profile and the badge in the words of the other pages.
fn profile(app: &App, account: &Account, visitor: &Visitor) -> HeldSection {
    let (profile, lang) = (&account.profile, visitor.lang);
    let said = |key| text::get(lang, key).to_owned();
    let shown = form_of(&account.about);
    let mut row = vec![
        HeldLine { label: "reg-title-name", value: profile.title.as_thai().to_owned() },
        HeldLine { label: "held-name", value: profile.full_name() },
        HeldLine { label: "held-name-en", value: profile.full_name_en().unwrap_or_default() },
        HeldLine { label: "reg-sex", value: said(words::sex(profile.sex)) },
        HeldLine { label: "card-birth", value: words::date(&profile.birth_date, lang) },
        HeldLine {
            label: "profile-phone",
            value: profile.phone.as_ref().map(idp_core::phone::PhoneNumber::shown).unwrap_or_default(),
        },
        HeldLine { label: "reg-ptype", value: said(words::personnel_type(profile.personnel_type)) },
        HeldLine { label: "reg-org", value: profile.organization.clone() },
        HeldLine { label: "reg-dept", value: profile.department.clone() },
        HeldLine { label: "reg-pos", value: profile.position.clone() },
        HeldLine { label: "about-nickname", value: shown.nickname },
        HeldLine { label: "about-username", value: shown.username },
        HeldLine { label: "about-profile", value: shown.profile },
        HeldLine { label: "about-website", value: shown.website },
        HeldLine { label: "about-picture", value: portrait::address(app, account).unwrap_or_default() },
        HeldLine { label: "profile-membership", value: words::membership_in_words(account, lang) },
    ];
    if let Some(badge) = account.badge() {
        row.push(HeldLine { label: "done-method", value: said(words::method(badge.method)) });
        row.push(HeldLine { label: "held-level", value: badge.ial.clone() });
        row.push(HeldLine { label: "held-reference", value: badge.reference.clone() });
        row.push(HeldLine { label: "held-at", value: words::moment(badge.at, lang) });
    }
    row.retain(|line| !line.value.is_empty());
    HeldSection { label: "profile-data", rows: vec![row] }
}

/// A row for people: what has a name for them.
fn lines(section: &HeldRows, row: &Map<String, Value>, visitor: &Visitor) -> Vec<HeldLine> {
    let columns = section.held.columns.iter().filter(|column| !column.label.is_empty());
    columns
        .filter_map(|column| {
            let value = shown(row.get(column.name)?, column.kind, visitor);
            (!value.is_empty()).then_some(HeldLine { label: column.label, value })
        })
        .collect()
}

fn shown(value: &Value, kind: Kind, visitor: &Visitor) -> String {
    match (kind, value) {
        (Kind::Time, Value::String(text)) => match DateTime::parse_from_rfc3339(text) {
            Ok(at) => words::moment(at.to_utc(), visitor.lang),
            Err(_) => text.clone(),
        },
        (Kind::Truth, Value::Bool(true)) => text::get(visitor.lang, "held-yes").to_owned(),
        (Kind::Truth, Value::Bool(false)) => text::get(visitor.lang, "held-no").to_owned(),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Object(object)) => {
            let part = |(name, value): (&String, &Value)| match value {
                Value::String(text) => format!("{name}: {text}"),
                other => format!("{name}: {other}"),
            };
            object.iter().map(part).collect::<Vec<_>>().join(" · ")
        }
        (_, other) => other.to_string(),
    }
}

fn in_utc(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
