//! What staff do for members, whichever door they come through: console, API or command line. Each deed has a reason, changes
//! and is written down in one transaction, and the member hears of it by mail.

mod deeds;
pub mod detail;
pub mod find;
mod review;
pub mod view;

pub use deeds::{Done, EXTENSION_DAYS};
pub use review::Reviewed;

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::Account;
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::chance::Chance;
use idp_core::id::SessionId;
use idp_core::mail::OutgoingMail;
use idp_core::reason::Reason;
use idp_core::seal::Vault;
use idp_store::Store;
use serde_json::{Value, json};

use crate::account::post_office::{Posting, seal as seal_letter};
use crate::clients::Hand;
use crate::config::Config;
use crate::mail::Letter;
use crate::state::Parts;
use crate::view::lang::Lang;

/// Where members are looked after.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// What is changed.
    pub store: &'a Store,
    /// Seals letters.
    pub vault: &'a Vault,
    /// Where links come from.
    pub chance: &'a dyn Chance,
    /// The settings.
    pub config: &'a Config,
}

/// Who does something for a member, and why.
#[derive(Clone, Debug)]
pub struct Doer {
    /// Who.
    pub actor: Actor,
    /// In which session, in the console.
    pub session: Option<SessionId>,
    /// From which network address, in the console.
    pub origin: Option<String>,
    /// Why.
    pub reason: Reason,
    /// When.
    pub now: DateTime<Utc>,
}

impl Doer {
    /// Whoever's hand it is, for a reason.
    pub fn of(hand: &Hand, reason: Reason) -> Self {
        let Hand { actor, session, origin, now } = hand.clone();
        Self { actor, session, origin, reason, now }
    }

    /// A line about `account`, with the reason and `detail`.
    fn event(&self, action: Action, account: &Account, detail: Value) -> AuditEvent {
        let mut told = json!({ "reason": self.reason.as_str() });
        if let (Some(told), Value::Object(detail)) = (told.as_object_mut(), detail) {
            told.extend(detail);
        }
        let event = AuditEvent::new(self.now, self.actor, action).account(account.id).detail(told);
        AuditEvent { session_id: self.session, origin: self.origin.clone(), ..event }
    }
}

impl<'a> Desk<'a> {
    /// The desk of a running provider.
    pub fn of(app: &'a Parts) -> Self {
        Self { store: &app.store, vault: &app.vault, chance: &*app.chance, config: &app.config }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.config.server.issuer)
    }

    /// A letter to a member, in the language they chose.
    fn letter(&self, account: &Account, letter: Letter, now: DateTime<Utc>) -> OutgoingMail {
        let posting = Posting {
            account: Some(account.id),
            to: &account.email,
            lang: account.language.as_deref().and_then(Lang::from_tag).unwrap_or_default(),
            good_for: TimeDelta::days(7),
            once: None,
        };
        seal_letter(self.vault, self.chance, posting, letter, now)
    }
}
