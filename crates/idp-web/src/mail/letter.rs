//! One variant per mail, with all it needs to be written later in either language.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use idp_core::account::DeclineReason;
use idp_core::thai::time;
use serde::{Deserialize, Serialize};

use super::compose::{Content, Greeting};
use crate::account::words;
use crate::view::{Lang, Text};

/// What was done to a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasskeyChange {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
}

/// A mail waiting to be written. The durable outbox keeps it as JSON, so a variant holds values
/// (moments, not formatted dates) and the language is chosen when it is composed. Links are ready
/// URLs made from the configured issuer, never from a request.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Letter {
    /// The 6-digit code that proves the mailbox during registration.
    ConfirmEmail {
        /// Six digits, a secret.
        code: String,
        /// Shown beside the code on the page, so that a person with several mails picks the right one.
        reference: String,
        /// How long the code is good.
        minutes: u32,
    },
    /// Somebody registered with an address that has an account: the page stays neutral, the owner hears of it.
    AlreadyMember {
        /// The sign-in page.
        sign_in_url: String,
    },
    /// The 6-digit code that proves a mailbox of the ministry's domain.
    StaffMailboxCode {
        /// Six digits, a secret.
        code: String,
        /// As in [`Letter::ConfirmEmail`].
        reference: String,
        /// How long the code is good.
        minutes: u32,
    },
    /// The account exists; the membership is temporary.
    Welcome {
        /// First and last name.
        name: String,
        /// The last moment of the temporary membership.
        until_date: DateTime<Utc>,
    },
    /// The temporary membership ends in a few days.
    MembershipEnding {
        /// First and last name.
        name: String,
        /// Whole days left, at least 1.
        days_left: u32,
        /// The last moment of the membership.
        until_date: DateTime<Utc>,
        /// Where to verify.
        verify_url: String,
    },
    /// The temporary membership has ended: verify or delete.
    MembershipEnded {
        /// First and last name.
        name: String,
        /// Where to verify.
        verify_url: String,
        /// Where to delete the account.
        delete_url: String,
        /// When the account is erased if neither is done.
        erased_on: Option<DateTime<Utc>>,
    },
    /// The identity was verified: permanent member, with a way to say "this was not me".
    Verified {
        /// First and last name.
        name: String,
        /// The stored word of the method, such as `civil_registry` or `staff_directory`; one not known here is described
        /// in general words.
        method_key: String,
        /// When.
        at: DateTime<Utc>,
        /// One-time link, a secret.
        not_me_url: String,
    },
    /// Another account presented the number of this member's card, with everything else right: nothing was changed, and the
    /// holder of the number hears of it.
    NumberPresented {
        /// First and last name.
        name: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// The badge was withdrawn; the membership is temporary again.
    BadgeWithdrawn {
        /// First and last name.
        name: String,
        /// The last moment of the new temporary membership.
        until_date: DateTime<Utc>,
        /// Where to verify again.
        verify_url: String,
    },
    /// Every session of the account was ended.
    SignedOutEverywhere {
        /// First and last name.
        name: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// The 6-digit code that is the second factor of a sign-in.
    SecondFactorCode {
        /// First and last name.
        name: String,
        /// Six digits, a secret.
        code: String,
        /// As in [`Letter::ConfirmEmail`].
        reference: String,
        /// How long the code is good.
        minutes: u32,
    },
    /// The 6-digit code for whoever lost their second factor.
    LostFactorCode {
        /// First and last name.
        name: String,
        /// Six digits, a secret.
        code: String,
        /// As in [`Letter::ConfirmEmail`].
        reference: String,
        /// How long the code is good.
        minutes: u32,
    },
    /// Somebody asked for a lost second factor to be removed, and waits; with a way to say "this was not me".
    LostFactorWaiting {
        /// First and last name.
        name: String,
        /// When it was asked for.
        at: DateTime<Utc>,
        /// The end of the waiting time.
        until: DateTime<Utc>,
        /// The one-time link that calls it off.
        not_me_url: String,
    },
    /// The waiting time is over: the next sign-in may remove the factors.
    LostFactorOver {
        /// First and last name.
        name: String,
        /// The one-time link that calls it off.
        not_me_url: String,
    },
    /// A second factor was added or removed, with a way to say "this was not me".
    FactorsChanged {
        /// First and last name.
        name: String,
        /// The stored word of what was done, such as `totp_added`; one not known here is described in general words.
        what: String,
        /// When.
        at: DateTime<Utc>,
        /// The one-time link that freezes the account.
        not_me_url: String,
    },
    /// Somebody, it is hoped the owner, forgot the password.
    RecoverPassword {
        /// First and last name.
        name: String,
        /// Where to set another, a secret.
        url: String,
        /// How long the link is good.
        minutes: u32,
    },
    /// A passkey was added or removed, with a way to say "this was not me".
    PasskeyChanged {
        /// First and last name.
        name: String,
        /// What was done.
        change: PasskeyChange,
        /// What the member calls it.
        passkey: String,
        /// When.
        at: DateTime<Utc>,
        /// The one-time link that freezes the account.
        not_me_url: String,
    },
    /// The password is another one now, with a way to say "this was not me".
    PasswordChanged {
        /// First and last name.
        name: String,
        /// When.
        at: DateTime<Utc>,
        /// The one-time link that freezes the account.
        not_me_url: String,
    },
    /// The 6-digit code that proves the mailbox an account is to have.
    ChangeEmailCode {
        /// Six digits, a secret.
        code: String,
        /// As in [`Letter::ConfirmEmail`].
        reference: String,
        /// How long the code is good.
        minutes: u32,
    },
    /// Another member wanted this address for their account: the page stays neutral, the owner hears of it.
    EmailWanted {
        /// When.
        at: DateTime<Utc>,
    },
    /// To the old address: the account has another one now, and this mailbox can take that back.
    EmailChanged {
        /// First and last name.
        name: String,
        /// When.
        at: DateTime<Utc>,
        /// The new address, masked.
        new_address: String,
        /// The one-time link that takes the change back.
        undo_url: String,
        /// Until when.
        undo_until: DateTime<Utc>,
    },
    /// To the new address: it is the account's now.
    EmailIsNew {
        /// First and last name.
        name: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// To the address that was taken away again.
    EmailUndone {
        /// First and last name.
        name: String,
        /// When.
        at: DateTime<Utc>,
        /// The one-time link that freezes the account.
        not_me_url: String,
    },
    /// Somebody signed in with a browser that the account did not know.
    NewSignIn {
        /// First and last name.
        name: String,
        /// When.
        at: DateTime<Utc>,
        /// Browser and system in two words; empty when they cannot be told.
        device: String,
        /// The network, without the part that names one device.
        network: String,
        /// The one-time link that ends every session.
        not_me_url: String,
    },
    /// Somebody gave the right password in a browser that the account does not know, and no second step followed.
    PasswordKnown {
        /// First and last name.
        name: String,
        /// When.
        at: DateTime<Utc>,
        /// Browser and system in two words; empty when they cannot be told.
        device: String,
        /// The network, without the part that names one device.
        network: String,
        /// Where to set another password.
        password_url: String,
    },
    /// The account rests at its owner's word.
    Restricted {
        /// First and last name.
        name: String,
        /// When.
        at: DateTime<Utc>,
        /// Where to take it into use again.
        lift_url: String,
    },
    /// The account that rested is in use again.
    RestrictionLifted {
        /// First and last name.
        name: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// The account will be erased.
    DeletionScheduled {
        /// First and last name.
        name: String,
        /// When at the latest.
        erase_date: DateTime<Utc>,
    },
    /// A register cannot tell: an officer looks at the verification.
    ReviewOpened {
        /// First and last name.
        name: String,
        /// Where it can be followed.
        profile_url: String,
    },
    /// The officer did not confirm the verification.
    ReviewDeclined {
        /// First and last name.
        name: String,
        /// The stored word of [`idp_core::account::DeclineReason`].
        reason_key: String,
        /// Where to try again.
        verify_url: String,
    },
    /// An officer stopped the account.
    AccountSuspended {
        /// First and last name.
        name: String,
        /// When.
        at: DateTime<Utc>,
        /// The officer's reason, in the officer's words.
        reason: String,
    },
    /// An officer took the account into use again.
    AccountRestored {
        /// First and last name.
        name: String,
        /// When.
        at: DateTime<Utc>,
        /// Where to sign in.
        sign_in_url: String,
        /// Where to set another password, when the one before is void because its owner disputed a deed.
        recover_url: Option<String>,
    },
    /// An officer ended every session of the account.
    SessionsEnded {
        /// First and last name.
        name: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// An officer gave the temporary membership more days.
    MembershipExtended {
        /// First and last name.
        name: String,
        /// The new last moment.
        until_date: DateTime<Utc>,
        /// Where to verify.
        verify_url: String,
    },
}

impl Letter {
    /// The name of the variant, as stored in the outbox and written to logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Letter::ConfirmEmail { .. } => "confirm_email",
            Letter::AlreadyMember { .. } => "already_member",
            Letter::StaffMailboxCode { .. } => "staff_mailbox_code",
            Letter::Welcome { .. } => "welcome",
            Letter::MembershipEnding { .. } => "membership_ending",
            Letter::MembershipEnded { .. } => "membership_ended",
            Letter::Verified { .. } => "verified",
            Letter::NumberPresented { .. } => "number_presented",
            Letter::BadgeWithdrawn { .. } => "badge_withdrawn",
            Letter::SignedOutEverywhere { .. } => "signed_out_everywhere",
            Letter::SecondFactorCode { .. } => "second_factor_code",
            Letter::LostFactorCode { .. } => "lost_factor_code",
            Letter::LostFactorWaiting { .. } => "lost_factor_waiting",
            Letter::LostFactorOver { .. } => idp_store::LOST_FACTOR_OVER,
            Letter::FactorsChanged { .. } => "factors_changed",
            Letter::RecoverPassword { .. } => "recover_password",
            Letter::PasskeyChanged { .. } => "passkey_changed",
            Letter::PasswordChanged { .. } => "password_changed",
            Letter::ChangeEmailCode { .. } => "change_email_code",
            Letter::EmailWanted { .. } => "email_wanted",
            Letter::EmailChanged { .. } => "email_changed",
            Letter::EmailIsNew { .. } => "email_is_new",
            Letter::EmailUndone { .. } => "email_undone",
            Letter::NewSignIn { .. } => "new_sign_in",
            Letter::PasswordKnown { .. } => "password_known",
            Letter::Restricted { .. } => "restricted",
            Letter::RestrictionLifted { .. } => "restriction_lifted",
            Letter::DeletionScheduled { .. } => "deletion_scheduled",
            Letter::ReviewOpened { .. } => "review_opened",
            Letter::ReviewDeclined { .. } => "review_declined",
            Letter::AccountSuspended { .. } => "account_suspended",
            Letter::AccountRestored { .. } => "account_restored",
            Letter::SessionsEnded { .. } => "sessions_ended",
            Letter::MembershipExtended { .. } => "membership_extended",
        }
    }

    /// What the mail says, in the order it is read.
    pub(super) fn content(&self, lang: Lang) -> Content {
        match self {
            Letter::ConfirmEmail { code, reference, minutes } => {
                Content::new("mail-confirm-subject", Greeting::Newcomer)
                    .says(Text::key("mail-confirm-purpose"))
                    .code(code, reference)
                    .then(Text::key("mail-code-expiry").with("minutes", minutes))
                    .if_not_you(Text::key("mail-confirm-not-you"))
            }
            Letter::AlreadyMember { sign_in_url } => Content::new("mail-already-subject", Greeting::Member)
                .says(Text::key("mail-already-purpose"))
                .says(Text::key("mail-already-what"))
                .action(Text::key("mail-already-action"), sign_in_url)
                .if_not_you(Text::key("mail-already-not-you")),
            Letter::StaffMailboxCode { code, reference, minutes } => {
                Content::new("mail-staff-subject", Greeting::Member)
                    .says(Text::key("mail-staff-purpose"))
                    .code(code, reference)
                    .then(Text::key("mail-code-expiry").with("minutes", minutes))
                    .if_not_you(Text::key("mail-staff-not-you"))
            }
            Letter::Welcome { name, until_date } => Content::new("mail-welcome-subject", Greeting::Name(name.clone()))
                .says(Text::key("mail-welcome-purpose"))
                .says(Text::key("mail-welcome-until").with("date", date(lang, *until_date)))
                .says(Text::key("mail-welcome-permanent"))
                .if_not_you(Text::key("mail-not-you")),
            Letter::MembershipEnding { name, days_left, until_date, verify_url } => {
                let subject = Text::key("mail-ending-subject").with("days", days_left);
                let purpose = Text::key("mail-ending-purpose").with("days", days_left);
                Content::titled(subject, Greeting::Name(name.clone()))
                    .says(purpose.with("date", date(lang, *until_date)))
                    .says(Text::key("mail-ending-what"))
                    .action(Text::key("mail-verify-action"), verify_url)
                    .if_not_you(Text::key("mail-ending-not-you"))
            }
            Letter::MembershipEnded { name, verify_url, delete_url, erased_on } => {
                let what = match erased_on {
                    Some(day) => Text::key("mail-ended-what-until").with("date", date(lang, *day)),
                    None => Text::key("mail-ended-what"),
                };
                Content::new("mail-ended-subject", Greeting::Name(name.clone()))
                    .says(Text::key("mail-ended-purpose"))
                    .says(what)
                    .action(Text::key("mail-verify-action"), verify_url)
                    .second_action(Text::key("mail-delete-action"), delete_url)
                    .if_not_you(Text::key("mail-ending-not-you"))
            }
            Letter::Verified { name, method_key, at, not_me_url } => {
                Content::new("mail-verified-subject", Greeting::Name(name.clone()))
                    .says(Text::key("mail-verified-purpose").with("moment", moment(lang, *at)))
                    .says(Text::key(method_words(method_key)))
                    .says(Text::key("mail-verified-what"))
                    .if_not_you(Text::key("mail-verified-not-you"))
                    .second_action(Text::key("mail-not-me-action"), not_me_url)
            }
            Letter::NumberPresented { name, at } => {
                Content::new("mail-presented-subject", Greeting::Name(name.clone()))
                    .says(Text::key("mail-presented-purpose").with("moment", moment(lang, *at)))
                    .says(Text::key("mail-presented-what"))
                    .if_not_you(Text::key("mail-presented-not-you"))
            }
            Letter::BadgeWithdrawn { name, until_date, verify_url } => {
                Content::new("mail-withdrawn-subject", Greeting::Name(name.clone()))
                    .says(Text::key("mail-withdrawn-purpose"))
                    .says(Text::key("mail-withdrawn-until").with("date", date(lang, *until_date)))
                    .action(Text::key("mail-verify-action"), verify_url)
                    .if_not_you(Text::key("mail-withdrawn-not-you"))
            }
            Letter::SignedOutEverywhere { name, at } => {
                Content::new("mail-signed-out-subject", Greeting::Name(name.clone()))
                    .says(Text::key("mail-signed-out-purpose").with("moment", moment(lang, *at)))
                    .says(Text::key("mail-signed-out-what"))
                    .if_not_you(Text::key("mail-not-you"))
            }
            Letter::SecondFactorCode { name, code, reference, minutes } => {
                Content::new("mail-second-subject", Greeting::Name(name.clone()))
                    .says(Text::key("mail-second-purpose"))
                    .code(code, reference)
                    .then(Text::key("mail-code-expiry").with("minutes", minutes))
                    .if_not_you(Text::key("mail-second-not-you"))
            }
            Letter::LostFactorCode { name, code, reference, minutes } => {
                Content::new("mail-lost-code-subject", Greeting::Name(name.clone()))
                    .says(Text::key("mail-lost-code-purpose"))
                    .code(code, reference)
                    .then(Text::key("mail-code-expiry").with("minutes", minutes))
                    .if_not_you(Text::key("mail-second-not-you"))
            }
            Letter::LostFactorWaiting { name, at, until, not_me_url } => {
                Content::new("mail-lost-waiting-subject", Greeting::Name(name.clone()))
                    .says(Text::key("mail-lost-waiting-what").with("moment", moment(lang, *at)))
                    .says(Text::key("mail-lost-waiting-until").with("moment", moment(lang, *until)))
                    .if_not_you(Text::key("mail-lost-not-you"))
                    .second_action(Text::key("mail-not-me-action"), not_me_url)
            }
            Letter::LostFactorOver { name, not_me_url } => {
                Content::new("mail-lost-over-subject", Greeting::Name(name.clone()))
                    .says(Text::key("mail-lost-over-what"))
                    .if_not_you(Text::key("mail-lost-not-you"))
                    .second_action(Text::key("mail-not-me-action"), not_me_url)
            }
            Letter::FactorsChanged { name, what, at, not_me_url } => {
                Content::new("mail-factors-subject", Greeting::Name(name.clone()))
                    .says(Text::key(factor_words(what)).with("moment", moment(lang, *at)))
                    .says(Text::key("mail-factors-what"))
                    .if_not_you(Text::key("mail-factors-not-you"))
                    .second_action(Text::key("mail-not-me-action"), not_me_url)
            }
            Letter::RecoverPassword { name, url, minutes } => {
                Content::new("mail-recover-subject", Greeting::Name(name.clone()))
                    .says(Text::key("mail-recover-purpose"))
                    .action(Text::key("mail-recover-action"), url)
                    .then(Text::key("mail-recover-expiry").with("minutes", minutes))
                    .if_not_you(Text::key("mail-recover-not-you"))
            }
            Letter::PasskeyChanged { name, change, passkey, at, not_me_url } => {
                let (subject, purpose) = match change {
                    PasskeyChange::Added => ("mail-passkey-added-subject", "mail-passkey-added-purpose"),
                    PasskeyChange::Removed => ("mail-passkey-removed-subject", "mail-passkey-removed-purpose"),
                };
                Content::new(subject, Greeting::Name(name.clone()))
                    .says(Text::key(purpose).with("passkey", passkey).with("moment", moment(lang, *at)))
                    .says(Text::key("mail-passkey-what"))
                    .if_not_you(Text::key("mail-passkey-not-you"))
                    .second_action(Text::key("mail-not-me-action"), not_me_url)
            }
            Letter::PasswordChanged { name, at, not_me_url } => {
                Content::new("mail-password-subject", Greeting::Name(name.clone()))
                    .says(Text::key("mail-password-purpose").with("moment", moment(lang, *at)))
                    .says(Text::key("mail-password-what"))
                    .if_not_you(Text::key("mail-password-not-you"))
                    .second_action(Text::key("mail-not-me-action"), not_me_url)
            }
            Letter::ChangeEmailCode { code, reference, minutes } => {
                Content::new("mail-change-code-subject", Greeting::Member)
                    .says(Text::key("mail-change-code-purpose"))
                    .code(code, reference)
                    .then(Text::key("mail-code-expiry").with("minutes", minutes))
                    .if_not_you(Text::key("mail-change-code-not-you"))
            }
            Letter::EmailWanted { at } => Content::new("mail-wanted-subject", Greeting::Member)
                .says(Text::key("mail-wanted-purpose").with("moment", moment(lang, *at)))
                .says(Text::key("mail-wanted-what"))
                .if_not_you(Text::key("mail-wanted-not-you")),
            Letter::EmailChanged { name, at, new_address, undo_url, undo_until } => {
                let purpose = Text::key("mail-changed-purpose").with("moment", moment(lang, *at));
                Content::new("mail-changed-subject", Greeting::Name(name.clone()))
                    .says(purpose.with("address", new_address))
                    .says(Text::key("mail-changed-what"))
                    .if_not_you(Text::key("mail-changed-not-you").with("moment", moment(lang, *undo_until)))
                    .second_action(Text::key("mail-changed-undo"), undo_url)
            }
            Letter::EmailIsNew { name, at } => Content::new("mail-is-new-subject", Greeting::Name(name.clone()))
                .says(Text::key("mail-is-new-purpose").with("moment", moment(lang, *at)))
                .says(Text::key("mail-is-new-what"))
                .if_not_you(Text::key("mail-not-you")),
            Letter::EmailUndone { name, at, not_me_url } => {
                Content::new("mail-undone-subject", Greeting::Name(name.clone()))
                    .says(Text::key("mail-undone-purpose").with("moment", moment(lang, *at)))
                    .says(Text::key("mail-undone-what"))
                    .if_not_you(Text::key("mail-undone-not-you"))
                    .second_action(Text::key("mail-not-me-action"), not_me_url)
            }
            Letter::NewSignIn { name, at, device, network, not_me_url } => {
                Content::new("mail-sign-in-subject", Greeting::Name(name.clone()))
                    .says(Text::key("mail-sign-in-purpose").with("moment", moment(lang, *at)))
                    .says(Text::key("mail-sign-in-device").with("device", words::device(device, lang)))
                    .says(Text::key("mail-sign-in-network").with("network", words::network(network, lang)))
                    .says(Text::key("mail-sign-in-was-you"))
                    .if_not_you(Text::key("mail-sign-in-not-you"))
                    .second_action(Text::key("mail-not-me-action"), not_me_url)
            }
            Letter::PasswordKnown { name, at, device, network, password_url } => {
                Content::new("mail-known-subject", Greeting::Name(name.clone()))
                    .says(Text::key("mail-known-purpose").with("moment", moment(lang, *at)))
                    .says(Text::key("mail-sign-in-device").with("device", words::device(device, lang)))
                    .says(Text::key("mail-sign-in-network").with("network", words::network(network, lang)))
                    .says(Text::key("mail-sign-in-was-you"))
                    .if_not_you(Text::key("mail-known-not-you"))
                    .second_action(Text::key("mail-known-action"), password_url)
            }
            Letter::Restricted { name, at, lift_url } => {
                Content::new("mail-restricted-subject", Greeting::Name(name.clone()))
                    .says(Text::key("mail-restricted-purpose").with("at", moment(lang, *at)))
                    .says(Text::key("mail-restricted-what"))
                    .action(Text::key("mail-restricted-action"), lift_url)
                    .if_not_you(Text::key("mail-not-you"))
            }
            Letter::RestrictionLifted { name, at } => Content::new("mail-lifted-subject", Greeting::Name(name.clone()))
                .says(Text::key("mail-lifted-purpose").with("at", moment(lang, *at)))
                .if_not_you(Text::key("mail-not-you")),
            Letter::DeletionScheduled { name, erase_date } => {
                Content::new("mail-deletion-subject", Greeting::Name(name.clone()))
                    .says(Text::key("mail-deletion-purpose").with("date", date(lang, *erase_date)))
                    .says(Text::key("mail-deletion-what"))
                    .if_not_you(Text::key("mail-deletion-not-you"))
            }
            Letter::ReviewOpened { name, profile_url } => {
                Content::new("mail-review-subject", Greeting::Name(name.clone()))
                    .says(Text::key("mail-review-purpose"))
                    .says(Text::key("mail-review-what"))
                    .action(Text::key("mail-review-action"), profile_url)
                    .if_not_you(Text::key("mail-review-not-you"))
            }
            Letter::ReviewDeclined { name, reason_key, verify_url } => {
                Content::new("mail-declined-subject", Greeting::Name(name.clone()))
                    .says(Text::key("mail-declined-purpose"))
                    .says(Text::key(declined_words(reason_key)))
                    .says(Text::key("mail-declined-what"))
                    .action(Text::key("mail-verify-action"), verify_url)
                    .if_not_you(Text::key("mail-review-not-you"))
            }
            Letter::AccountSuspended { name, at, reason } => {
                Content::new("mail-suspended-subject", Greeting::Name(name.clone()))
                    .says(Text::key("mail-suspended-purpose").with("moment", moment(lang, *at)))
                    .says(Text::key("mail-suspended-why").with("reason", reason))
                    .says(Text::key("mail-suspended-what"))
                    .if_not_you(Text::key("mail-suspended-not-you"))
            }
            Letter::AccountRestored { name, at, sign_in_url, recover_url } => {
                let content = Content::new("mail-restored-subject", Greeting::Name(name.clone()))
                    .says(Text::key("mail-restored-purpose").with("moment", moment(lang, *at)));
                match recover_url {
                    None => content
                        .says(Text::key("mail-restored-what"))
                        .action(Text::key("mail-restored-action"), sign_in_url),
                    Some(url) => content
                        .says(Text::key("mail-restored-disputed"))
                        .action(Text::key("mail-restored-recover"), url),
                }
                .if_not_you(Text::key("mail-officer-not-you"))
            }
            Letter::SessionsEnded { name, at } => Content::new("mail-sessions-subject", Greeting::Name(name.clone()))
                .says(Text::key("mail-sessions-purpose").with("moment", moment(lang, *at)))
                .says(Text::key("mail-signed-out-what"))
                .if_not_you(Text::key("mail-officer-not-you")),
            Letter::MembershipExtended { name, until_date, verify_url } => {
                Content::new("mail-extended-subject", Greeting::Name(name.clone()))
                    .says(Text::key("mail-extended-purpose").with("date", date(lang, *until_date)))
                    .says(Text::key("mail-extended-what"))
                    .action(Text::key("mail-verify-action"), verify_url)
                    .if_not_you(Text::key("mail-officer-not-you"))
            }
        }
    }

    /// One of each, for tests and for looking at them.
    pub fn samples() -> Vec<Letter> {
        let at = Utc.with_ymd_and_hms(2026, 3, 5, 7, 30, 0).single().expect("a moment that exists once");
        let until_date = Utc.with_ymd_and_hms(2026, 5, 4, 16, 59, 59).single().expect("a moment that exists once");
        let name = || "สมชาย ใจดี".to_owned();
        let url = |path: &str| format!("http://localhost:8080{path}");
        vec![
            Letter::ConfirmEmail { code: "042917".into(), reference: "K7PM".into(), minutes: 10 },
            Letter::SecondFactorCode { name: name(), code: "730155".into(), reference: "W3HN".into(), minutes: 10 },
            Letter::LostFactorCode { name: name(), code: "581306".into(), reference: "R4DZ".into(), minutes: 10 },
            Letter::LostFactorWaiting { name: name(), at, until: until_date, not_me_url: url("/not-me?token=sample") },
            Letter::LostFactorOver { name: name(), not_me_url: url("/not-me?token=sample") },
            Letter::FactorsChanged {
                name: name(),
                what: "totp_added".into(),
                at,
                not_me_url: url("/not-me?token=sample"),
            },
            Letter::FactorsChanged {
                name: name(),
                what: "thaid_closed".into(),
                at,
                not_me_url: url("/not-me?token=sample"),
            },
            Letter::FactorsChanged {
                name: name(),
                what: "thaid_opened".into(),
                at,
                not_me_url: url("/not-me?token=sample"),
            },
            Letter::RecoverPassword { name: name(), url: url("/recover/set?token=sample"), minutes: 30 },
            Letter::PasskeyChanged {
                name: name(),
                change: PasskeyChange::Added,
                passkey: "Chrome, Android".into(),
                at,
                not_me_url: url("/not-me?token=sample"),
            },
            Letter::PasskeyChanged {
                name: name(),
                change: PasskeyChange::Removed,
                passkey: "Chrome, Android".into(),
                at,
                not_me_url: url("/not-me?token=sample"),
            },
            Letter::PasswordChanged { name: name(), at, not_me_url: url("/not-me?token=sample") },
            Letter::AlreadyMember { sign_in_url: url("/login") },
            Letter::StaffMailboxCode { code: "318204".into(), reference: "QX4T".into(), minutes: 10 },
            Letter::Welcome { name: name(), until_date },
            Letter::MembershipEnding { name: name(), days_left: 14, until_date, verify_url: url("/verify") },
            Letter::MembershipEnding { name: name(), days_left: 1, until_date, verify_url: url("/verify") },
            Letter::MembershipEnded {
                name: name(),
                verify_url: url("/verify"),
                delete_url: url("/profile/delete"),
                erased_on: Some(at),
            },
            Letter::Verified {
                name: name(),
                method_key: "civil_registry".into(),
                at,
                not_me_url: url("/not-me?token=sample"),
            },
            Letter::NumberPresented { name: name(), at },
            Letter::BadgeWithdrawn { name: name(), until_date, verify_url: url("/verify") },
            Letter::SignedOutEverywhere { name: name(), at },
            Letter::ChangeEmailCode { code: "530862".into(), reference: "W3HN".into(), minutes: 10 },
            Letter::EmailWanted { at },
            Letter::EmailChanged {
                name: name(),
                at,
                new_address: "so•••@mail.example".into(),
                undo_url: url("/profile/email/undo?token=sample"),
                undo_until: at + TimeDelta::days(7),
            },
            Letter::EmailIsNew { name: name(), at },
            Letter::EmailUndone { name: name(), at, not_me_url: url("/not-me?token=sample") },
            Letter::NewSignIn {
                name: name(),
                at,
                device: "Chrome, Windows".into(),
                network: "203.0.113.0/24".into(),
                not_me_url: url("/not-me?token=sample"),
            },
            Letter::PasswordKnown {
                name: name(),
                at,
                device: "Chrome, Windows".into(),
                network: "203.0.113.0/24".into(),
                password_url: url("/profile/password"),
            },
            Letter::Restricted { name: name(), at, lift_url: url("/profile/restrict") },
            Letter::RestrictionLifted { name: name(), at },
            Letter::DeletionScheduled { name: name(), erase_date: until_date },
            Letter::ReviewOpened { name: name(), profile_url: url("/profile") },
            Letter::ReviewDeclined { name: name(), reason_key: "not_personnel".into(), verify_url: url("/verify") },
            Letter::AccountSuspended {
                name: name(), at, reason: "ตรวจสอบการใช้งานผิดปกติ เรื่องที่ 12/2569".into()
            },
            Letter::AccountRestored { name: name(), at, sign_in_url: url("/login"), recover_url: None },
            Letter::AccountRestored {
                name: name(),
                at,
                sign_in_url: url("/login"),
                recover_url: Some(url("/recover")),
            },
            Letter::SessionsEnded { name: name(), at },
            Letter::MembershipExtended { name: name(), until_date, verify_url: url("/verify") },
        ]
    }
}

// Codes, links and names stay out of logs and panics: only the kind is printed.
impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Letter").field("kind", &self.kind()).finish_non_exhaustive()
    }
}

fn method_words(method_key: &str) -> &'static str {
    match method_key {
        "civil_registry" | "registry" => "mail-method-registry",
        "staff_directory" | "staff" => "mail-method-staff",
        "thaid" => "mail-method-thaid",
        "review" => "mail-method-review",
        _ => "mail-method-other",
    }
}

fn declined_words(reason_key: &str) -> &'static str {
    match DeclineReason::parse(reason_key) {
        Some(DeclineReason::NotThePerson) => "mail-declined-person",
        Some(DeclineReason::NotPersonnel) => "mail-declined-personnel",
        Some(DeclineReason::NothingHeard) => "mail-declined-nothing",
        Some(DeclineReason::CorrectFirst) | None => "mail-declined-correct",
    }
}

fn factor_words(what: &str) -> &'static str {
    match what {
        "totp_added" => "mail-factors-totp-added",
        "totp_removed" => "mail-factors-totp-removed",
        "recovery_codes_made" => "mail-factors-codes",
        "thaid_closed" => "mail-factors-thaid-closed",
        "thaid_opened" => "mail-factors-thaid-opened",
        "lost_removed" => "mail-factors-lost-removed",
        _ => "mail-factors-other",
    }
}

fn date(lang: Lang, at: DateTime<Utc>) -> String {
    match lang {
        Lang::Th => time::date_thai(at),
        Lang::En => time::date_english(at),
    }
}

fn moment(lang: Lang, at: DateTime<Utc>) -> String {
    match lang {
        Lang::Th => format!("{} เวลา {}", time::date_thai(at), time::clock_thai(at)),
        Lang::En => format!("{}, {} (Thailand time)", time::date_english(at), time::clock_english(at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Sender;

    const BOTH: [Lang; 2] = [Lang::Th, Lang::En];

    #[test]
    fn every_letter_renders_in_both_languages() {
        for letter in Letter::samples() {
            for lang in BOTH {
                let mail = letter.compose(lang, &Sender::sample());
                let kind = letter.kind();
                assert!(mail.subject.starts_with("[MOC Account] "), "{kind}: {}", mail.subject);
                for body in [&mail.text, &mail.html] {
                    assert!(body.contains("1203"), "{kind}: the contact is missing");
                    assert!(!body.contains("mail-"), "{kind}: an unresolved key in {body}");
                    assert!(!body.contains("{$") && !body.contains("{ $"), "{kind}: an unresolved argument");
                    // Fluent's isolation marks would travel into copied codes and links.
                    assert!(!body.contains('\u{2068}'), "{kind}: isolation marks");
                }
                assert!(!mail.html.contains("src=\"http"), "{kind}: a mail loads nothing from elsewhere");
                let not_you =
                    if lang == Lang::Th { "หากท่านไม่ได้" } else { "If you did not" };
                assert!(mail.text.contains(not_you), "{kind}: says what to do when it was not you");
            }
        }
    }

    #[test]
    fn a_code_is_in_the_body_and_never_in_the_subject() {
        let letter = &Letter::samples()[0];
        let mail = letter.compose(Lang::Th, &Sender::sample());
        assert!(mail.text.contains("042917") && mail.html.contains("042917"));
        assert!(mail.text.contains("K7PM"));
        assert!(!mail.subject.contains("042917"), "subjects are shown on locked screens");
    }

    #[test]
    fn dates_are_in_the_buddhist_era() {
        let letter = Letter::samples().into_iter().find(|l| l.kind() == "welcome").unwrap();
        let mail = letter.compose(Lang::Th, &Sender::sample());
        assert!(mail.text.contains("4 พฤษภาคม 2569"), "{}", mail.text);
        assert!(mail.text.contains("เรียน คุณสมชาย ใจดี"), "{}", mail.text);
    }

    #[test]
    fn debug_prints_the_kind_only() {
        for letter in Letter::samples() {
            assert_eq!(format!("{letter:?}"), format!("Letter {{ kind: {:?}, .. }}", letter.kind()));
        }
    }

    #[test]
    fn letters_survive_the_outbox() {
        for letter in Letter::samples() {
            let row = serde_json::to_string(&letter).unwrap();
            assert!(serde_json::from_str::<Letter>(&row).unwrap() == letter);
            assert!(row.contains(&format!("\"kind\":\"{}\"", letter.kind())));
        }
    }

    #[test]
    fn markup_in_a_name_stays_text() {
        let letter = Letter::Welcome { name: "<b>x</b>".into(), until_date: DateTime::UNIX_EPOCH };
        let mail = letter.compose(Lang::En, &Sender::sample());
        assert!(!mail.html.contains("<b>x</b>"));
    }
}
