//! What each letter says, in words of the locales.

use chrono::{DateTime, Utc};
use idp_core::account::DeclineReason;
use idp_core::thai::time;

use super::{Letter, PasskeyChange};
use crate::account::words;
use crate::mail::compose::{Content, Greeting};
use crate::view::{Lang, Text};

impl Letter {
    /// What the mail says, in the order it is read.
    pub(in crate::mail) fn content(&self, lang: Lang) -> Content {
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
            Letter::UnusedServices { name, services, count, url } => {
                Content::new("mail-unused-subject", Greeting::Name(name.clone()))
                    .says(Text::key("mail-unused-purpose").with("count", count))
                    .says(Text::key("mail-unused-list").with("services", services.join(" · ")))
                    .says(Text::key("mail-unused-what"))
                    .action(Text::key("mail-unused-action"), url)
                    .if_not_you(Text::key("mail-unused-why"))
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
