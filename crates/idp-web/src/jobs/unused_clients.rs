//! The nightly report: whoever looks after services hears which of them nobody uses.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::{Account, Standing};
use idp_core::admin::{Operation, Role, Staff};
use idp_core::client::{Client, is_unused, night};
use idp_core::id::ClientId;
use idp_core::mail::OutgoingMail;
use idp_store::StoreError;

use crate::account::post_office::{Posting, post};
use crate::admin::paths;
use crate::mail::{Letter, UnusedClient};
use crate::state::App;
use crate::view::lang::Lang;

/// Services that a letter names; the console shows all.
const NAMED: usize = 20;

/// Queues the letters of this night: to super admins about every client that is unused, to client admins about those of their
/// departments, to nobody about none. A letter's word holds the night, and exists once for an account: however often this
/// runs, on however many nodes and after however many restarts, it goes out once.
///
/// # Errors
/// When the store is down.
pub async fn report_unused_clients(app: &App) -> Result<usize, StoreError> {
    let now = app.now();
    let Some(night) = night(now) else { return Ok(0) };
    let used: HashMap<ClientId, DateTime<Utc>> = app.store.clients_last_used().await?.into_iter().collect();
    let after = app.config.clients.unused_after();
    let last = |client: &Client| used.get(&client.id).copied();
    let mut unused = app.store.clients().await?;
    unused.retain(|client| is_unused(client, last(client), after, now));
    if unused.is_empty() {
        return Ok(0);
    }
    // Those that were unused for longest first.
    unused.sort_by_key(|client| (last(client).unwrap_or(client.created_at), client.id.clone()));
    let rows = app.store.staff_roles().await?;
    let mut staff: Vec<Staff> = Vec::new();
    for row in rows.iter().filter(|row| matches!(row.role, Role::SuperAdmin | Role::ClientAdmin)) {
        if !staff.iter().any(|known| known.account_id == row.account_id) {
            staff.extend(Staff::of(row.account_id, &rows));
        }
    }
    let mut mails = Vec::new();
    for staff in staff {
        // Programs hold roles too, and have no mailbox.
        let Some(stored) = app.store.account(staff.account_id).await? else { continue };
        let theirs: Vec<&Client> =
            unused.iter().filter(|client| staff.may_for(Operation::ClientState, client.department.as_ref())).collect();
        if stored.account.standing == Standing::Active && !theirs.is_empty() {
            mails.push(letter(app, &stored.account, &theirs, &used, &night, now));
        }
    }
    let queued = mails.len();
    if queued > 0 {
        app.store.queue_mails(&mails).await?;
        app.mail_queued.notify_one();
    }
    Ok(queued)
}

fn letter(
    app: &App,
    account: &Account,
    theirs: &[&Client],
    used: &HashMap<ClientId, DateTime<Utc>>,
    night: &str,
    now: DateTime<Utc>,
) -> OutgoingMail {
    let named = theirs.iter().take(NAMED).map(|client| UnusedClient {
        id: client.id.to_string(),
        name: client.name.clone(),
        owner: client.owner.clone(),
        last_used: used.get(&client.id).copied(),
    });
    let letter = Letter::UnusedClients {
        name: account.profile.full_name(),
        days: app.config.clients.unused_after_days,
        clients: named.collect(),
        more: theirs.len().saturating_sub(NAMED),
        list_url: app.url(&format!("{}?only=unused", paths::CLIENTS)),
    };
    let posting = Posting {
        account: Some(account.id),
        to: &account.email,
        lang: account.language.as_deref().and_then(Lang::from_tag).unwrap_or_default(),
        good_for: TimeDelta::days(1),
        once: Some(format!("unused-clients-{night}")),
    };
    post(app, posting, letter, now)
}
