//! Members in words, with no more of a person than the reader's role needs.

use idp_core::account::{Account, CaseOutcome, MembershipState, Standing};
use idp_core::email::EmailAddress;
use idp_store::{MailFate, MailTrace};

use crate::account::words;
use crate::view::lang::Lang;
use crate::view::text::Text;

/// Enough of an address to compare with what somebody says on the telephone.
pub(crate) fn masked_email(email: &EmailAddress) -> String {
    let shown: String = email.local_part().chars().take(2).collect();
    format!("{shown}•••@{}", email.domain())
}

/// The last three digits of a telephone number.
pub(super) fn masked_phone(shown: &str) -> String {
    let tail: String = shown.chars().rev().take(3).collect::<Vec<_>>().into_iter().rev().collect();
    format!("•••-{tail}")
}

/// The membership in one word.
pub(super) fn membership(state: MembershipState) -> Text {
    Text::key(match state {
        MembershipState::Permanent => "mem-permanent",
        MembershipState::Temporary { .. } => "mem-temporary",
        MembershipState::Ended { .. } => "mem-over",
    })
}

/// What keeps an account from being used.
pub(super) fn standing(account: &Account, lang: Lang) -> Option<Text> {
    Some(match &account.standing {
        Standing::Active => return None,
        Standing::Suspended { since, .. } => Text::key("mem-suspended-since").with("date", words::moment(*since, lang)),
        Standing::Frozen { since } => Text::key("mem-frozen-since").with("date", words::moment(*since, lang)),
        Standing::Restricted { since } => Text::key("mem-resting-since").with("date", words::moment(*since, lang)),
        Standing::Deleting { erase_at } => Text::key("mem-deleting-until").with("date", words::day(*erase_at, lang)),
    })
}

/// The same in one word, for lists.
pub(super) fn standing_word(account: &Account) -> Option<Text> {
    Some(Text::key(match &account.standing {
        Standing::Active => return None,
        Standing::Suspended { .. } => "mem-suspended",
        Standing::Frozen { .. } => "mem-frozen",
        Standing::Restricted { .. } => "mem-resting",
        Standing::Deleting { .. } => "mem-deleting",
    }))
}

/// What came of an attempt at verification.
pub(super) fn outcome(outcome: CaseOutcome) -> Text {
    Text::key(match outcome {
        CaseOutcome::Asked => "case-asked",
        CaseOutcome::Verified => "case-verified",
        CaseOutcome::HeldByOther => "case-held",
        CaseOutcome::Mismatch => "case-mismatch",
        CaseOutcome::CardInvalid => "case-card",
        CaseOutcome::Deceased => "case-deceased",
        CaseOutcome::Incomplete => "case-incomplete",
        CaseOutcome::StaffNotFound => "case-staff",
        CaseOutcome::NameChanged => "case-name",
        CaseOutcome::Unavailable => "case-unavailable",
        CaseOutcome::Discarded => "case-discarded",
    })
}

/// What kind of letter it was; one not known here by its word.
pub(super) fn mail_kind(kind: &str) -> Text {
    Text::key(match kind {
        "confirm_email" | "staff_mailbox_code" => "mk-code",
        "already_member" => "mk-already",
        "welcome" => "mk-welcome",
        "membership_ending" => "mk-ending",
        "membership_ended" => "mk-ended",
        "membership_extended" => "mk-extended",
        "unused_clients" => "mk-unused",
        "verified" => "mk-verified",
        "number_presented" => "mk-presented",
        "badge_withdrawn" => "mk-withdrawn",
        "signed_out_everywhere" | "sessions_ended" => "mk-signed-out",
        "recover_password" => "mk-recover",
        "password_changed" => "mk-password",
        "deletion_scheduled" => "mk-deletion",
        "review_opened" => "mk-review",
        "review_declined" => "mk-declined",
        "account_suspended" => "mk-suspended",
        "shown_removed" => "mk-shown",
        "account_restored" => "mk-restored",
        _ => return Text::key("mk-other").with("kind", kind),
    })
}

/// Where a letter stands.
pub(super) fn mail_fate(mail: &MailTrace, lang: Lang) -> Text {
    match mail.fate {
        MailFate::Waiting => Text::key("mf-waiting").with("date", words::moment(mail.due_at, lang)),
        MailFate::Sent(at) => Text::key("mf-sent").with("date", words::moment(at, lang)),
        MailFate::Dropped(at) => Text::key("mf-dropped").with("date", words::moment(at, lang)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_shows_as_much_as_a_telephone_call_needs() {
        let masked = |address: &str| masked_email(&EmailAddress::parse(address).unwrap());
        assert_eq!(masked("somchai.j@example.com"), "so•••@example.com");
        assert_eq!(masked("a@example.com"), "a•••@example.com");
        assert_eq!(masked_phone("081-234-5678"), "•••-678");
    }
}
