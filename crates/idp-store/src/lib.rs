//! What outlasts a request: [`Store`] on SQL (SQLite embedded, PostgreSQL in production) is the truth, [`ShortLived`]
//! (in memory embedded, Redis in production) is speed.
//!
//! One file for each aggregate holds its statements, the way its rows become core types, and its changes. What may
//! happen once is settled by the write: an UPDATE, INSERT or DELETE whose WHERE says what must still hold, and whose
//! returned rows decide. Every change takes its audit events and mails along and writes them in the same transaction,
//! or not at all. Times are handed in.
//!
//! Reading order: [`engine`], [`accounts`], [`registrations`], [`sessions`], [`grants`], then the others.

mod about_me;
mod accounts;
mod api_answers;
mod approvals;
mod assertions;
mod audit;
mod audit_hours;
mod audit_lines;
mod audit_search;
mod cache;
mod client_days;
mod client_events;
mod client_logos;
mod clients;
mod codes;
mod consents;
mod deliveries;
mod devices;
mod disputes;
mod email_changes;
mod engine;
mod error;
mod factors;
mod figures;
mod grants;
mod keys;
mod leases;
mod links;
mod logout_notices;
mod lost_factors;
mod mails;
mod members;
mod memberships;
mod passkeys;
mod passwords;
mod privacy;
mod probe;
mod purge;
mod receipts;
mod registration_tokens;
mod registrations;
mod renewals;
mod reviews;
mod revoked;
mod rights;
mod seen;
mod sessions;
mod short_lived;
mod sign_ins;
mod staff;
mod thaid;
mod throttle;
mod traffic;
mod trials;
mod verification;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use idp_core::chance::Chance;
use idp_core::seal::Vault;
use tokio::sync::mpsc;

pub use accounts::{Registered, StoredAccount};
pub use api_answers::{Answered, Created, Creation, KeptAnswer};
pub use approvals::{Asked, Decided};
pub use audit::{AuditFault, AuditLine, AuditReport};
pub use audit_lines::LinesCheck;
pub use audit_search::{AuditFilter, SealCheck};
pub use cache::Stale;
pub use client_days::ClientUse;
pub use client_events::{ClientEvent, EVENT_LIFETIME};
pub use client_logos::Logo;
pub use consents::{Basis, Consent};
pub use disputes::Settlement;
pub use email_changes::{EmailChangeOrder, EmailChanged, EmailUndoOrder, EmailUndone};
pub use error::StoreError;
pub use factors::{FactorChange, NewTotp, StoredTotp, TotpAdded};
pub use figures::{AHEAD_DAYS, Figure, Meant};
pub use grants::{Issued, Link};
pub use keys::StoredKey;
pub use links::{LOST_FACTOR_DISPUTE, OneTimeLink, SIGN_IN_DISPUTE};
pub use logout_notices::{LogoutNotice, NOTICE_LIFETIME, OpenNotice};
pub use lost_factors::{LOST_FACTOR_OVER, LostFactorOrder};
pub use mails::{MailFate, MailTrace, QueuedMail};
pub use members::{MemberList, MemberPage, MemberPlace};
pub use passkeys::PasskeyAdded;
pub use passwords::{NewPassword, RECOVERY};
pub use privacy::HeldRows;
pub use receipts::Receipt;
pub use renewals::Renewal;
pub use reviews::{NewReview, ReviewList, ReviewPlace};
pub use seen::{ReleaseDay, ReleasePlace};
pub use sessions::{Ending, SignInOrder};
pub use short_lived::{ShortLived, Space};
pub use sign_ins::{HalfSignIn, SignInLine};
pub use staff::{Accepted, Given, Invitation};
pub use thaid::{ThaidAccount, ThaidDoor};
pub use throttle::Attempt;
pub use traffic::{TrafficFilter, TrafficLine};
pub use verification::{CaseLimits, Opened, Promotion, PromotionOrder, Word};

use cache::{ANNOUNCEMENTS, Caches};
use engine::{Engine, params};

/// How the store is opened.
#[derive(Clone)]
pub struct StoreOptions {
    /// `sqlite://data/idp.db` or `postgres://user@host/database`.
    pub url: String,
    /// Connections to PostgreSQL at most; SQLite has one writer and four readers.
    pub max_connections: u32,
    /// Seals and indexes national numbers.
    pub vault: Arc<Vault>,
    /// Where seeds and nonces come from.
    pub chance: Arc<dyn Chance>,
    /// How long a cached row may lag behind a change made by another node whose announcement was lost.
    pub cache_ttl: Duration,
}

impl fmt::Debug for StoreOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may hold a password.
        f.debug_struct("StoreOptions").field("max_connections", &self.max_connections).finish_non_exhaustive()
    }
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    engine: Engine,
    caches: Arc<Caches>,
    vault: Arc<Vault>,
    chance: Arc<dyn Chance>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.engine.is_sqlite() { "Store(SQLite)" } else { "Store(PostgreSQL)" })
    }
}

impl Store {
    /// Opens the database; a missing SQLite file is made. Tables are made by [`Store::migrate`].
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] with a line that says what to do.
    pub async fn open(options: StoreOptions) -> Result<Self, StoreError> {
        let caches = Arc::new(Caches::new(options.cache_ttl));
        let engine = Engine::open(&options, Arc::clone(&caches)).await?;
        Ok(Self(Arc::new(Inner { engine, caches, vault: options.vault, chance: options.chance })))
    }

    /// Brings the tables up to date. Safe when several programs do it at once.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses; nothing is changed then.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        self.0.engine.migrate().await
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError`] when it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.0.engine.all("ping", "SELECT 1", params![]).await.map(|_| ())
    }

    /// Finishes what is being written and closes the database. Nothing can be asked of it afterwards.
    pub async fn close(&self) {
        self.0.engine.close().await;
    }

    /// Tells the other nodes which cached rows to drop, and drops those that they name, for as long as it is polled. To
    /// be called once; in memory there are no other nodes, and it returns at once.
    pub async fn follow(&self, short_lived: &ShortLived) {
        let (sender, mut changed_here) = mpsc::channel(ANNOUNCEMENTS);
        self.caches().announce_to(sender);
        let mut stale = Vec::new();
        loop {
            let mut changed_elsewhere = match short_lived.subscribe().await {
                Ok(Some(announcements)) => announcements,
                Ok(None) => return,
                Err(error) => {
                    tracing::warn!(%error, "changes made by other nodes are not heard of");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    continue;
                }
            };
            loop {
                tokio::select! {
                    announced = changed_elsewhere.recv() => match announced {
                        Some(row) => self.caches().drop_row(&row),
                        None => break,
                    },
                    _ = changed_here.recv_many(&mut stale, 256) => {
                        if self.caches().missed_announcements() {
                            stale.push(Stale::Everything);
                        }
                        if let Err(error) = short_lived.announce(&stale).await {
                            // The others lag behind by the lifetime of their rows.
                            tracing::warn!(%error, "the other nodes were not told of a change");
                        }
                        stale.clear();
                    }
                }
            }
        }
    }

    fn engine(&self) -> &Engine {
        &self.0.engine
    }

    fn caches(&self) -> &Caches {
        &self.0.caches
    }

    fn chance(&self) -> &dyn Chance {
        &*self.0.chance
    }
}
