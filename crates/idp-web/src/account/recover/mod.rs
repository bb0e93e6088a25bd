//! `/recover`: a forgotten password, by a mailed link. The link lets its holder set a password and nothing else: it signs
//! nobody in, lifts no suspension and no freezing, and gives no badge.

pub mod answer;
mod ask;
mod set;

pub use ask::{get as ask_page, post as ask};
pub use set::{get as set_page, post as set};

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::id::AccountId;
use idp_core::secret::Secret;
use idp_store::{OneTimeLink, RECOVERY};

use crate::state::App;
use crate::urls;

/// How long a link may be used.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(30);

/// A link that sets a password: its path, and what is kept of it. It is for whoever has the account's mailbox.
pub(super) fn fresh_link(app: &App, now: DateTime<Utc>, account: AccountId) -> (String, OneTimeLink) {
    let secret = Secret::make(&*app.chance);
    let link = OneTimeLink {
        digest: secret.digest(),
        account_id: account,
        purpose: RECOVERY.to_owned(),
        expires_at: now + LIFETIME,
    };
    (format!("{}?token={}", urls::RECOVER_SET, secret.reveal()), link)
}
