//! Passkeys: added and removed with everything that hangs on it in one transaction, and used by the write that moves the
//! signature counter on.

use chrono::{DateTime, Utc};
use idp_core::audit::AuditEvent;
use idp_core::id::{AccountId, PasskeyId};
use idp_core::passkey::{CredentialId, CredentialState, MOST, Passkey, PasskeyName};
use idp_core::secret::Digest;

use crate::engine::{Change, Row, Tx, Verdict, params};
use crate::factors::{FactorChange, conclude, drop_useless_codes, insert_first_codes};
use crate::sessions::{begin_session, hold_session};
use crate::{SignInOrder, Store, StoreError};

const PASSKEY: &str = "SELECT id, account_id, credential_id, name, credential, counter, backed_up, created_at, last_used_at \
     FROM passkeys";

fn passkey(row: &Row) -> Result<Passkey, StoreError> {
    Ok(Passkey {
        id: PasskeyId(row.get("id")?),
        account_id: AccountId(row.get("account_id")?),
        credential_id: CredentialId::new(row.get::<Vec<u8>>("credential_id")?)
            .ok_or_else(|| row.corrupt("credential_id"))?,
        name: row.word("name", |text| PasskeyName::parse(text).ok())?,
        state: CredentialState {
            key: row.get("credential")?,
            counter: row.number("counter")?,
            backed_up: row.get("backed_up")?,
        },
        created_at: row.time("created_at")?,
        last_used_at: row.time_if_any("last_used_at")?,
    })
}

/// What came of adding a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyAdded {
    /// It is there; every session but one has ended.
    Done {
        /// Whether it is the account's first strong factor, and the recovery codes beside it are new.
        first: bool,
    },
    /// This credential is somebody's already.
    Taken,
    /// The account has as many as it may have, or is no longer in use.
    NoRoom,
    /// The session has ended.
    Gone,
}

impl Store {
    /// The passkeys of an account, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn passkeys_of(&self, account: AccountId) -> Result<Vec<Passkey>, StoreError> {
        let sql = format!("{PASSKEY} WHERE account_id = $1 ORDER BY created_at, id");
        self.engine().all("passkeys", &sql, params![account]).await?.iter().map(passkey).collect()
    }

    /// The passkey of a credential, whoever has it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn passkey_of_credential(&self, id: &CredentialId) -> Result<Option<Passkey>, StoreError> {
        let sql = format!("{PASSKEY} WHERE credential_id = $1");
        let row = self.engine().one("passkeys", &sql, params![id.as_bytes()]).await?;
        row.as_ref().map(passkey).transpose()
    }

    /// Adds a passkey, with `codes` where it is the first strong factor, and ends every session but one: whoever else was
    /// signed in has to come back past the owner.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_passkey(
        &self,
        new: &Passkey,
        codes: &[Digest],
        change: FactorChange,
        now: DateTime<Utc>,
    ) -> Result<PasskeyAdded, StoreError> {
        let order = (new.clone(), codes.to_vec(), change);
        self.engine().steps(order, move |tx, (new, codes, change)| Box::pin(add(tx, new, codes, change, now))).await
    }

    /// Gives a passkey another name. `false` when the account has none such.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rename_passkey(
        &self,
        account: AccountId,
        id: PasskeyId,
        name: &PasskeyName,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE passkeys SET name = $3 WHERE id = $1 AND account_id = $2 RETURNING id";
        let change = Change::new("passkeys", sql, params![id, account, name.as_str()]);
        self.engine().settle(change.events(events)).await
    }

    /// Removes a passkey, with the last strong factor the recovery codes, and ends every session but one. `false` when the
    /// account has none such, or the session has ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_passkey(
        &self,
        id: PasskeyId,
        change: FactorChange,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.engine()
            .steps(change, move |tx, change| {
                Box::pin(async move {
                    let account = change.account_id;
                    let sql = "DELETE FROM passkeys WHERE id = $1 AND account_id = $2";
                    if !hold_session(tx, account, change.kept).await? || tx.run(sql, params![id, account]).await? == 0 {
                        return Ok(Verdict::Undo(false));
                    }
                    drop_useless_codes(tx, account).await?;
                    conclude(tx, change, now).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }

    /// Starts a session by a passkey, as [`Store::sign_in`] does by other means. The signature counter moves on in
    /// the same transaction, and only forward: `false`, and nothing is written, when another use was quicker, or the
    /// passkey is gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn start_session_by_passkey(
        &self,
        id: PasskeyId,
        state: &CredentialState,
        order: SignInOrder,
    ) -> Result<bool, StoreError> {
        let now = order.session.authenticated_at;
        self.engine()
            .steps((state.clone(), order), move |tx, (state, order)| {
                Box::pin(async move {
                    let session = &order.session;
                    // Web Authentication Level 3 §7.2, 22: a counter that does not grow tells of a copy. Zero both times
                    // means that there is none.
                    let sql = "UPDATE passkeys SET credential = $3, counter = $4, backed_up = $5, last_used_at = $6 \
                         WHERE id = $1 AND account_id = $2 AND (counter < $4 OR (counter = 0 AND $4 = 0))";
                    let values =
                        params![id, session.account_id, state.key.as_str(), state.counter, state.backed_up, now];
                    if tx.run(sql, values).await? == 0 {
                        return Ok(Verdict::Undo(false));
                    }
                    Ok(match begin_session(tx, order, now).await? {
                        true => Verdict::Keep(true),
                        false => Verdict::Undo(false),
                    })
                })
            })
            .await
    }
}

async fn add(
    tx: &mut Tx<'_>,
    new: &Passkey,
    codes: &[Digest],
    change: &FactorChange,
    now: DateTime<Utc>,
) -> Result<Verdict<PasskeyAdded>, StoreError> {
    // Held while the others are counted, so that two at once do not make one too many.
    if !hold_session(tx, new.account_id, change.kept).await? {
        return Ok(Verdict::Undo(PasskeyAdded::Gone));
    }
    let in_use = "SELECT id FROM accounts WHERE id = $1 AND standing = 'active'";
    if tx.one("accounts", in_use, params![new.account_id]).await?.is_none() {
        return Ok(Verdict::Undo(PasskeyAdded::NoRoom));
    }
    let count = "SELECT count(*) AS passkeys FROM passkeys WHERE account_id = $1";
    let there = tx.one("passkeys", count, params![new.account_id]).await?;
    if there.map_or(Ok(0), |row| row.number("passkeys"))? as usize >= MOST {
        return Ok(Verdict::Undo(PasskeyAdded::NoRoom));
    }
    let first = insert_first_codes(tx, new.account_id, codes, now).await?;
    let insert = "INSERT INTO passkeys (id, account_id, credential_id, name, credential, counter, backed_up, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (credential_id) DO NOTHING";
    let row = params![
        new.id,
        new.account_id,
        new.credential_id.as_bytes(),
        new.name.as_str(),
        new.state.key.as_str(),
        new.state.counter,
        new.state.backed_up,
        new.created_at,
    ];
    if tx.run(insert, row).await? == 0 {
        return Ok(Verdict::Undo(PasskeyAdded::Taken));
    }
    conclude(tx, change, now).await?;
    Ok(Verdict::Keep(PasskeyAdded::Done { first }))
}
