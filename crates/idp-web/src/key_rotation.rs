//! How signing keys change: by schedule, whoever leads; by `idp keys rotate`; and at once by `idp keys retire`. What is
//! due is decided in [`idp_core::jose::due`], and what happens once is settled by the write.

use chrono::{DateTime, Utc};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::chance::Chance;
use idp_core::jose::{Algorithm, Asked, KeyLife, KeyState, KeyStep, RotationPolicy, asked, due};
use idp_core::seal::Vault;
use idp_store::{Store, StoredKey};
use serde_json::json;

use crate::config::Config;
use crate::keys::{self, KeysError};
use crate::state::App;

/// What is needed to change keys, in the running provider and at the command line alike.
#[derive(Clone, Copy)]
pub struct Keyring<'a> {
    /// Where they lie.
    pub store: &'a Store,
    /// What seals them.
    pub vault: &'a Vault,
    /// What they are made from.
    pub chance: &'a dyn Chance,
    /// When they change.
    pub policy: RotationPolicy,
    /// Who changes them.
    pub actor: Actor,
}

/// What came of asking for a rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotated {
    /// Nothing is signed with this algorithm.
    Unused,
    /// A next key was made; it can sign from this moment on.
    Published(DateTime<Utc>),
    /// The next key is too young to sign before this moment.
    TooEarly(DateTime<Utc>),
    /// This key signs now.
    Signs(String),
    /// Somebody else changed the keys in the same moment.
    Overtaken,
}

/// When keys change, as configured. A retired key is kept for as long as anything it signed may be shown to us: tokens
/// for their lives, and an ID token as `id_token_hint` for the life of its session.
pub fn policy(config: &Config) -> RotationPolicy {
    let (keys, tokens, sessions) = (&config.keys, &config.tokens, &config.sessions);
    let token = chrono::TimeDelta::seconds(tokens.access_seconds.max(tokens.id_seconds).into());
    RotationPolicy {
        period: (keys.rotate_every_days > 0).then(|| chrono::TimeDelta::days(keys.rotate_every_days.into())),
        lead: chrono::TimeDelta::hours(keys.publish_ahead_hours.into()),
        keep: token + chrono::TimeDelta::hours(sessions.absolute_hours.cast_signed()),
    }
}

/// One round of the leader: makes, switches and removes what is due. The other nodes see it at their next look.
///
/// # Errors
/// [`KeysError`]. What was done before it stays so.
pub async fn tend(app: &App) -> Result<(), KeysError> {
    let ring = Keyring {
        store: &app.store,
        vault: &app.vault,
        chance: &*app.chance,
        policy: policy(&app.config),
        actor: Actor::System,
    };
    let now = app.now();
    let stored = app.store.signing_keys().await?;
    let steps = due(&lives(&stored), &ring.policy, now);
    if steps.is_empty() {
        return Ok(());
    }
    for step in &steps {
        ring.take(step, now).await?;
    }
    keys::reload(app).await
}

impl Keyring<'_> {
    /// Rotates the keys of `algorithm` now, as far as that does no harm.
    ///
    /// # Errors
    /// [`KeysError`].
    pub async fn rotate(&self, algorithm: Algorithm, now: DateTime<Utc>) -> Result<Rotated, KeysError> {
        let stored = self.store.signing_keys().await?;
        match asked(&lives(&stored), algorithm, &self.policy, now) {
            Asked::Make => {
                self.take(&KeyStep::Make(algorithm), now).await?;
                Ok(Rotated::Published(now + self.policy.lead))
            }
            Asked::Unused => Ok(Rotated::Unused),
            Asked::Wait(until) => Ok(Rotated::TooEarly(until)),
            Asked::Switch(step) => match (self.take(&step, now).await?, step) {
                (true, KeyStep::Switch { next, .. }) => Ok(Rotated::Signs(next)),
                _ => Ok(Rotated::Overtaken),
            },
        }
    }

    /// Ends a key at once, in an emergency: nothing it signed is believed any more. `None` when there is no such key;
    /// otherwise the key that signs instead, if `kid` was the one that signed.
    ///
    /// # Errors
    /// [`KeysError`].
    pub async fn revoke(&self, kid: &str, now: DateTime<Utc>) -> Result<Option<Option<String>>, KeysError> {
        let stored = self.store.signing_keys().await?;
        let Some(key) = stored.iter().find(|key| key.kid == kid) else { return Ok(None) };
        let fresh = keys::fresh(self.vault, self.chance, key.algorithm, KeyState::Active, now).await?;
        let event = self.event(Action::SigningKeyRevoked, now, &json!({ "kid": kid, "state": key.state.as_str() }));
        Ok(self.store.revoke_signing_key(kid, &fresh, now, &[event]).await?)
    }

    /// Does what is due; `false` when somebody else has done it.
    async fn take(&self, step: &KeyStep, now: DateTime<Utc>) -> Result<bool, KeysError> {
        Ok(match step {
            KeyStep::Make(algorithm) => {
                keys::make(self.store, self.vault, self.chance, *algorithm, KeyState::Next, now).await?;
                true
            }
            KeyStep::Switch { next, active } => {
                let events = [
                    self.event(Action::SigningKeyActivated, now, &json!({ "kid": next })),
                    self.event(Action::SigningKeyRetired, now, &json!({ "kid": active })),
                ];
                self.store.switch_signing_key(next, active, now, &events).await?
            }
            KeyStep::Remove(kid) => {
                let event = self.event(Action::SigningKeyRemoved, now, &json!({ "kid": kid }));
                self.store.remove_signing_key(kid, &[event]).await?
            }
        })
    }

    fn event(&self, action: Action, now: DateTime<Utc>, detail: &serde_json::Value) -> AuditEvent {
        tracing::info!(%detail, "{}", action.as_str());
        AuditEvent::new(now, self.actor, action).detail(detail.clone())
    }
}

fn lives(stored: &[StoredKey]) -> Vec<KeyLife<'_>> {
    stored.iter().map(StoredKey::life).collect()
}
