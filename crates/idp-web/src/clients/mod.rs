//! What staff do with client applications, whichever door they come through: console, API or command line. The rules are
//! here once: [`judge`] (what may be registered), [`deeds`] (what is done, with its line in the audit log), [`settings`]
//! (a client as text: the API's JSON and the command line's TOML).

pub mod deeds;
pub mod judge;
pub mod settings;

pub use deeds::{Refused, Registered};
pub use judge::Fault;
pub use settings::ClientSettings;

use chrono::{DateTime, Utc};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::chance::Chance;
use idp_core::id::SessionId;
use idp_core::jose::Algorithm;
use idp_store::Store;

use crate::config::Config;
use crate::state::Parts;

/// Whose hand does something: what a line of the audit log says of it.
#[derive(Clone, Debug)]
pub struct Hand {
    /// Who.
    pub actor: Actor,
    /// In which session, in the console.
    pub session: Option<SessionId>,
    /// From which network address, in console and API.
    pub origin: Option<String>,
    /// When.
    pub now: DateTime<Utc>,
}

impl Hand {
    /// An operator's, at the command line.
    pub fn operator(now: DateTime<Utc>) -> Self {
        Self { actor: Actor::Operator, session: None, origin: None, now }
    }

    /// A line in which it acts.
    pub fn event(&self, action: Action) -> AuditEvent {
        let event = AuditEvent::new(self.now, self.actor, action);
        AuditEvent { session_id: self.session, origin: self.origin.clone(), ..event }
    }
}

/// Where clients are looked after.
#[derive(Clone, Copy)]
pub struct ClientDesk<'a> {
    /// What is changed.
    pub store: &'a Store,
    /// Where secrets come from.
    pub chance: &'a dyn Chance,
    /// The settings.
    pub config: &'a Config,
    /// Whether tokens can be signed so here.
    pub signs: &'a (dyn Fn(Algorithm) -> bool + Send + Sync),
}

impl<'a> ClientDesk<'a> {
    /// The desk of a running provider.
    pub fn of(app: &'a Parts, signs: &'a (dyn Fn(Algorithm) -> bool + Send + Sync)) -> Self {
        Self { store: &app.store, chance: &*app.chance, config: &app.config, signs }
    }
}

/// Whether a running provider has a key that signs so.
pub fn signs(app: &Parts) -> impl Fn(Algorithm) -> bool + Send + Sync + '_ {
    |algorithm| app.keys.load().signing(algorithm).is_some()
}
