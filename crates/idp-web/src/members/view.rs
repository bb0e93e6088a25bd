//! A member as staff see them outside the console: no number, no birth date, addresses masked.

use chrono::{DateTime, Utc};
use idp_core::account::{Account, MembershipState, Standing};
use serde::Serialize;
use utoipa::ToSchema;

use crate::admin::masked_email;

/// A member, masked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MemberView {
    /// The account's id.
    #[schema(format = "uuid")]
    pub id: String,
    /// Title, given name and surname.
    pub name: String,
    /// The address, masked.
    pub email: String,
    /// `thai` or another type of member.
    pub member_type: String,
    /// `temporary`, `permanent` or `ended`.
    pub membership: String,
    /// When a temporary membership ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time")]
    pub membership_expires_at: Option<String>,
    /// Since when the badge is carried.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time")]
    pub verified_at: Option<String>,
    /// The level of the badge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ial: Option<String>,
    /// `active`, `suspended`, `frozen`, `restricted` or `deleting`.
    pub standing: String,
    /// When the account was made.
    #[schema(format = "date-time")]
    pub registered_at: String,
}

impl MemberView {
    /// How a member is shown.
    pub fn of(account: &Account, now: DateTime<Utc>) -> Self {
        Self {
            id: account.id.to_string(),
            name: account.profile.full_name(),
            email: masked_email(&account.email),
            member_type: account.member_type.as_str().to_owned(),
            membership: membership(account, now).to_owned(),
            membership_expires_at: account.tokens_end_at().map(|at| at.to_rfc3339()),
            verified_at: account.badge().map(|badge| badge.at.to_rfc3339()),
            ial: account.badge().map(|badge| badge.ial.clone()),
            standing: standing(account).to_owned(),
            registered_at: account.registered_at.to_rfc3339(),
        }
    }
}

/// The membership in a word.
pub fn membership(account: &Account, now: DateTime<Utc>) -> &'static str {
    match account.membership.state(now) {
        MembershipState::Permanent => "permanent",
        MembershipState::Temporary { .. } => "temporary",
        MembershipState::Ended { .. } => "ended",
    }
}

/// Whether the account may be used, in a word.
pub fn standing(account: &Account) -> &'static str {
    match account.standing {
        Standing::Active => "active",
        Standing::Suspended { .. } => "suspended",
        Standing::Frozen { .. } => "frozen",
        Standing::Restricted { .. } => "restricted",
        Standing::Deleting { .. } => "deleting",
    }
}
