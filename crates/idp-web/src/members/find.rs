//! Finding members: what is looked for, and the lines that say who was listed to whom.

use idp_core::audit::{Action, AuditEvent};
use idp_core::id::AccountId;
use idp_core::reason::Reason;
use idp_core::thai::{AcceptedNumbers, NationalId, NationalIdError};
use idp_store::{MemberList, MemberPage, Store, StoreError};
use serde_json::json;

use crate::clients::Hand;
use crate::config::Config;

/// The lists by their word.
pub const LISTS: [(&str, MemberList); 8] = [
    ("all", MemberList::All),
    ("temporary", MemberList::Temporary),
    ("ended", MemberList::Ended),
    ("permanent", MemberList::Permanent),
    ("suspended", MemberList::Suspended),
    ("frozen", MemberList::Frozen),
    ("restricted", MemberList::Resting),
    ("deleting", MemberList::Deleting),
];

/// Writes down who was listed, before they are shown.
///
/// # Errors
/// [`StoreError`].
pub async fn record(store: &Store, by: &Hand, list: &MemberList, page: &MemberPage) -> Result<(), StoreError> {
    let word = match list {
        MemberList::Called(word) => match word.first() {
            Some(b'e') => "email",
            _ => "name",
        },
        MemberList::Of(_) => "client",
        _ => "list",
    };
    let searched = by.event(Action::MembersSearched).detail(json!({ "by": word, "found": page.members.len() }));
    let searched = match list {
        MemberList::Of(client) => searched.client(client),
        _ => searched,
    };
    let seen = page.members.iter().map(|member| {
        by.event(Action::PersonalDataSeen).account(member.account.id).detail(json!({ "what": "listed" }))
    });
    let events: Vec<AuditEvent> = std::iter::once(searched).chain(seen).collect();
    store.record(&events).await
}

/// A number as typed.
///
/// # Errors
/// What is wrong with it.
pub fn number(config: &Config, typed: &str) -> Result<NationalId, NationalIdError> {
    let accept = match config.verification.accept_test_numbers {
        true => AcceptedNumbers::WithTestNumbers,
        false => AcceptedNumbers::Real,
    };
    NationalId::parse(typed, accept)
}

/// Whose number it is (`Operation::MembersSearchNumber`): asked with a reason, and written down whatever comes of it. That
/// it is somebody's is a look at them, which they read.
///
/// # Errors
/// [`StoreError`].
pub async fn by_number(
    store: &Store,
    by: &Hand,
    number: &NationalId,
    reason: &Reason,
) -> Result<Option<AccountId>, StoreError> {
    let holder = store.holder_of(number).await?;
    let detail = json!({ "by": "number", "found": u8::from(holder.is_some()), "reason": reason.as_str() });
    let event = by.event(Action::MembersSearched).detail(detail);
    let mut events = vec![AuditEvent { account_id: holder, ..event }];
    events.extend(holder.map(|member| look(by, member, reason.as_str())));
    store.record(&events).await?;
    Ok(holder)
}

/// Writes down that somebody looked at a member, and why.
///
/// # Errors
/// [`StoreError`].
pub async fn record_look(store: &Store, by: &Hand, member: AccountId, reason: &str) -> Result<(), StoreError> {
    store.record(&[look(by, member, reason)]).await
}

fn look(by: &Hand, member: AccountId, reason: &str) -> AuditEvent {
    by.event(Action::PersonalDataSeen).account(member).detail(json!({ "what": "member", "reason": reason }))
}
