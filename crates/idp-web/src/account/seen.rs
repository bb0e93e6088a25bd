//! Who has seen or received the member's data, from the audit log, whose rows are chained by hashes: the newest of each
//! on `/profile/data`, all of them on `/profile/data/seen`.
//!
//! What is written down, and when: each look of an official; each release of the 13-digit number; and each set of tokens
//! with what it gives access to, whether or not the service comes for it. Every read with such a token in its ten minutes
//! is the same release, and writing each down would make the most frequent request a write.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::account::Access;
use idp_core::audit::Action;
use idp_core::claim::{ClaimSet, Release};
use idp_core::id::{AccountId, ClientId};
use idp_core::resource::ResourceSet;
use idp_core::scope::{Scope, ScopeSet};
use idp_store::{AuditLine, ReleaseDay, ReleasePlace};
use serde::Deserialize;
use serde_json::Value;

use super::{receipt, words};
use crate::error::AppError;
use crate::extract::Visitor;
use crate::oidc::pending::in_lang;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::console;
use crate::view::page::{Seen, SeenList, SeenPage};
use crate::view::text::{self, Text};

/// Lines of each list on `/profile/data`.
const NEWEST: usize = 10;
/// Lines on a page of one list.
const PER_PAGE: usize = 20;

/// Whose doings a list tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Officials,
    Services,
}

impl By {
    const ALL: [Self; 2] = [Self::Officials, Self::Services];

    fn word(self) -> &'static str {
        match self {
            Self::Officials => "officials",
            Self::Services => "services",
        }
    }

    fn heading(self) -> &'static str {
        match self {
            Self::Officials => "seen-officials",
            Self::Services => "seen-services",
        }
    }

    fn href(self, before: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("by", self.word());
        if let Some(place) = before {
            query.append_pair("before", place);
        }
        format!("{}?{}", urls::DATA_SEEN, query.finish())
    }
}

/// What the page is opened with.
#[derive(Deserialize)]
pub struct Opened {
    by: Option<String>,
    before: Option<String>,
}

/// GET `/profile/data/seen`: one of the lists to its end, for whoever may see `/profile/data`.
pub async fn get(State(app): State<App>, visitor: Visitor, Query(opened): Query<Opened>) -> Result<Response, AppError> {
    let Some(member) = visitor.member.clone() else { return Ok(visitor.go(urls::LOGIN)) };
    let account = &member.account.account;
    if account.access(visitor.now) == Access::Barred {
        return Ok(visitor.go(urls::PROFILE));
    }
    let by = By::ALL.into_iter().find(|by| opened.by.as_deref() == Some(by.word())).unwrap_or(By::Officials);
    let list = list(&app, &visitor, account.id, by, opened.before.as_deref(), PER_PAGE).await?;
    let newest_href = opened.before.is_some().then(|| by.href(None));
    let page = SeenPage { shell: visitor.shell(), list, newest_href };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// The beginnings of the lists that have any lines.
pub async fn newest(app: &App, visitor: &Visitor, account: AccountId) -> Result<Vec<SeenList>, AppError> {
    let mut lists = Vec::with_capacity(By::ALL.len());
    for by in By::ALL {
        lists.push(list(app, visitor, account, by, None, NEWEST).await?);
    }
    lists.retain(|list| !list.lines.is_empty());
    Ok(lists)
}

/// `most` lines of a list, before the place where a page ended. What is no place of ours is the beginning: there is nothing
/// to tell the person about it.
async fn list(
    app: &App,
    visitor: &Visitor,
    account: AccountId,
    by: By,
    before: Option<&str>,
    most: usize,
) -> Result<SeenList, AppError> {
    let (lines, older) = match by {
        By::Officials => looks(app, visitor, account, before, most).await?,
        By::Services => releases(app, visitor, account, before, most).await?,
    };
    let older_href = older.map(|place| by.href(Some(&place)));
    Ok(SeenList { id: by.word(), heading: by.heading(), lines, older_href })
}

async fn looks(
    app: &App,
    visitor: &Visitor,
    account: AccountId,
    before: Option<&str>,
    most: usize,
) -> Result<(Vec<Seen>, Option<String>), AppError> {
    let before = before.and_then(|text| text.parse::<i64>().ok()).filter(|number| *number > 0);
    let mut found = app.store.looks_at(account, before, most as u64 + 1).await?;
    let more = found.len() > most;
    found.truncate(most);
    let older = found.last().filter(|_| more).map(|last| last.seq.to_string());
    let mut lines = Vec::with_capacity(found.len());
    for line in &found {
        lines.push(look(app, line, visitor).await?);
    }
    Ok((lines, older))
}

async fn releases(
    app: &App,
    visitor: &Visitor,
    account: AccountId,
    before: Option<&str>,
    most: usize,
) -> Result<(Vec<Seen>, Option<String>), AppError> {
    let after = before.and_then(place);
    let mut found = app.store.releases_of(account, after.as_ref(), most as u64 + 1).await?;
    let more = found.len() > most;
    found.truncate(most);
    let older = found.last().filter(|_| more).map(|last| format!("{}.{}", last.place.day, last.place.client_id));
    // Within a day the latest first.
    found.sort_by_key(|day| std::cmp::Reverse(day.at));
    let mut lines = Vec::with_capacity(found.len());
    for day in &found {
        lines.push(service(app, day, visitor).await?);
    }
    Ok((lines, older))
}

/// A service and a day, as [`releases`] writes them.
fn place(text: &str) -> Option<ReleasePlace> {
    let (day, client) = text.split_once('.')?;
    Some(ReleasePlace { day: day.parse().ok()?, client_id: ClientId::parse(client)? })
}

/// What a service was given on a day.
async fn service(app: &App, day: &ReleaseDay, visitor: &Visitor) -> Result<Seen, AppError> {
    let client = &day.place.client_id;
    let name = match app.store.client(client).await? {
        Some(client) => in_lang(&client.name, visitor.lang).to_owned(),
        None => client.as_str().to_owned(),
    };
    let release = day
        .given
        .iter()
        .fold(Release::default(), |all, (action, detail)| all.union(&released(action, detail.as_deref())));
    let when = Text::key("seen-times").with("date", words::moment(day.at, visitor.lang)).with("n", day.times);
    Ok(Seen {
        who: Text::key("seen-service").with("name", name),
        what: receipt::items(app, &release, visitor.lang).await?,
        why: None,
        when,
    })
}

/// A look of an official: the role and the reason, not the name. Names are the ministry's to give, to whoever asks there.
async fn look(app: &App, line: &AuditLine, visitor: &Visitor) -> Result<Seen, AppError> {
    let detail = detail(line.detail.as_deref());
    let said = |name: &str| detail.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let roles = match line.actor_id {
        Some(official) => app.store.staff_roles_of(official).await?,
        None => Vec::new(),
    };
    // The one they have had for longest: what they are, to whoever hears of it.
    let role = roles.iter().find(|role| role.since <= line.at).map(|role| {
        let name = text::get(visitor.lang, console::role(role.role));
        match &role.department {
            Some(department) => format!("{name}, {}", console::department(department, visitor.lang)),
            None => name.to_owned(),
        }
    });
    let who = match role {
        Some(role) => Text::key("seen-staff-role").with("role", role),
        None => Text::key("seen-staff"),
    };
    let what = match said("what") {
        Some("listed") => vec![Text::key("seen-listed")],
        Some("traffic") => vec![Text::key("seen-traffic")],
        Some("audit") => vec![Text::key("seen-audit")],
        Some("review") => vec![Text::key("seen-review")],
        _ => vec![Text::key("seen-all")],
    };
    let when = Text::key("seen-once").with("date", words::moment(line.at, visitor.lang));
    Ok(Seen { who, what, why: said("reason").map(str::to_owned), when })
}

fn released(action: &str, told: Option<&str>) -> Release {
    if action == Action::NumberReleased.as_str() {
        return Release {
            scopes: ScopeSet::from_iter([Scope::CitizenId]),
            claims: ClaimSet::NONE,
            ..Release::default()
        };
    }
    let detail = detail(told);
    let said = |name: &str| detail.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Release {
        scopes: ScopeSet::parse(&said("scope")),
        claims: ClaimSet::parse(&said("claims")),
        resources: ResourceSet::stored(&said("resources")).unwrap_or_default(),
    }
}

fn detail(told: Option<&str>) -> Value {
    told.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}
