//! Puts letters into envelopes for the outbox: sealed, so that no code or link lies open in SQL.

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::chance::Chance;
use idp_core::email::EmailAddress;
use idp_core::id::{AccountId, MailId};
use idp_core::mail::OutgoingMail;
use idp_core::seal::{Purpose, SealError, Vault};
use serde::de::DeserializeOwned;
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
        open(app, id, sealed)
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
    let kind = letter.kind();
    let Posting { account, to, lang, good_for, once } = posting;
    let envelope = Envelope { to: to.as_str().to_owned(), lang: lang.tag().to_owned(), written_at: now, letter };
    OutgoingMail { account_id: account, once, ..enclose(vault, chance, kind, &envelope, now, good_for) }
}

/// Seals what a later job is to read.
fn enclose(
    vault: &Vault,
    chance: &dyn Chance,
    kind: &str,
    what: &impl Serialize,
    now: DateTime<Utc>,
    good_for: TimeDelta,
) -> OutgoingMail {
    let id = MailId::make(chance);
    let bytes = zeroize::Zeroizing::new(serde_json::to_vec(what).expect("strings and dates"));
    OutgoingMail {
        id,
        account_id: None,
        kind: kind.to_owned(),
        sealed: vault.seal(Purpose::Mail, &place(id), &bytes, chance),
        due_at: now,
        expires_at: now + good_for,
        once: None,
    }
}

/// Something that is to be looked into before anybody can be written to. It waits in the outbox like a letter, under its
/// own kind: whoever asks is answered before anything depends on whom it concerns.
pub fn errand(app: &Parts, kind: &str, what: &impl Serialize, now: DateTime<Utc>, good_for: TimeDelta) -> OutgoingMail {
    enclose(&app.vault, &*app.chance, kind, what, now, good_for)
}

/// Opens what was sealed for the outbox.
///
/// # Errors
/// When the seal is broken, or something else is inside.
pub fn open<T: DeserializeOwned>(app: &Parts, id: MailId, sealed: &[u8]) -> Result<T, SealError> {
    let bytes = app.vault.open(Purpose::Mail, &place(id), sealed)?;
    serde_json::from_slice(&bytes).map_err(|_| SealError::Broken)
}

fn place(id: MailId) -> String {
    format!("mails/{id}")
}
