//! Temporary memberships: warnings at 14, 3 and 1 days, the end, and erasure.

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::Account;
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::id::AccountId;
use idp_core::mail::OutgoingMail;
use idp_core::thai::time::{days_left, end_of_day_after};
use idp_store::StoreError;

use crate::account::post_office::{Posting, post as seal_letter};
use crate::mail::Letter;
use crate::state::App;
use crate::urls;
use crate::view::lang::Lang;

const BATCH: u64 = 200;

/// Queues the warnings that are due. Each goes out once for an account and a number of days, however often this runs; a
/// node that slept through a day warns late rather than never.
///
/// # Errors
/// When the store is down.
pub async fn warn_of_endings(app: &App) -> Result<usize, StoreError> {
    let now = app.now();
    let mut queued = 0;
    let mut days: Vec<u32> = app.config.membership.warn_at_days.clone();
    days.sort_unstable();
    let mut after = now;
    for threshold in days {
        // From the next smaller threshold to this one: every membership gets the warning of the span it is in.
        let before = end_of_day_after(now, threshold);
        let mut last: Option<AccountId> = None;
        loop {
            let accounts = app.store.ending_between(after, before, BATCH, last).await?;
            let Some(final_one) = accounts.last() else { break };
            last = Some(final_one.account.id);
            let mails: Vec<OutgoingMail> =
                accounts.iter().filter_map(|stored| warning(app, &stored.account, threshold)).collect();
            queued += mails.len();
            app.store.queue_mails(&mails).await?;
        }
        after = before;
    }
    if queued > 0 {
        app.mail_queued.notify_one();
    }
    Ok(queued)
}

fn warning(app: &App, account: &Account, threshold: u32) -> Option<OutgoingMail> {
    let now = app.now();
    let end = account.tokens_end_at()?;
    let letter = Letter::MembershipEnding {
        name: account.profile.full_name(),
        days_left: days_left(now, end).max(1),
        until_date: end,
        verify_url: app.url(urls::VERIFY),
    };
    // The end is part of the word: a membership that was extended or begun anew is warned of anew.
    let once = format!("ending-{threshold}-{}", end.timestamp());
    Some(seal_letter(app, posting(account, TimeDelta::days(1), Some(once)), letter, now))
}

/// Ends memberships that are over: their grants die, the member is told once.
///
/// # Errors
/// When the store is down.
pub async fn end_memberships(app: &App) -> Result<usize, StoreError> {
    let now = app.now();
    let make = |account: &Account| {
        let event = AuditEvent::new(now, Actor::System, Action::MembershipEnded).account(account.id);
        let letter = Letter::MembershipEnded {
            name: account.profile.full_name(),
            verify_url: app.url(urls::VERIFY),
            delete_url: app.url(urls::DELETE),
            erased_on: account.tokens_end_at().and_then(|end| erased_after(app, end)),
        };
        let once = account.tokens_end_at().map(|end| format!("ended-{}", end.timestamp()));
        (event, seal_letter(app, posting(account, TimeDelta::days(7), once), letter, now))
    };
    let ended = app.store.end_memberships(now, BATCH, &make).await?;
    if !ended.is_empty() {
        app.mail_queued.notify_one();
    }
    Ok(ended.len())
}

/// When an account is erased whose temporary membership ended at `end` without a verification; `None` when such accounts
/// are kept.
pub fn erased_after(app: &App, end: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let days = app.config.membership.erase_unverified_after_days;
    (days > 0).then(|| end + TimeDelta::days(days.into()))
}

/// Erases the personal data of accounts whose time to change their mind is over, and of those that ended long ago and
/// were never verified.
///
/// # Errors
/// When the store is down.
pub async fn erase_accounts(app: &App) -> Result<usize, StoreError> {
    let now = app.now();
    let make = |id: AccountId| AuditEvent::new(now, Actor::System, Action::AccountErased).account(id);
    let cooling = TimeDelta::days(app.config.membership.number_cooling_days.into());
    let mut erased = app.store.erase_due(now, cooling, BATCH, &make).await?.len();
    let days = app.config.membership.erase_unverified_after_days;
    if days > 0 {
        erased += app.store.erase_unverified(now - TimeDelta::days(days.into()), now, BATCH, &make).await?.len();
    }
    Ok(erased)
}

fn posting(account: &Account, good_for: TimeDelta, once: Option<String>) -> Posting<'_> {
    Posting {
        account: Some(account.id),
        to: &account.email,
        lang: account.language.as_deref().and_then(Lang::from_tag).unwrap_or_default(),
        good_for,
        once,
    }
}
