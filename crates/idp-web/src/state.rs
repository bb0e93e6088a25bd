//! What every handler can reach.

use std::sync::Arc;

use arc_swap::ArcSwap;
use chrono::{DateTime, TimeDelta, Utc};
use idp_core::chance::Chance;
use idp_core::jose::KeyRing;
use idp_core::seal::{Vault, mac};
use idp_core::secret::base64url;
use idp_core::session::SessionLimits;
use idp_core::throttle::Policy;
use idp_core::token::Lifetimes;
use idp_store::{ShortLived, Store};
use idp_verify::{AssuranceTable, CivilRegistry, StaffDirectory, Thaid};
use zeroize::Zeroizing;

use crate::config::Config;
use crate::egress::Egress;
use crate::figures::Meter;
use crate::hasher::Hasher;
use crate::mail::Sender;
use crate::oidc::client_keys::ClientKeyCache;
use crate::passkey::Door;
use crate::time::Clock;
use crate::traffic::Traffic;
use crate::usage::Usage;

/// The running provider. Cheap to clone.
#[derive(Clone)]
pub struct App(pub Arc<Parts>);

/// The parts of a running provider.
pub struct Parts {
    /// The settings.
    pub config: Config,
    /// What outlasts a request.
    pub store: Store,
    /// What costs a person one repeated step when lost.
    pub short_lived: ShortLived,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The source of chance.
    pub chance: Arc<dyn Chance>,
    /// Keys derived from the key file.
    pub vault: Arc<Vault>,
    /// The signing keys, parsed.
    pub keys: ArcSwap<KeyRing>,
    /// The password pool.
    pub hasher: Hasher,
    /// The civil registry.
    pub registry: Arc<dyn CivilRegistry>,
    /// The staff directory.
    pub staff: Arc<dyn StaffDirectory>,
    /// ThaID, where it is on.
    pub thaid: Option<Thaid>,
    /// The level each way of verifying gives.
    pub assurance: AssuranceTable,
    /// The discovery document, made anew with the keys.
    pub discovery: ArcSwap<Vec<u8>>,
    /// The one way out to addresses that clients name.
    pub egress: Egress,
    /// The public keys of clients, parsed.
    pub client_keys: ClientKeyCache,
    /// Who mails come from.
    pub sender: Sender,
    /// The key of form tokens.
    pub form_key: Zeroizing<[u8; 32]>,
    /// The key under which addresses are counted by throttles.
    pub address_key: Zeroizing<[u8; 32]>,
    /// The key under which nonces for proofs are made; the same on every node.
    pub nonce_key: Zeroizing<[u8; 32]>,
    /// The key under which tasks are made for whoever keeps guessing; the same on every node.
    pub work_key: Zeroizing<[u8; 32]>,
    /// Passkeys, where the issuer has a host name.
    pub passkeys: Option<Door>,
    /// The key that signs where a list goes on; the same on every node.
    pub cursor_key: Zeroizing<[u8; 32]>,
    /// What clients were answered, not written yet.
    pub usage: Usage,
    /// What this node counts, not written yet.
    pub meter: Meter,
    /// The traffic log, not written yet.
    pub traffic: Traffic,
    /// Wakes the outbox when a mail was queued.
    pub mail_queued: tokio::sync::Notify,
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Parts {
    /// This moment. Handlers read it once, through the visitor.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The issuer, without a slash at its end.
    pub fn issuer(&self) -> &str {
        &self.config.server.issuer
    }

    /// A URL of ours. Only the configured issuer shapes it, never a header.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer())
    }

    /// How long sessions live.
    pub fn session_limits(&self) -> SessionLimits {
        self.config.sessions.limits()
    }

    /// How long tokens live.
    pub fn lifetimes(&self) -> Lifetimes {
        let tokens = &self.config.tokens;
        Lifetimes {
            code: TimeDelta::seconds(tokens.code_seconds.into()),
            access: TimeDelta::seconds(tokens.access_seconds.into()),
            id: TimeDelta::seconds(tokens.id_seconds.into()),
            refresh_idle: TimeDelta::hours(tokens.refresh_idle_hours.into()),
            refresh_absolute: TimeDelta::hours(tokens.refresh_absolute_hours.into()),
        }
    }

    /// How password guesses are slowed down.
    pub fn sign_in_policy(&self) -> Policy {
        let throttle = &self.config.throttle;
        Policy {
            free: throttle.free_attempts,
            first_wait: TimeDelta::seconds(throttle.first_delay_seconds.into()),
            longest_wait: TimeDelta::minutes(throttle.longest_delay_minutes.into()),
            forget_after: TimeDelta::hours(24),
        }
    }

    /// How guesses at a second factor are slowed down: three for a step of thirty seconds, under the counter of the
    /// password.
    pub fn second_factor_policy(&self) -> Policy {
        let policy = self.sign_in_policy();
        Policy { free: policy.free.min(3), first_wait: policy.first_wait.max(TimeDelta::seconds(30)), ..policy }
    }

    /// The name under which an address is counted: it cannot be read back.
    pub fn address_mark(&self, address: &str) -> String {
        base64url(&mac(&self.address_key, &[address.as_bytes()])[..16])
    }
}
