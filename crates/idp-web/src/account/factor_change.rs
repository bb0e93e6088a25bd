//! A change of what a member signs in with, in one place for every kind of factor: it ends the other sessions, is
//! written down, and is told by mail with a link by which its owner objects.

use chrono::TimeDelta;
use idp_core::account::Account;
use idp_core::audit::{Action, AuditEvent};
use idp_core::mail::OutgoingMail;
use idp_store::{FactorChange, OneTimeLink};

use super::not_me::{self, Disputed};
use super::post_office::{Posting, post as seal_letter};
use crate::extract::{Member, Visitor};
use crate::mail::Letter;
use crate::state::App;
use crate::view::lang::Lang;

/// What was done, as the letter says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// An authenticator app was set up.
    TotpAdded,
    /// It was taken away.
    TotpRemoved,
    /// New recovery codes were made.
    RecoveryCodesMade,
    /// Nobody is signed in through ThaID any more.
    ThaidClosed,
    /// It is allowed again.
    ThaidOpened,
}

impl Told {
    /// The stored word.
    fn word(self) -> &'static str {
        match self {
            Self::TotpAdded => "totp_added",
            Self::TotpRemoved => "totp_removed",
            Self::RecoveryCodesMade => "recovery_codes_made",
            Self::ThaidClosed => "thaid_closed",
            Self::ThaidOpened => "thaid_opened",
        }
    }

    /// The line in the log, and its detail.
    fn action(self) -> (Action, &'static str) {
        match self {
            Self::TotpAdded => (Action::FactorAdded, "totp"),
            Self::TotpRemoved => (Action::FactorRemoved, "totp"),
            Self::RecoveryCodesMade => (Action::RecoveryCodesMade, "recovery-code"),
            Self::ThaidClosed => (Action::FactorRemoved, "thaid"),
            Self::ThaidOpened => (Action::FactorAdded, "thaid"),
        }
    }
}

/// A change by `member`, with all that goes with it. The caller wakes the outbox after the write.
pub fn prepare(app: &App, visitor: &Visitor, member: &Member, told: Told) -> FactorChange {
    let account = &member.account.account;
    let (action, factor) = told.action();
    let event = AuditEvent::by_member(visitor.now, account.id, action)
        .session(member.session.id)
        .from(visitor.origin.to_string())
        .detail(serde_json::json!({ "factor": factor }));
    let (link, mail) = letter(app, visitor, account, told.word());
    FactorChange {
        account_id: account.id,
        kept: member.session.id,
        device: visitor.known_device(),
        links: vec![link],
        events: vec![event],
        mails: vec![mail],
    }
}

/// The letter about a change, and the link in it.
pub fn letter(app: &App, visitor: &Visitor, account: &Account, what: &str) -> (OneTimeLink, OutgoingMail) {
    let (link, not_me_url) = not_me::objection(app, account.id, Disputed::Factors, visitor.now);
    let letter = Letter::FactorsChanged {
        name: account.profile.full_name(),
        what: what.to_owned(),
        at: visitor.now,
        not_me_url,
    };
    let posting = Posting {
        account: Some(account.id),
        to: &account.email,
        lang: account.language.as_deref().and_then(Lang::from_tag).unwrap_or(visitor.lang),
        good_for: TimeDelta::days(7),
        once: None,
    };
    (link, seal_letter(app, posting, letter, visitor.now))
}
