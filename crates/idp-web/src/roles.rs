//! Roles given and ended, whichever door it is done through: console, API or command line.

use std::collections::HashMap;

use idp_core::admin::{Approval, Department, Role, StaffRole, StaffRoleError, TwoPeople, counts_as_person, program_id};
use idp_core::audit::Action;
use idp_core::chance::Chance;
use idp_core::client::{ClientStatus, GrantType};
use idp_core::id::{AccountId, ClientId};
use idp_store::{Answered, Created, Creation, KeptAnswer, Store, StoreError};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clients::Hand;

/// Who is to have a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A member.
    Account(AccountId),
    /// A client that acts as itself.
    Program(ClientId),
}

impl Holder {
    /// The client of a program.
    pub fn client(&self) -> Option<&ClientId> {
        match self {
            Self::Account(_) => None,
            Self::Program(client) => Some(client),
        }
    }
}

/// Why a role is not given.
#[derive(Debug, thiserror::Error)]
pub enum RoleRefused {
    /// There is no such account or client.
    #[error("there is no such account or client")]
    Nobody,
    /// The client does not act as itself, registered itself, or is over.
    #[error("only a client in use that acts as itself (client_credentials) and was registered by staff holds roles")]
    NoProgram,
    /// Nobody gives themselves anything.
    #[error("nobody gives a role to themselves")]
    OneOwn,
    /// Role and department do not go together.
    #[error("{0}")]
    Misfit(#[from] StaffRoleError),
    /// They have it.
    #[error("they have this role already")]
    HadIt,
    /// The key of this creation was used before.
    #[error("the key was used before")]
    Answered(Answered),
    /// The store.
    #[error("{0}")]
    Store(#[from] StoreError),
}

/// Gives a role; `giver` is nobody at the command line.
///
/// # Errors
/// [`RoleRefused`].
pub async fn give(
    store: &Store,
    chance: &dyn Chance,
    by: &Hand,
    giver: Option<AccountId>,
    (holder, role, department): (Holder, Role, Option<Department>),
    keep: &(dyn Fn(&StaffRole) -> Option<KeptAnswer> + Send + Sync),
) -> Result<StaffRole, RoleRefused> {
    StaffRole::judge(role, department.as_ref())?;
    let account_id = match &holder {
        Holder::Account(account) => {
            store.account(*account).await?.ok_or(RoleRefused::Nobody)?;
            *account
        }
        Holder::Program(client) => {
            let client = store.client(client).await?.ok_or(RoleRefused::Nobody)?;
            // A program that registered itself is managed by whoever holds its registration token.
            let sound = client.may_use(GrantType::ClientCredentials)
                && client.managed.is_none()
                && client.status != ClientStatus::Retired;
            if !sound {
                return Err(RoleRefused::NoProgram);
            }
            program_id(&client.id)
        }
    };
    if giver == Some(account_id) {
        return Err(RoleRefused::OneOwn);
    }
    let id = AccountId::make(chance).0;
    let row = StaffRole { id, account_id, role, department, given_by: giver, since: by.now, ended_at: None };
    let event = by.event(Action::StaffRoleGiven).detail(told(&row));
    let event = match &holder {
        Holder::Account(account) => event.account(*account),
        Holder::Program(client) => event.client(client),
    };
    match store.create(Creation::Role(Box::new(row.clone())), keep(&row).as_ref(), &[event]).await? {
        Created::Made => Ok(row),
        Created::Already => Err(RoleRefused::HadIt),
        Created::Answered(before) => Err(RoleRefused::Answered(before)),
    }
}

/// Ends a role at once. `None` when it is not in force; `false` when it is the last super admin's.
///
/// # Errors
/// [`StoreError`].
pub async fn end(store: &Store, by: &Hand, ender: Option<AccountId>, id: Uuid) -> Result<Option<bool>, StoreError> {
    let all = store.staff_roles().await?;
    let Some(row) = all.into_iter().find(|row| row.id == id && row.ended_at.is_none()) else { return Ok(None) };
    let event = by.event(Action::StaffRoleEnded).account(row.account_id).detail(told(&row));
    store.end_role(id, ender, by.now, &[event]).await.map(Some)
}

/// Whether this is a person where it takes two: a member with the badge, whose account may be used.
///
/// # Errors
/// [`StoreError`].
pub async fn is_person(store: &Store, id: AccountId) -> Result<bool, StoreError> {
    Ok(store.account(id).await?.is_some_and(|stored| counts_as_person(&stored.account)))
}

/// Who asked for something, and `who` would decide, as far as they are persons.
///
/// # Errors
/// [`StoreError`].
pub async fn two_people(store: &Store, approval: &Approval, who: AccountId) -> Result<TwoPeople, StoreError> {
    Ok(TwoPeople { asker: is_person(store, approval.asked_by).await?, decider: is_person(store, who).await? })
}

/// The clients of programs with roles, by the id under which they hold them.
///
/// # Errors
/// [`StoreError`].
pub async fn programs(store: &Store) -> Result<HashMap<AccountId, ClientId>, StoreError> {
    let clients = store.clients().await?;
    let machines = clients.into_iter().filter(|client| client.may_use(GrantType::ClientCredentials));
    Ok(machines.map(|client| (program_id(&client.id), client.id)).collect())
}

fn told(row: &StaffRole) -> Value {
    json!({ "role": row.role.as_str(), "department": row.department })
}
