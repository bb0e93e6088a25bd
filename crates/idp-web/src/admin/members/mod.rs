//! Members: found ([`search`]), opened with a reason ([`look`]), seen ([`page`]), helped ([`deeds`]).

mod deeds;
mod look;
mod page;
mod search;
mod words;

pub(super) use look::{Look, member_href, path_of};
pub(crate) use words::masked_email;

use std::sync::Arc;

use idp_core::admin::{Operation, Role, Staff};
use idp_core::id::AccountId;
use idp_store::StoredAccount;

use super::routes::Console;
use super::{OnDuty, paths};
use crate::error::AppError;
use crate::state::App;

/// The addresses of members.
pub(super) fn routes(console: Console) -> Console {
    console
        .page(paths::MEMBERS, Operation::MembersSearch, search::get)
        .deed(paths::MEMBERS_SEARCH, Operation::MembersSearch, search::search)
        .deed(paths::MEMBERS_NUMBER, Operation::MembersSearchNumber, search::by_number)
        .page(paths::MEMBER, Operation::MemberRead, page::get)
        .deed(paths::MEMBER_OPEN, Operation::MemberRead, look::open)
        .deed(paths::MEMBER_SUSPEND, Operation::MemberStanding, deeds::suspend)
        .deed(paths::MEMBER_RESTORE, Operation::MemberStanding, deeds::restore)
        .deed(paths::MEMBER_SESSIONS, Operation::MemberSessionsEnd, deeds::end_sessions)
        .deed(paths::MEMBER_RECOVERY, Operation::MemberMail, deeds::start_recovery)
        .deed(paths::MEMBER_MAIL, Operation::MemberMail, deeds::send_again)
        .deed(paths::MEMBER_EXTEND, Operation::MembershipExtend, deeds::extend)
        .deed(paths::MEMBER_SHOWN, Operation::MemberShown, deeds::remove_shown)
        .deed(paths::MEMBER_BADGE, Operation::BadgeAsk, deeds::ask_withdrawal)
        .deed(paths::MEMBER_BADGE_APPROVE, Operation::ApprovalDecideMember, deeds::approve_withdrawal)
        .deed(paths::MEMBER_BADGE_DECLINE, Operation::ApprovalDecideMember, deeds::decline_withdrawal)
}

/// The member that a path names; erased ones are not found.
pub(crate) async fn named(app: &App, account: &str) -> Result<Arc<StoredAccount>, AppError> {
    let id = AccountId::parse(account).ok_or_else(AppError::not_found)?;
    app.store.account(id).await?.ok_or_else(AppError::not_found)
}

/// Whether this person looks after that member: nobody after themselves, and a super admin alone after other staff, so
/// that no role reaches beyond itself by way of a colleague's account.
pub(crate) async fn looks_after(app: &App, duty: &OnDuty, member: AccountId) -> Result<bool, AppError> {
    if member == duty.id() {
        return Ok(false);
    }
    let roles = app.store.staff_roles_of(member).await?;
    Ok(Staff::of(member, &roles).is_none() || duty.staff.roles().contains(&Role::SuperAdmin))
}
