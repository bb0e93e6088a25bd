//! `/recover`: a forgotten password, by a mailed link. The link lets its holder set a password and nothing else: it signs
//! nobody in, lifts no suspension and no freezing, and gives no badge.

mod ask;
mod set;

pub use ask::{get as ask_page, post as ask};
pub use set::{get as set_page, post as set};

use chrono::TimeDelta;
use idp_core::id::AccountId;
use idp_core::secret::Secret;
use idp_store::{OneTimeLink, RECOVERY};

use crate::extract::Visitor;
use crate::state::App;
use crate::urls;

/// How long a link may be used.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(30);

/// A link that sets a password, for somebody who has just proven that the account's mailbox is theirs: its path, and what
/// is kept of it.
pub(super) fn link_for(app: &App, visitor: &Visitor, account: AccountId) -> (String, OneTimeLink) {
    let secret = Secret::make(&*app.chance);
    let link = OneTimeLink {
        digest: secret.digest(),
        account_id: account,
        purpose: RECOVERY.to_owned(),
        expires_at: visitor.now + LIFETIME,
    };
    (format!("{}?token={}", urls::RECOVER_SET, secret.reveal()), link)
}
