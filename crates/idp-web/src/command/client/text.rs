//! `idp client export` and `import`: clients as reviewable TOML. A file holds no secret, no place in life and nothing that
//! one person cannot give; importing it twice changes nothing the second time.

use std::collections::BTreeMap;
use std::path::Path;

use idp_core::admin::ApprovalKind;
use idp_core::client::{Client, ClientDraft, DraftError};
use idp_core::id::ClientId;
use idp_core::scope::Scope;
use idp_core::secret::Secret;
use idp_store::Store;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::{Failure, print, say, shown};
use super::desk;
use crate::clients::judge::without_number;
use crate::clients::settings::new_draft;
use crate::clients::{ClientDesk, ClientSettings, Fault, Hand, Refused};
use crate::config::Config;
use crate::egress::Egress;
use crate::oidc::registration::listed;
use crate::time::{Clock as _, SystemChance, SystemClock};

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Clients by client_id.
    clients: BTreeMap<String, ClientSettings>,
}

const HEAD: &str = "\
# Clients of MOC Account, written by `idp client export`. No secret is in here: a new client's is printed by `import`.
# `idp client import --dry-run FILE` shows what would change. Clients that are not in the file are left alone.
# citizen_id in scopes is not given by `import`: two people whose identity is verified give it in the console.

";

/// Writes all clients but retired ones, or those named.
pub(super) async fn export(store: &Store, wished: &[String], as_json: bool) -> Result<(), Failure> {
    let all = store.clients().await?;
    if let Some(missing) = wished.iter().find(|id| !all.iter().any(|client| client.id.as_str() == id.as_str())) {
        return Err(Failure::missing(format!("there is no client {missing}; `idp client list` shows all")));
    }
    let chosen = all.iter().filter(|client| match wished {
        [] => client.status != idp_core::client::ClientStatus::Retired,
        some => some.iter().any(|id| id == client.id.as_str()),
    });
    let clients = chosen.map(|client| (client.id.to_string(), ClientSettings::of(client))).collect();
    let file = File { clients };
    if as_json {
        print(&file);
    } else {
        let text = toml::to_string_pretty(&file).map_err(|error| Failure::refused(error.to_string()))?;
        say(format!("{HEAD}{}", text.trim_end()));
    }
    Ok(())
}

/// What an import does to one client.
enum Plan {
    New(Box<ClientDraft>),
    Changed(Box<Client>, Box<ClientDraft>, Vec<(String, Value, Value)>),
    Same,
}

/// A client of the file, judged.
struct Entry {
    id: String,
    plan: Plan,
    /// It is to have citizen_id, and has it not.
    number: bool,
}

/// Reads a file, judges all of it, and then changes what differs, unless it is only to be shown.
pub(super) async fn import(
    store: &Store,
    config: &Config,
    file: &Path,
    dry_run: bool,
    as_json: bool,
) -> Result<(), Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::unavailable(format!("{} cannot be read: {error}", shown(file))))?;
    let read: File = toml::from_str(&text).map_err(|error| Failure::refused(format!("{}: {error}", shown(file))))?;
    let can_sign = desk::signing(store).await?;
    let signs = |algorithm| can_sign.contains(&algorithm);
    let desk = ClientDesk { store, chance: &SystemChance, config, signs: &signs };
    let hand = Hand::operator(SystemClock.now());
    let mut entries = Vec::new();
    let mut wrong = Vec::new();
    for (id, settings) in read.clients {
        match judge(&desk, &hand, &id, settings).await? {
            Ok(entry) => entries.push(entry),
            Err(faults) => wrong.extend(faults.into_iter().map(|fault| format!("{id}: {fault}"))),
        }
    }
    if !wrong.is_empty() {
        return Err(Failure::refused(format!("nothing was imported:\n  {}", wrong.join("\n  "))));
    }
    let mut told = Vec::new();
    for entry in entries {
        told.push(carry_out(&desk, &hand, entry, dry_run).await?);
    }
    if as_json {
        print(&json!({ "dry_run": dry_run, "clients": told }));
    } else {
        told.iter().for_each(tell);
    }
    if !dry_run {
        return Ok(());
    }
    match told.iter().filter(|client| client["done"] != "same").count() {
        0 => {
            if !as_json {
                say("an import would change nothing");
            }
            Ok(())
        }
        1 => Err(Failure::difference("nothing was changed: an import would change 1 client")),
        count => Err(Failure::difference(format!("nothing was changed: an import would change {count} clients"))),
    }
}

async fn judge(
    desk: &ClientDesk<'_>,
    hand: &Hand,
    id: &str,
    settings: ClientSettings,
) -> Result<Result<Entry, Vec<String>>, Failure> {
    let Some(client_id) = ClientId::parse(id) else {
        return Ok(Err(vec!["a client_id has 1 to 64 letters, digits, dots, dashes and underscores".to_owned()]));
    };
    let old = desk.store.client(&client_id).await?;
    let begun = old.as_deref().map_or_else(|| new_draft(client_id), ClientDraft::of);
    let mut draft = match settings.into_draft(begun) {
        Ok(draft) => draft,
        Err(errors) => return Ok(Err(errors.iter().map(ToString::to_string).collect())),
    };
    if let (Some(uri), None) = (&draft.sector_identifier_uri, &draft.sector_listed) {
        let egress =
            Egress::new(&desk.config.egress).map_err(|error| Failure::unavailable(format!("egress: {error}")))?;
        draft.sector_listed = listed(&egress, uri).await;
    }
    let has = old.as_deref().is_some_and(|client| client.scopes.contains(Scope::CitizenId));
    let (draft, number) = if has { (draft, false) } else { without_number(draft) };
    let judged = desk.judge(draft.clone(), old.as_deref(), &Secret::make(desk.chance), hand.now);
    let asked = match judged {
        Ok(client) => client,
        Err(faults) => return Ok(Err(faults.iter().map(|fault| format!("{}: {fault}", fault.setting())).collect())),
    };
    let plan = match old {
        None => Plan::New(Box::new(draft)),
        Some(old) if old.status == idp_core::client::ClientStatus::Retired => {
            return Ok(Err(vec!["it is retired, and does not come back".to_owned()]));
        }
        Some(old) => {
            let next = match old.followed_by(asked, hand.now) {
                Ok((next, _)) => next,
                Err(why) => {
                    let fault = Fault::from(DraftError::from(why));
                    return Ok(Err(vec![format!("{}: {fault}", fault.setting())]));
                }
            };
            let differs = differences(&ClientSettings::of(&old), &ClientSettings::of(&next))?;
            match differs.is_empty() {
                true => Plan::Same,
                false => Plan::Changed(Box::new((*old).clone()), Box::new(draft), differs),
            }
        }
    };
    Ok(Ok(Entry { id: id.to_owned(), plan, number }))
}

async fn carry_out(desk: &ClientDesk<'_>, hand: &Hand, entry: Entry, dry_run: bool) -> Result<Value, Failure> {
    let Entry { id, plan, number } = entry;
    let mut told = json!({ "client_id": id });
    let failed = |refused: Refused| match refused {
        Refused::Faults(faults) => {
            Failure::refused(format!("{id}: {}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))
        }
        Refused::Store(error) => error.into(),
        other => Failure::refused(format!("{id}: {other}")),
    };
    let secret = match plan {
        Plan::Same => {
            told["done"] = json!("same");
            None
        }
        Plan::New(draft) => {
            told["done"] = json!("new");
            match dry_run {
                true => None,
                false => desk.register(hand, *draft, &|_| None).await.map_err(failed)?.secret,
            }
        }
        Plan::Changed(old, draft, differs) => {
            told["done"] = json!("changed");
            let line =
                |(setting, old, new): &(String, Value, Value)| json!({ "setting": setting, "old": old, "new": new });
            told["differences"] = differs.iter().map(line).collect();
            match dry_run {
                true => None,
                false => desk.change(hand, &old, *draft).await.map_err(failed)?.secret,
            }
        }
    };
    if let Some(secret) = secret {
        told["client_secret"] = json!(secret.reveal());
    }
    if number {
        told["citizen_id"] = json!(if waits(desk, hand, &id).await? { "waits" } else { "takes_two" });
    }
    Ok(told)
}

/// Whether somebody asked for citizen_id, and a second person has not decided.
async fn waits(desk: &ClientDesk<'_>, hand: &Hand, id: &str) -> Result<bool, Failure> {
    let waiting = desk.store.open_approvals(id, hand.now).await?;
    Ok(waiting.iter().any(|open| open.kind == ApprovalKind::ClientCitizenId))
}

fn tell(client: &Value) {
    let word = |name: &str| client[name].as_str().unwrap_or_default();
    let sign = match word("done") {
        "new" => "+",
        "changed" => "~",
        _ => "=",
    };
    say(format!("{sign} {}", word("client_id")));
    for line in client["differences"].as_array().into_iter().flatten() {
        let setting = line["setting"].as_str().unwrap_or_default();
        for (sign, value) in [("-", &line["old"]), ("+", &line["new"])] {
            if !value.is_null() {
                say(format!("    {sign} {setting} = {value}"));
            }
        }
    }
    match word("citizen_id") {
        "takes_two" => say(format!("    {TAKES_TWO}")),
        "waits" => say("    citizen_id: waits for a second person already"),
        _ => {}
    }
    if let Some(secret) = client["client_secret"].as_str() {
        say(format!(
            "    client_secret {secret}\n    The secret is shown this once. Hand it to the service over a safe channel."
        ));
    }
}

/// The settings that differ, with their old and new values.
fn differences(old: &ClientSettings, new: &ClientSettings) -> Result<Vec<(String, Value, Value)>, Failure> {
    let value = |settings| serde_json::to_value(settings).map_err(|error| Failure::refused(error.to_string()));
    let (old, new) = (value(old)?, value(new)?);
    let (Value::Object(old), Value::Object(new)) = (old, new) else { return Ok(Vec::new()) };
    let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let value = |map: &serde_json::Map<String, Value>, name: &str| map.get(name).cloned().unwrap_or_default();
    let both = names.into_iter().map(|name| (name.clone(), value(&old, name), value(&new, name)));
    Ok(both.filter(|(_, old, new)| old != new).collect())
}

/// Where the 13-digit number is given.
pub(super) const TAKES_TWO: &str = "citizen_id takes two people whose identity is verified: one asks for it on the page of \
     the client in the console, the other decides there under approvals";
