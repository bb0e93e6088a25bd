//! One variant per mail, with all it needs to be written later in either language.

mod content;
mod samples;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

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
    /// For an official: services that they look after and nobody uses.
    UnusedServices {
        /// First and last name.
        name: String,
        /// The services' names, the first of them.
        services: Vec<String>,
        /// How many there are.
        count: usize,
        /// Where they are listed.
        url: String,
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
            Letter::UnusedServices { .. } => "unused_services",
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
}

// Codes, links and names stay out of logs and panics: only the kind is printed.
impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Letter").field("kind", &self.kind()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Sender;
    use crate::view::Lang;

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
