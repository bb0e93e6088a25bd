//! Signing in through ThaID: whose account a number opens, and whether its owner has closed that door.
//!
//! There is no table of links: a number is held by one account or none (`identity_numbers`), and that is the link.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use idp_core::id::AccountId;
use idp_core::thai::NationalId;
use uuid::Uuid;

use crate::engine::{Tx, Verdict, params};
use crate::factors::{FactorChange, conclude};
use crate::sessions::{SignInOrder, begin_session, hold_session};
use crate::verification::lock_key;
use crate::{Store, StoreError, StoredAccount};

/// The account that a number opens.
#[derive(Clone, Debug)]
pub struct ThaidAccount {
    /// The account.
    pub stored: Arc<StoredAccount>,
    /// Since when its owner wants nobody to be signed in to it through ThaID.
    pub closed_at: Option<DateTime<Utc>>,
}

/// What a dispute does with the door of ThaID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThaidDoor {
    /// Nobody comes in by it here.
    Left,
    /// Whoever came in by it must not come again.
    Closed,
}

const CLOSED: &str = "SELECT account_id, closed_at FROM thaid_closed WHERE account_id = $1";

/// Closing the door and going through it take turns.
async fn hold_door(tx: &mut Tx<'_>, account: AccountId) -> Result<(), StoreError> {
    tx.lock(vec![lock_key(&[b"thaid", account.0.as_bytes()])]).await
}

/// Closes the door of a verified account within a transaction; a door that is closed stays so.
pub(crate) async fn close_in(tx: &mut Tx<'_>, account: AccountId, now: DateTime<Utc>) -> Result<(), StoreError> {
    hold_door(tx, account).await?;
    let sql = "INSERT INTO thaid_closed (account_id, closed_at) SELECT account_id, $2 FROM identities \
         WHERE account_id = $1 ON CONFLICT DO NOTHING";
    tx.run(sql, params![account, now]).await.map(|_| ())
}

impl Store {
    /// The account of the member who was verified with this number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account_of_number(&self, number: &NationalId) -> Result<Option<ThaidAccount>, StoreError> {
        let Some(holder) = self.holder_of(number).await? else { return Ok(None) };
        let Some(stored) = self.account(holder).await? else { return Ok(None) };
        Ok(Some(ThaidAccount { stored, closed_at: self.thaid_closed_at(holder).await? }))
    }

    /// Since when an account cannot be opened through ThaID, at its owner's word.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn thaid_closed_at(&self, account: AccountId) -> Result<Option<DateTime<Utc>>, StoreError> {
        let row = self.engine().one("thaid_closed", CLOSED, params![account]).await?;
        row.map(|row| row.time("closed_at")).transpose()
    }

    /// Signs in by a number: only if the account still holds it, and its owner has not closed the door meanwhile. `false`
    /// when not; then nothing is written.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sign_in_by_number(
        &self,
        order: SignInOrder,
        number: &NationalId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let indexes = self.0.vault.number_indexes(number);
        self.engine()
            .steps((order, indexes), move |tx, (order, indexes)| {
                Box::pin(async move {
                    let account = order.session.account_id;
                    hold_door(tx, account).await?;
                    if tx.one("thaid_closed", CLOSED, params![account]).await?.is_some() {
                        return Ok(Verdict::Undo(false));
                    }
                    let holds = "SELECT account_id FROM identity_numbers WHERE number_index = $1 AND account_id = $2";
                    for index in indexes {
                        if let Some(row) = tx.one("identity_numbers", holds, params![*index, account]).await? {
                            let _: Uuid = row.get("account_id")?;
                            return Ok(match begin_session(tx, order, now).await? {
                                true => Verdict::Keep(true),
                                false => Verdict::Undo(false),
                            });
                        }
                    }
                    Ok(Verdict::Undo(false))
                })
            })
            .await
    }

    /// Closes the door of ThaID, with all that goes with a change of how one signs in. `false` when it is closed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn close_thaid(&self, change: FactorChange, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let sql = "INSERT INTO thaid_closed (account_id, closed_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        self.engine()
            .steps(change, move |tx, change| {
                Box::pin(async move {
                    hold_door(tx, change.account_id).await?;
                    if !hold_session(tx, change.account_id, change.kept).await?
                        || tx.run(sql, params![change.account_id, now]).await? == 0
                    {
                        return Ok(Verdict::Undo(false));
                    }
                    conclude(tx, change, now).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }

    /// Opens it again. `false` when it is open.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_thaid(&self, change: FactorChange, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.engine()
            .steps(change, move |tx, change| {
                Box::pin(async move {
                    let sql = "DELETE FROM thaid_closed WHERE account_id = $1";
                    if !hold_session(tx, change.account_id, change.kept).await?
                        || tx.run(sql, params![change.account_id]).await? == 0
                    {
                        return Ok(Verdict::Undo(false));
                    }
                    conclude(tx, change, now).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }
}
