//! `idp member find` and `find-number`: who was listed is written down before anybody is shown.

use std::io::{BufRead as _, stdin};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::builder::PossibleValuesParser;
use idp_core::account::Sought;
use idp_core::id::ClientId;
use idp_core::reason::Reason;
use idp_store::{MemberList, MemberPage, Store, StoredAccount};
use serde_json::json;

use super::super::{Failure, print, say};
use super::line;
use crate::clients::Hand;
use crate::members::Desk;
use crate::members::find::{LISTS, by_number, number as as_typed, record};
use crate::members::view::MemberView;

/// What is looked for: exactly one.
#[derive(clap::Args)]
pub(super) struct Find {
    /// Two letters of a name at least, an address from its beginning to the @, or an id.
    #[arg(required_unless_present_any = ["list", "client"], conflicts_with_all = ["list", "client"])]
    sought: Option<String>,
    /// A list, in its order.
    #[arg(long, value_parser = PossibleValuesParser::new(LISTS.map(|(word, _)| word)), conflicts_with = "client")]
    list: Option<String>,
    /// Members who use the service with this client_id, the latest consent first.
    #[arg(long, value_name = "CLIENT_ID", value_parser = client)]
    client: Option<ClientId>,
    /// Members shown at most.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=1000))]
    limit: u64,
}

fn client(text: &str) -> Result<ClientId, String> {
    ClientId::parse(text).ok_or_else(|| "1 to 64 letters, digits, dots, dashes and underscores".to_owned())
}

/// Members read at once.
const PAGE: u64 = 100;

impl Find {
    pub(super) async fn run(self, store: &Store, json: bool, now: DateTime<Utc>) -> Result<(), Failure> {
        let by = Hand::operator(now);
        let list = match (self.sought, self.list, self.client) {
            (Some(sought), ..) => match Sought::parse(&sought).map_err(|error| Failure::usage(error.to_string()))? {
                Sought::Account(id) => {
                    let members = store.account(id).await?.into_iter().collect();
                    let found = MemberPage { members, next: None };
                    record(store, &by, &MemberList::All, &found).await?;
                    tell(&found.members, false, json, now);
                    return Ok(());
                }
                Sought::Word(prefix) => MemberList::Called(prefix),
            },
            (None, _, Some(client)) => MemberList::Of(client),
            (None, word, None) => {
                let known = LISTS.into_iter().find(|(known, _)| word.as_deref() == Some(*known));
                known.ok_or_else(|| Failure::usage("say whom to look for"))?.1
            }
        };
        let mut members = Vec::new();
        let mut after = None;
        let more = loop {
            let left = self.limit - members.len() as u64;
            let page = store.members(&list, after.as_ref(), left.min(PAGE), now).await?;
            record(store, &by, &list, &page).await?;
            members.extend(page.members);
            after = page.next;
            if after.is_none() || members.len() as u64 >= self.limit {
                break after.is_some();
            }
        };
        tell(&members, more, json, now);
        Ok(())
    }
}

/// Whose number it is that stands on standard input.
pub(super) async fn number(desk: Desk<'_>, reason: &Reason, json: bool, now: DateTime<Utc>) -> Result<(), Failure> {
    let mut typed = String::new();
    let read = stdin().lock().read_line(&mut typed);
    read.map_err(|error| Failure::usage(format!("the 13-digit number is read from standard input: {error}")))?;
    let sought = as_typed(desk.config, typed.trim()).map_err(|error| {
        Failure::usage(format!("standard input holds no 13-digit number that can be sought: {error}"))
    })?;
    let holder = by_number(desk.store, &Hand::operator(now), &sought, reason).await?;
    let member = match holder {
        Some(id) => desk.store.account(id).await?,
        None => None,
    };
    tell(&Vec::from_iter(member), false, json, now);
    Ok(())
}

fn tell(members: &[Arc<StoredAccount>], more: bool, json: bool, now: DateTime<Utc>) {
    if json {
        let members: Vec<MemberView> = members.iter().map(|member| MemberView::of(&member.account, now)).collect();
        print(&json!({ "members": members, "more": more }));
        return;
    }
    for member in members {
        say(line(&member.account, now));
    }
    if members.is_empty() {
        say("nobody is found so");
    }
    if more {
        say("there are more: look for less, or raise --limit");
    }
}
