//! Services that are in use by their status and by nobody in fact: looked for at night, and told to those who look after
//! them.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Timelike as _, Utc};
use idp_core::account::Access;
use idp_core::admin::{Operation, Staff, is_program};
use idp_core::client::Client;
use idp_core::id::ClientId;
use idp_core::mail::OutgoingMail;
use idp_core::secret::{Secret, base64url};
use idp_store::StoreError;

use crate::account::post_office::{Posting, post as seal_letter};
use crate::admin::{is_unused_client, paths};
use crate::mail::Letter;
use crate::state::App;
use crate::view::lang::Lang;

/// Between one and five in the morning in Bangkok.
const NIGHT: std::ops::Range<u32> = 1..5;
/// Names in one letter at most; the console has them all.
const NAMED: usize = 40;

/// At night, writes to those who look after services which of them nobody used for ninety days: super admins about all,
/// client admins about their departments'. The same services are told once; another list is another report.
///
/// # Errors
/// When the store is down.
pub async fn report_unused(app: &App) -> Result<usize, StoreError> {
    let now = app.now();
    if !NIGHT.contains(&(now + TimeDelta::hours(7)).hour()) {
        return Ok(0);
    }
    let used: HashMap<ClientId, DateTime<Utc>> = app.store.clients_last_used().await?.into_iter().collect();
    let mut unused = app.store.clients().await?;
    unused.retain(|client| is_unused_client(client, used.get(&client.id).copied(), now));
    if unused.is_empty() {
        return Ok(0);
    }
    let roles = app.store.staff_roles().await?;
    let mut accounts: Vec<_> = roles.iter().map(|row| row.account_id).filter(|id| !is_program(*id)).collect();
    accounts.sort_unstable();
    accounts.dedup();
    let mut mails = Vec::new();
    for id in accounts {
        let Some(staff) = Staff::of(id, &roles) else { continue };
        let theirs: Vec<&Client> =
            unused.iter().filter(|client| staff.may_for(Operation::ClientState, client.department.as_ref())).collect();
        if !theirs.is_empty() {
            mails.extend(report(app, &staff, &theirs, now).await?);
        }
    }
    let queued = mails.len();
    app.store.queue_mails(&mails).await?;
    if queued > 0 {
        app.mail_queued.notify_one();
    }
    Ok(queued)
}

async fn report(
    app: &App,
    staff: &Staff,
    unused: &[&Client],
    now: DateTime<Utc>,
) -> Result<Option<OutgoingMail>, StoreError> {
    let Some(stored) = app.store.account(staff.account_id).await? else { return Ok(None) };
    let account = &stored.account;
    if account.access(now) != Access::Full {
        return Ok(None);
    }
    let lang = account.language.as_deref().and_then(Lang::from_tag).unwrap_or_default();
    let name = |client: &&Client| match lang {
        Lang::Th => client.name.th.clone(),
        Lang::En => client.name.en.clone(),
    };
    // In the order of their ids, as the store gives them: the same services are the same word.
    let ids: Vec<&str> = unused.iter().map(|client| client.id.as_str()).collect();
    let word = base64url(&Secret::presented(ids.join(" ")).digest().as_bytes()[..15]);
    let letter = Letter::UnusedServices {
        name: account.profile.full_name(),
        services: unused.iter().take(NAMED).map(name).collect(),
        count: unused.len(),
        url: app.url(&format!("{}?only=unused", paths::CLIENTS)),
    };
    let posting = Posting {
        account: Some(account.id),
        to: &account.email,
        lang,
        good_for: TimeDelta::days(1),
        once: Some(format!("unused-{word}")),
    };
    Ok(Some(seal_letter(app, posting, letter, now)))
}
