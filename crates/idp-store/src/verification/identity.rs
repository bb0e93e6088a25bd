//! What was matched for a permanent member, sealed.

use idp_core::account::VerifiedIdentity;
use idp_core::id::AccountId;
use idp_core::seal::Purpose;
use idp_core::thai::{AcceptedNumbers, BuddhistDate, NationalId, ThaiName};
use serde::{Deserialize, Serialize};

use crate::engine::params;
use crate::{Store, StoreError};

/// What was matched, as it is sealed.
#[derive(Serialize, Deserialize)]
pub(crate) struct SealedIdentity {
    number: String,
    first_name: String,
    last_name: String,
    birth_date: String,
}

impl SealedIdentity {
    pub(crate) fn of(identity: &VerifiedIdentity) -> Self {
        Self {
            number: identity.number.digits().to_owned(),
            first_name: identity.first_name.as_str().to_owned(),
            last_name: identity.last_name.as_str().to_owned(),
            birth_date: identity.birth_date.registry_form(),
        }
    }

    /// `None` when it makes no sense.
    pub(crate) fn read(&self) -> Option<VerifiedIdentity> {
        Some(VerifiedIdentity {
            // It was accepted when it was typed; whether test numbers are is not asked again.
            number: NationalId::parse(&self.number, AcceptedNumbers::WithTestNumbers).ok()?,
            first_name: ThaiName::parse_as_typed(&self.first_name).ok()?,
            last_name: ThaiName::parse_as_typed(&self.last_name).ok()?,
            birth_date: BuddhistDate::from_registry_form(&self.birth_date)?,
        })
    }
}

pub(crate) fn identity_place(account: AccountId) -> String {
    format!("identities/{account}")
}

/// What is sealed of an identity.
pub(crate) fn sealed_identity(identity: &VerifiedIdentity) -> Vec<u8> {
    serde_json::to_vec(&SealedIdentity::of(identity)).expect("text is always JSON")
}

impl Store {
    /// What was matched for a permanent member.
    ///
    /// # Errors
    /// [`StoreError::Seal`] when it cannot be opened, and the others.
    pub async fn identity(&self, account: AccountId) -> Result<Option<VerifiedIdentity>, StoreError> {
        let sql = "SELECT account_id, sealed FROM identities WHERE account_id = $1";
        let Some(row) = self.engine().one("identities", sql, params![account]).await? else { return Ok(None) };
        let sealed = row.get::<Vec<u8>>("sealed")?;
        let plain = self.0.vault.open(Purpose::NationalNumber, &identity_place(account), &sealed)?;
        let unreadable = || row.corrupt("sealed");
        let parts: SealedIdentity = serde_json::from_slice(&plain).map_err(|_| unreadable())?;
        Ok(Some(parts.read().ok_or_else(unreadable)?))
    }
}
