//! Signing keys, sealed; what is in them is not the store's business.

use chrono::{DateTime, Utc};
use idp_core::audit::AuditEvent;
use idp_core::jose::{Algorithm, KeyLife, KeyState};

use crate::engine::{Change, Param, Row, Verdict, params};
use crate::{Store, StoreError};

/// A signing key as it is kept.
#[derive(Clone)]
pub struct StoredKey {
    /// The key's thumbprint.
    pub kid: String,
    /// The one algorithm it is used with.
    pub algorithm: Algorithm,
    /// Where it is in its life.
    pub state: KeyState,
    /// The private key, sealed.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it began to sign.
    pub activated_at: Option<DateTime<Utc>>,
    /// When it stopped.
    pub retired_at: Option<DateTime<Utc>>,
}

impl StoredKey {
    /// Its place in its life, without the key itself.
    pub fn life(&self) -> KeyLife<'_> {
        KeyLife {
            kid: &self.kid,
            algorithm: self.algorithm,
            state: self.state,
            created_at: self.created_at,
            activated_at: self.activated_at,
            retired_at: self.retired_at,
        }
    }
}

impl std::fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoredKey({} {} {})", self.algorithm.as_str(), self.state.as_str(), self.kid)
    }
}

fn key(row: &Row) -> Result<StoredKey, StoreError> {
    Ok(StoredKey {
        kid: row.get("kid")?,
        algorithm: row.word("algorithm", Algorithm::parse)?,
        state: row.word("state", KeyState::parse)?,
        sealed: row.get("sealed")?,
        created_at: row.time("created_at")?,
        activated_at: row.time_if_any("activated_at")?,
        retired_at: row.time_if_any("retired_at")?,
    })
}

const INSERT: &str = "INSERT INTO signing_keys (kid, algorithm, state, sealed, created_at, activated_at, retired_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)";

fn key_params(key: &StoredKey) -> Vec<Param> {
    params![
        key.kid.as_str(),
        key.algorithm.as_str(),
        key.state.as_str(),
        key.sealed.as_slice(),
        key.created_at,
        key.activated_at,
        key.retired_at,
    ]
}

impl Store {
    /// Every key, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn signing_keys(&self) -> Result<Vec<StoredKey>, StoreError> {
        let sql = "SELECT kid, algorithm, state, sealed, created_at, activated_at, retired_at FROM signing_keys \
             ORDER BY created_at, kid";
        self.engine().all("signing_keys", sql, params![]).await?.iter().map(key).collect()
    }

    /// Adds a key. A key that is there already is left as it is, and an active or next one is not added beside another
    /// active or next one of its algorithm: of several nodes that do it at once, one makes it. `false` when it was not
    /// added.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_signing_key(&self, new: &StoredKey, events: &[AuditEvent]) -> Result<bool, StoreError> {
        let sql = format!("{INSERT} ON CONFLICT DO NOTHING RETURNING kid");
        self.engine().settle(Change::new("signing_keys", sql, key_params(new)).events(events)).await
    }

    /// The key `next` signs from now on and `active` no longer, in one step. `false` when either is no longer what it was:
    /// somebody else was faster.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn switch_signing_key(
        &self,
        next: &str,
        active: &str,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let order = (next.to_owned(), active.to_owned(), events.to_vec());
        self.engine()
            .steps(order, move |tx, (next, active, events)| {
                Box::pin(async move {
                    // The old one first: there is one active key for each algorithm at any moment.
                    let sql = "UPDATE signing_keys SET state = 'retired', retired_at = $2 \
                         WHERE kid = $1 AND state = 'active'";
                    if tx.run(sql, params![active.as_str(), now]).await? == 0 {
                        return Ok(Verdict::Undo(false));
                    }
                    let sql = "UPDATE signing_keys SET state = 'active', activated_at = $2 \
                         WHERE kid = $1 AND state = 'next'";
                    if tx.run(sql, params![next.as_str(), now]).await? == 0 {
                        return Ok(Verdict::Undo(false));
                    }
                    tx.record(events).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }

    /// Deletes a retired key. `false` when it is not there, or not retired.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_signing_key(&self, kid: &str, events: &[AuditEvent]) -> Result<bool, StoreError> {
        let sql = "DELETE FROM signing_keys WHERE kid = $1 AND state = 'retired' RETURNING kid";
        self.engine().settle(Change::new("signing_keys", sql, params![kid]).events(events)).await
    }

    /// Deletes a key whatever its state; nothing it signed is believed any more. In the place of an active key signs the
    /// next one of its algorithm or, without one, `fresh`, in the same step. Gives the name of the key that signs now, if
    /// one had to take over; `None` when there is no key `kid`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke_signing_key(
        &self,
        kid: &str,
        fresh: &StoredKey,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<Option<Option<String>>, StoreError> {
        let order = (kid.to_owned(), fresh.clone(), events.to_vec());
        self.engine()
            .steps(order, move |tx, (kid, fresh, events)| {
                Box::pin(async move {
                    let sql = "DELETE FROM signing_keys WHERE kid = $1 RETURNING algorithm, state";
                    let Some(row) = tx.one("signing_keys", sql, params![kid.as_str()]).await? else {
                        return Ok(Verdict::Undo(None));
                    };
                    let mut signs = None;
                    if row.word("state", KeyState::parse)? == KeyState::Active {
                        let sql = "UPDATE signing_keys SET state = 'active', activated_at = $2 \
                             WHERE algorithm = $1 AND state = 'next' RETURNING kid";
                        let algorithm: String = row.get("algorithm")?;
                        signs = match tx.one("signing_keys", sql, params![algorithm, now]).await? {
                            Some(row) => Some(row.get("kid")?),
                            None => {
                                tx.run(INSERT, key_params(fresh)).await?;
                                Some(fresh.kid.clone())
                            }
                        };
                    }
                    tx.record(events).await?;
                    Ok(Verdict::Keep(Some(signs)))
                })
            })
            .await
    }
}
