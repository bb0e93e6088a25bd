//! Who has seen or received the member's data, from the audit log, whose rows are chained by hashes.
//!
//! What is written down, and when: each look of an official; each release of the 13-digit number; and each set of tokens
//! with what it gives access to, whether or not the service comes for it. Every read with such a token in its ten minutes
//! is the same release, and writing each down would make the most frequent request a write.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use idp_core::account::Account;
use idp_core::audit::Action;
use idp_core::claim::{ClaimSet, Release};
use idp_core::id::ClientId;
use idp_core::resource::ResourceSet;
use idp_core::scope::{Scope, ScopeSet};
use idp_core::thai::BuddhistDate;
use idp_store::AuditLine;
use serde_json::Value;

use super::{receipt, words};
use crate::error::AppError;
use crate::extract::Visitor;
use crate::oidc::pending::in_lang;
use crate::state::App;
use crate::view::console;
use crate::view::page::Seen;
use crate::view::text::{self, Text};

/// Lines of the log that are looked at.
const LINES: u64 = 1_000;

const ACTIONS: [Action; 4] =
    [Action::PersonalDataSeen, Action::TokensIssued, Action::TokensRefreshed, Action::NumberReleased];

/// A service's releases of one day.
struct Day {
    at: DateTime<Utc>,
    times: u32,
    release: Release,
}

/// The newest `most`, the newest first: each look of an official, and a line for each service and day.
pub async fn seen(app: &App, visitor: &Visitor, account: &Account, most: usize) -> Result<Vec<Seen>, AppError> {
    let mut days: BTreeMap<(String, String), (ClientId, Day)> = BTreeMap::new();
    let mut all: Vec<(DateTime<Utc>, Seen)> = Vec::new();
    for line in app.store.events_of(account.id, &ACTIONS, LINES).await? {
        if line.action == Action::PersonalDataSeen.as_str() {
            all.push((line.at, look(app, &line, visitor).await?));
            continue;
        }
        let Some(client) = &line.client_id else { continue };
        let key = (BuddhistDate::on(line.at).registry_form(), client.as_str().to_owned());
        let release = released(&line);
        match days.get_mut(&key) {
            None => drop(days.insert(key, (client.clone(), Day { at: line.at, times: 1, release }))),
            Some((_, day)) => {
                day.times += 1;
                day.at = day.at.max(line.at);
                day.release = std::mem::take(&mut day.release).union(&release);
            }
        }
    }
    for (client, day) in days.into_values() {
        let name = match app.store.client(&client).await? {
            Some(client) => in_lang(&client.name, visitor.lang).to_owned(),
            None => client.as_str().to_owned(),
        };
        let when = Text::key("seen-times").with("date", words::moment(day.at, visitor.lang)).with("n", day.times);
        let line = Seen {
            who: Text::key("seen-service").with("name", name),
            what: receipt::items(app, &day.release, visitor.lang).await?,
            why: None,
            when,
        };
        all.push((day.at, line));
    }
    all.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    Ok(all.into_iter().take(most).map(|(_, line)| line).collect())
}

/// A look of an official: the role and the reason, not the name. Names are the ministry's to give, to whoever asks there.
async fn look(app: &App, line: &AuditLine, visitor: &Visitor) -> Result<Seen, AppError> {
    let detail = detail(line);
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
        Some("review") => vec![Text::key("seen-review")],
        _ => vec![Text::key("seen-all")],
    };
    let when = Text::key("seen-once").with("date", words::moment(line.at, visitor.lang));
    Ok(Seen { who, what, why: said("reason").map(str::to_owned), when })
}

fn released(line: &AuditLine) -> Release {
    if line.action == Action::NumberReleased.as_str() {
        return Release {
            scopes: ScopeSet::from_iter([Scope::CitizenId]),
            claims: ClaimSet::NONE,
            ..Release::default()
        };
    }
    let detail = detail(line);
    let said = |name: &str| detail.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Release {
        scopes: ScopeSet::parse(&said("scope")),
        claims: ClaimSet::stored(&said("claims")),
        resources: ResourceSet::stored(&said("resources")).unwrap_or_default(),
    }
}

fn detail(line: &AuditLine) -> Value {
    line.detail.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}
