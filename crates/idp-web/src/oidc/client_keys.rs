//! The public keys of clients, parsed and kept: from the registration, or from the client's own address.
//!
//! An address is asked when its keys are old, and when a signature names a key we do not know; never twice in a minute,
//! whatever came of it, and by one request at a time for each client. While it does not answer, the keys it gave last
//! go on working for an hour.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::client::{Client, KeySource, OutgoingUri};
use idp_core::id::ClientId;
use idp_core::jose::{Algorithm, ClientJws, ClientKeys, JwsError};
use serde::de::DeserializeOwned;

use crate::state::App;

/// Keys of this age are fetched anew.
const FRESH: TimeDelta = TimeDelta::minutes(15);
/// Keys of this age no longer count, when they cannot be fetched.
const STALE: TimeDelta = TimeDelta::hours(1);
/// Two requests for one client's keys are at least this far apart.
const BETWEEN: TimeDelta = TimeDelta::seconds(60);
/// The longest document that is read, in bytes.
const LONGEST: usize = 64 * 1024;
/// How many clients' keys are kept.
const MOST: usize = 2000;

/// Why a client's signature is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The client has registered no keys.
    #[error("the client has no keys")]
    NoKeys,
    /// Its keys could not be fetched, or are not fit.
    #[error("the keys of the client cannot be had")]
    Unavailable,
    /// The signature, or what is under it.
    #[error(transparent)]
    Jws(#[from] JwsError),
}

/// The keys of each client, as they were last seen.
#[derive(Default)]
pub struct ClientKeyCache {
    entries: Mutex<HashMap<ClientId, Arc<Entry>>>,
}

/// One client's keys. The lock is held while they are fetched: whoever else wants them waits for the same answer.
struct Entry {
    source: KeySource,
    kept: tokio::sync::Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    keys: Option<(Arc<ClientKeys>, DateTime<Utc>)>,
    tried_at: Option<DateTime<Utc>>,
}

/// When an address is asked although keys are there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Whatever is fresh.
    Fresh,
    /// A key that is not among those of this moment.
    Other(DateTime<Utc>),
}

/// The public keys of `client`.
///
/// # Errors
/// [`SignatureError::NoKeys`] and [`SignatureError::Unavailable`].
pub async fn keys_of(app: &App, client: &Client, now: DateTime<Utc>) -> Result<Arc<ClientKeys>, SignatureError> {
    keys(app, client, Wanted::Fresh, now).await.map(|(keys, _)| keys)
}

/// The claims of a token that `client` signed with one of `accepted`. When it names a key we do not know, the client may
/// have changed its keys: they are fetched once more.
///
/// # Errors
/// [`SignatureError`].
pub async fn verified<T: DeserializeOwned>(
    app: &App,
    client: &Client,
    token: &ClientJws<'_>,
    accepted: &[Algorithm],
    now: DateTime<Utc>,
) -> Result<T, SignatureError> {
    let (known, at) = keys(app, client, Wanted::Fresh, now).await?;
    match token.verify(&known, accepted) {
        Err(JwsError::UnknownKey) => {}
        settled => return Ok(settled?),
    }
    let (other, _) = keys(app, client, Wanted::Other(at), now).await?;
    Ok(token.verify(&other, accepted)?)
}

async fn keys(
    app: &App,
    client: &Client,
    wanted: Wanted,
    now: DateTime<Utc>,
) -> Result<(Arc<ClientKeys>, DateTime<Utc>), SignatureError> {
    let entry = app.client_keys.entry(client);
    let mut kept = entry.kept.lock().await;
    match &entry.source {
        KeySource::None => Err(SignatureError::NoKeys),
        KeySource::Document(document) => {
            if kept.keys.is_none() {
                // It was found sound when it was registered.
                let keys = ClientKeys::parse(document.as_bytes()).map_err(|_| SignatureError::Unavailable)?;
                kept.keys = Some((Arc::new(keys), now));
            }
            kept.keys.clone().ok_or(SignatureError::Unavailable)
        }
        KeySource::Uri(uri) => {
            if kept.is_to_be_fetched(wanted, now) {
                kept.tried_at = Some(now);
                if let Some(keys) = fetch(app, client, uri).await {
                    kept.keys = Some((Arc::new(keys), now));
                }
            }
            let usable = kept.keys.clone().filter(|(_, at)| now - *at < STALE);
            usable.ok_or(SignatureError::Unavailable)
        }
    }
}

async fn fetch(app: &App, client: &Client, uri: &OutgoingUri) -> Option<ClientKeys> {
    let document = match app.egress.get(uri, "application/jwk-set+json, application/json", LONGEST).await {
        Ok(document) => document,
        Err(error) => {
            tracing::warn!(client.id = %client.id, %error, "the keys at {uri} were not fetched");
            return None;
        }
    };
    match ClientKeys::parse(&document) {
        Ok(keys) => Some(keys),
        Err(error) => {
            tracing::warn!(client.id = %client.id, %error, "the keys at {uri} are not fit");
            None
        }
    }
}

impl Kept {
    fn is_to_be_fetched(&self, wanted: Wanted, now: DateTime<Utc>) -> bool {
        let needed = match (&self.keys, wanted) {
            (None, _) => true,
            (Some((_, at)), Wanted::Fresh) => now - *at >= FRESH,
            // Somebody else may have fetched them since.
            (Some((_, at)), Wanted::Other(seen)) => *at <= seen,
        };
        needed && self.tried_at.is_none_or(|tried| now - tried >= BETWEEN)
    }
}

impl ClientKeyCache {
    /// The entry of a client, begun anew when its registration names other keys.
    fn entry(&self, client: &Client) -> Arc<Entry> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.get(&client.id).filter(|entry| entry.source == client.keys) {
            return Arc::clone(entry);
        }
        if entries.len() >= MOST {
            // What is dropped is fetched again.
            entries.clear();
        }
        let entry = Arc::new(Entry { source: client.keys.clone(), kept: tokio::sync::Mutex::default() });
        entries.insert(client.id.clone(), Arc::clone(&entry));
        entry
    }
}
