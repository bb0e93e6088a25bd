//! The signing keys: made on first start, sealed in SQL, parsed once and kept on a ring. How they change: [`rotation`].
//!
//! [`rotation`]: crate::key_rotation

use std::sync::Arc;

use chrono::{DateTime, Utc};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::chance::Chance;
use idp_core::discovery;
use idp_core::jose::{Algorithm, KeyError, KeyRing, KeyState, RingKey, SigningKey};
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
            make(store, vault, chance, algorithm, KeyState::Active, now).await?;
            stored = store.signing_keys().await?;
        }
    }
    open(vault, stored, None)
}

/// Looks whether another node or a command has changed the keys, and takes over what is new. Keys that are known already
/// are not parsed again.
///
/// # Errors
/// [`KeysError`].
pub async fn reload(app: &Parts) -> Result<(), KeysError> {
    let stored = app.store.signing_keys().await?;
    let known = app.keys.load();
    if known.is_made_of(stored.iter().map(|key| (key.kid.as_str(), key.state))) {
        return Ok(());
    }
    let ring = open(&app.vault, stored, Some(&known))?;
    app.discovery.store(Arc::new(discovery::document(app.issuer(), urls::endpoints(&app.config), &ring.algorithms())));
    app.keys.store(Arc::new(ring));
    Ok(())
}

fn open(vault: &Vault, stored: Vec<StoredKey>, known: Option<&KeyRing>) -> Result<KeyRing, KeysError> {
    let mut ring = Vec::with_capacity(stored.len());
    for StoredKey { kid, algorithm, state, sealed, .. } in stored {
        let key = match known.and_then(|ring| ring.verifying(&kid)) {
            Some(key) => key.clone(),
            None => {
                let bytes = vault
                    .open(Purpose::SigningKey, &place(&kid), &sealed)
                    .map_err(|error| KeysError::Sealed { kid, error })?;
                SigningKey::from_stored(algorithm, &bytes)?
            }
        };
        ring.push(RingKey { key, state });
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
    make(store, vault, chance, algorithm, KeyState::Active, now).await?;
    Ok(true)
}

/// A key as it is kept, in the state `next` or `active`; written nowhere yet.
///
/// # Errors
/// [`KeysError::Key`].
pub(crate) async fn fresh(
    vault: &Vault,
    chance: &dyn Chance,
    algorithm: Algorithm,
    state: KeyState,
    now: DateTime<Utc>,
) -> Result<StoredKey, KeysError> {
    // An RSA key takes some tenths of a second: not on a thread that answers requests.
    let made = tokio::task::spawn_blocking(move || SigningKey::generate(algorithm)).await;
    let (key, bytes) = made.map_err(|_| KeyError::Generate)??;
    Ok(StoredKey {
        kid: key.kid().to_owned(),
        algorithm,
        state,
        sealed: vault.seal(Purpose::SigningKey, &place(key.kid()), &bytes, chance),
        created_at: now,
        activated_at: (state == KeyState::Active).then_some(now),
        retired_at: None,
    })
}

/// Makes a key and publishes it, unless another node has just done so.
///
/// # Errors
/// [`KeysError`].
pub(crate) async fn make(
    store: &Store,
    vault: &Vault,
    chance: &dyn Chance,
    algorithm: Algorithm,
    state: KeyState,
    now: DateTime<Utc>,
) -> Result<(), KeysError> {
    let key = fresh(vault, chance, algorithm, state, now).await?;
    let event = AuditEvent::new(now, Actor::System, Action::SigningKeyMade)
        .detail(serde_json::json!({ "kid": key.kid, "alg": algorithm.as_str(), "state": state.as_str() }));
    store.insert_signing_key(&key, &[event]).await?;
    Ok(())
}

fn place(kid: &str) -> String {
    format!("signing_keys/{kid}")
}
