//! Puts letters into envelopes for the outbox: sealed, so that no code or link lies open in SQL.

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::chance::Chance;
use idp_core::email::EmailAddress;
use idp_core::id::{AccountId, MailId};
use idp_core::mail::OutgoingMail;
use idp_core::seal::{Purpose, SealError, Vault};
use serde::{Deserialize, Serialize};

use crate::mail::Letter;
use crate::state::Parts;
use crate::view::lang::Lang;

/// What lies sealed in the outbox.
#[derive(Serialize, Deserialize)]
pub struct Envelope {
    /// The address.
    pub to: String,
    /// "th" or "en".
    pub lang: String,
    /// When it was written: the mail's date.
    pub written_at: DateTime<Utc>,
    /// What it says.
    pub letter: Letter,
}

impl Envelope {
    /// Opens a sealed envelope.
    ///
    /// # Errors
    /// When the seal is broken, or what is inside is not a letter.
    pub fn open(app: &Parts, id: MailId, sealed: &[u8]) -> Result<Self, SealError> {
        let bytes = app.vault.open(Purpose::Mail, &place(id), sealed)?;
        serde_json::from_slice(&bytes).map_err(|_| SealError::Broken)
    }
}

/// How a letter is to be sent.
pub struct Posting<'a> {
    /// The account it is about.
    pub account: Option<AccountId>,
    /// To whom.
    pub to: &'a EmailAddress,
    /// In which language.
    pub lang: Lang,
    /// After so long it is pointless.
    pub good_for: TimeDelta,
    /// A word that may exist once for an account.
    pub once: Option<String>,
}

/// Seals a letter for the outbox.
pub fn post(app: &Parts, posting: Posting<'_>, letter: Letter, now: DateTime<Utc>) -> OutgoingMail {
    seal(&app.vault, &*app.chance, posting, letter, now)
}

/// The same, where no provider runs: at the command line.
pub fn seal(
    vault: &Vault,
    chance: &dyn Chance,
    posting: Posting<'_>,
    letter: Letter,
    now: DateTime<Utc>,
) -> OutgoingMail {
    let id = MailId::make(chance);
    let kind = letter.kind().to_owned();
    let envelope =
        Envelope { to: posting.to.as_str().to_owned(), lang: posting.lang.tag().to_owned(), written_at: now, letter };
    let bytes = zeroize::Zeroizing::new(serde_json::to_vec(&envelope).expect("letters are strings and dates"));
    OutgoingMail {
        id,
        account_id: posting.account,
        kind,
        sealed: vault.seal(Purpose::Mail, &place(id), &bytes, chance),
        due_at: now,
        expires_at: now + posting.good_for,
        once: posting.once,
    }
}

fn place(id: MailId) -> String {
    format!("mails/{id}")
}
