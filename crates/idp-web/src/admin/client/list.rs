//! `/admin/clients`: what there is, with what should be seen at a glance.

use std::collections::HashMap;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use idp_core::admin::{Department, Operation};
use idp_core::client::{Client, ClientStatus};
use idp_core::id::ClientId;
use serde::Deserialize;

use super::words::{self as client_words, status};
use crate::account::words;
use crate::admin::cursor::{Cursors, PAGE};
use crate::admin::{OnDuty, paths};
use crate::error::AppError;
use crate::extract::Visitor;
use crate::oidc::pending::in_lang;
use crate::state::App;
use crate::view::Page as _;
use crate::view::console;
use crate::view::lang::Lang;
use crate::view::page::admin::{ClientFilter, ClientRow, ClientsPage};
use crate::view::text::Text;

/// A client that nobody was given anything through for so long is unused.
pub(super) const UNUSED_AFTER: TimeDelta = TimeDelta::days(90);

/// What is looked for.
#[derive(Deserialize)]
pub(in crate::admin) struct Asked {
    q: Option<String>,
    status: Option<String>,
    department: Option<String>,
    only: Option<String>,
    after: Option<String>,
}

/// GET.
pub(in crate::admin) async fn get(
    State(app): State<App>,
    duty: OnDuty,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    let cursors = Cursors::of(&app, "clients");
    let after: Option<ClientId> = cursors.read(asked.after.as_deref())?;
    let filter = Filter::read([&asked.q, &asked.status, &asked.department, &asked.only])?;
    let last_used: HashMap<ClientId, DateTime<Utc>> = app.store.clients_last_used().await?.into_iter().collect();
    let used = |client: &Client| last_used.get(&client.id).copied();
    let (page, more) = filter.page(&app, &duty, after.as_ref(), PAGE as usize).await?;
    let next = page.last().filter(|_| more).map(|last| filter.href(&cursors.after(&last.id)));
    let rows = page.iter().map(|client| row(client, used(client), visitor.now, visitor.lang)).collect();
    let page = ClientsPage {
        shell: visitor.shell(),
        console: duty.console(paths::CLIENTS),
        rows,
        next,
        filter: filter.shown(),
        statuses: ClientStatus::ALL.map(|known| (known.as_str(), Text::key(status(known)))).to_vec(),
        departments: console::departments(visitor.lang),
        may_create: duty.staff.may(Operation::ClientCreate),
    };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// What is looked for, read.
pub(crate) struct Filter {
    words: String,
    status: Option<ClientStatus>,
    department: Option<Department>,
    only: Option<Only>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Only {
    Weak,
    Unused,
}

impl Filter {
    /// Reads words, status, department and `only`.
    pub(crate) fn read([words, status, department, only]: [&Option<String>; 4]) -> Result<Self, AppError> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let bad = |what: &str| AppError::bad_request(format!("{what} is not one of those offered"));
        Ok(Self {
            words: given(words).unwrap_or_default().trim().chars().take(100).collect::<String>().to_lowercase(),
            status: given(status).map(|word| ClientStatus::parse(&word).ok_or_else(|| bad("status"))).transpose()?,
            department: given(department)
                .map(|word| Department::parse(&word).map_err(|_| bad("department")))
                .transpose()?,
            only: match given(only).as_deref() {
                None => None,
                Some("weak") => Some(Only::Weak),
                Some("unused") => Some(Only::Unused),
                Some(_) => return Err(bad("only")),
            },
        })
    }

    /// Up to `limit` clients that fit and may be seen, behind `after`; and whether there are more.
    pub(crate) async fn page(
        &self,
        app: &App,
        duty: &OnDuty,
        after: Option<&ClientId>,
        limit: usize,
    ) -> Result<(Vec<Client>, bool), AppError> {
        let last_used: HashMap<ClientId, DateTime<Utc>> = app.store.clients_last_used().await?.into_iter().collect();
        // A few hundred at most: what they are searched by lies in their settings, and a page of them costs less to find
        // here than an index costs to keep.
        let mut found = app.store.clients().await?;
        found.retain(|client| {
            duty.staff.may_for(Operation::ClientsRead, client.department.as_ref())
                && after.is_none_or(|after| client.id > *after)
                && self.takes(client, last_used.get(&client.id).copied(), duty.hand.now)
        });
        let more = found.len() > limit;
        found.truncate(limit);
        Ok((found, more))
    }

    fn takes(&self, client: &Client, used: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
        let text = [&client.name.th, &client.name.en, &client.owner.th, &client.owner.en];
        let holds = |word: &str| {
            client.id.as_str().to_lowercase().contains(word)
                || text.iter().any(|text| text.to_lowercase().contains(word))
        };
        self.words.split_whitespace().all(holds)
            && self.status.is_none_or(|status| client.status == status)
            && self.department.as_ref().is_none_or(|department| client.department.as_ref() == Some(department))
            && match self.only {
                None => true,
                Some(Only::Weak) => client.weaknesses(now).iter().any(|weakness| weakness.is_serious()),
                Some(Only::Unused) => is_unused(client, used, now),
            }
    }

    fn shown(&self) -> ClientFilter {
        ClientFilter {
            q: self.words.clone(),
            status: self.status.map_or("", ClientStatus::as_str),
            department: self.department.as_ref().map(ToString::to_string).unwrap_or_default(),
            only: self.only.map_or("", Only::as_str),
        }
    }

    fn href(&self, cursor: &str) -> String {
        let shown = self.shown();
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in
            [("q", shown.q.as_str()), ("status", shown.status), ("department", &shown.department), ("only", shown.only)]
        {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        format!("{}?{}", paths::CLIENTS, query.append_pair("after", cursor).finish())
    }
}

impl Only {
    fn as_str(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Unused => "unused",
        }
    }
}

/// In use by its status, and by nobody for a long time.
pub(crate) fn is_unused(client: &Client, used: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    client.status == ClientStatus::Active && now - used.unwrap_or(client.created_at) > UNUSED_AFTER
}

fn row(client: &Client, used: Option<DateTime<Utc>>, now: DateTime<Utc>, lang: Lang) -> ClientRow {
    let day = |at| words::day(at, lang);
    ClientRow {
        href: paths::client(&client.id),
        id: client.id.to_string(),
        name: in_lang(&client.name, lang).to_owned(),
        owner: in_lang(&client.owner, lang).to_owned(),
        status: Text::key(status(client.status)),
        status_word: client.status.as_str(),
        used: used.map(day),
        unused: is_unused(client, used, now),
        secret_made: client_words::current_secret(client).map(day),
        legacy_until: client.legacy.map(|legacy| day(legacy.until)),
        weaknesses: client_words::weaknesses(client, now),
    }
}
