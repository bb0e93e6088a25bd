//! Signing keys, sealed; what is in them is not the store's business.

use chrono::{DateTime, Utc};
use idp_core::audit::AuditEvent;
use idp_core::jose::{Algorithm, KeyState};

use crate::engine::{Change, Row, params};
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

    /// Adds a key. A key that is there already is left as it is, and an active one is not added beside another active one
    /// of its algorithm: of several nodes that start at once, one makes it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_signing_key(&self, new: &StoredKey, events: &[AuditEvent]) -> Result<(), StoreError> {
        let sql = "INSERT INTO signing_keys (kid, algorithm, state, sealed, created_at, activated_at, retired_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING kid";
        let values = params![
            new.kid.as_str(),
            new.algorithm.as_str(),
            new.state.as_str(),
            new.sealed.as_slice(),
            new.created_at,
            new.activated_at,
            new.retired_at,
        ];
        self.engine().change(Change::new("signing_keys", sql, values).events(events)).await.map(|_| ())
    }

    /// Moves a key from one state to another. `false` when it was not in the first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_key_state(
        &self,
        kid: &str,
        from: KeyState,
        to: KeyState,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let stamp = match to {
            KeyState::Next => "",
            KeyState::Active => ", activated_at = $4",
            KeyState::Retired => ", retired_at = $4",
        };
        let sql = format!("UPDATE signing_keys SET state = $3{stamp} WHERE kid = $1 AND state = $2 RETURNING kid");
        let mut values = params![kid, from.as_str(), to.as_str()];
        if !stamp.is_empty() {
            values.push(now.into());
        }
        self.engine().settle(Change::new("signing_keys", sql, values).events(events)).await
    }
}
