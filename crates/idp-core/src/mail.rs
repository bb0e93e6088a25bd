//! A mail waiting in the outbox. What it says is the web crate's; here it is a sealed letter with an address.

use chrono::{DateTime, Utc};

use crate::id::{AccountId, MailId};

/// A mail to be sent, written in the transaction of what it tells of.
#[derive(Clone, Debug)]
pub struct OutgoingMail {
    /// Its identifier; also its Message-ID, so that a second copy after a crash is recognised.
    pub id: MailId,
    /// The account it is about, if any.
    pub account_id: Option<AccountId>,
    /// The kind, for the operator: never personal.
    pub kind: String,
    /// Address, language and letter, sealed.
    pub sealed: Vec<u8>,
    /// Not before.
    pub due_at: DateTime<Utc>,
    /// After this it is pointless and is dropped.
    pub expires_at: DateTime<Utc>,
    /// Set to a word that may exist once for an account, such as `ending-14`, so that a mail is queued once.
    pub once: Option<String>,
}
