//! The signing keys: made on first start, sealed in SQL, parsed once and kept on a ring.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::chance::Chance;
use idp_core::discovery;
use idp_core::jose::{Algorithm, KeyRing, KeyState, RingKey, SigningKey};
use idp_core::seal::{Purpose, SealError, Vault};
use idp_store::{Store, StoreError, StoredKey};

use crate::state::Parts;
use crate::urls;

/// The keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The seal.
    #[error(
        "the signing key {kid} cannot be opened ({error}): the key file is not the one that this database was written \
         with; restore it from its backup"
    )]
    Sealed {
        /// Which key.
        kid: String,
        /// What is wrong.
        error: SealError,
    },
    /// OpenSSL.
    #[error(transparent)]
    Key(#[from] idp_core::jose::KeyError),
}

/// The ring of all published keys; for every algorithm that is always there and has no active key, one is made.
///
/// # Errors
/// [`KeysError`].
pub async fn load_or_make(
    store: &Store,
    vault: &Vault,
    chance: &dyn Chance,
    now: DateTime<Utc>,
) -> Result<KeyRing, KeysError> {
    let mut stored = store.signing_keys().await?;
    for algorithm in Algorithm::ALWAYS {
        if !stored.iter().any(|key| key.algorithm == algorithm && key.state == KeyState::Active) {
            make(store, vault, chance, algorithm, now).await?;
            stored = store.signing_keys().await?;
        }
    }
    open(vault, stored)
}

/// Reads the ring again, after another node or a command has changed it.
///
/// # Errors
/// [`KeysError`].
pub async fn reload(app: &Parts) -> Result<(), KeysError> {
    let ring = open(&app.vault, app.store.signing_keys().await?)?;
    app.discovery.store(Arc::new(discovery::document(app.issuer(), urls::ENDPOINTS, &ring.algorithms())));
    app.keys.store(Arc::new(ring));
    Ok(())
}

fn open(vault: &Vault, stored: Vec<StoredKey>) -> Result<KeyRing, KeysError> {
    let mut ring = Vec::with_capacity(stored.len());
    for key in stored {
        let bytes = vault
            .open(Purpose::SigningKey, &place(&key.kid), &key.sealed)
            .map_err(|error| KeysError::Sealed { kid: key.kid.clone(), error })?;
        ring.push(RingKey { key: SigningKey::from_stored(key.algorithm, &bytes)?, state: key.state });
    }
    Ok(KeyRing::new(ring))
}

/// Makes the active key of an algorithm. Where there is one already, it stays: `false`.
///
/// # Errors
/// [`KeysError`].
pub async fn add(
    store: &Store,
    vault: &Vault,
    chance: &dyn Chance,
    algorithm: Algorithm,
    now: DateTime<Utc>,
) -> Result<bool, KeysError> {
    let is_there = |key: &StoredKey| key.algorithm == algorithm && key.state == KeyState::Active;
    if store.signing_keys().await?.iter().any(is_there) {
        return Ok(false);
    }
    make(store, vault, chance, algorithm, now).await?;
    Ok(true)
}

async fn make(
    store: &Store,
    vault: &Vault,
    chance: &dyn Chance,
    algorithm: Algorithm,
    now: DateTime<Utc>,
) -> Result<(), KeysError> {
    let (key, bytes) = SigningKey::generate(algorithm)?;
    let stored = StoredKey {
        kid: key.kid().to_owned(),
        algorithm,
        state: KeyState::Active,
        sealed: vault.seal(Purpose::SigningKey, &place(key.kid()), &bytes, chance),
        created_at: now,
        activated_at: Some(now),
        retired_at: None,
    };
    let event = AuditEvent::new(now, Actor::System, Action::SigningKeyMade)
        .detail(serde_json::json!({ "kid": key.kid(), "alg": algorithm.as_str() }));
    store.insert_signing_key(&stored, &[event]).await?;
    Ok(())
}

fn place(kid: &str) -> String {
    format!("signing_keys/{kid}")
}
