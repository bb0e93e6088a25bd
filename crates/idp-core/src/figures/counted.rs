//! What a line of the audit log counts as. Numbers are made from the lines as they are sealed, each once, so that several
//! nodes add up and nothing is counted twice.

use serde_json::Value;

use super::{ACCOUNTS, SIGN_INS, VERIFICATIONS};
use crate::audit::Action;

/// What is counted up by one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Counted {
    /// The metric.
    pub metric: &'static str,
    /// Which of its kinds.
    pub label: String,
}

/// What a line with this action and detail counts as, if anything.
pub fn counted(action: &str, detail: Option<&str>) -> Option<Counted> {
    let one = |metric, label: &str| Some(Counted { metric, label: label.to_owned() });
    match action {
        word if word == Action::SignedIn.as_str() => one(SIGN_INS, "signed_in"),
        word if word == Action::SignInFailed.as_str() => one(SIGN_INS, "failed"),
        word if word == Action::SecondFactorFailed.as_str() => one(SIGN_INS, "second_failed"),
        word if word == Action::AccountRegistered.as_str() => one(ACCOUNTS, "registered"),
        word if word == Action::AccountErased.as_str() => one(ACCOUNTS, "erased"),
        word if word == Action::VerificationSettled.as_str() => one(VERIFICATIONS, outcome(detail)),
        _ => None,
    }
}

/// Whether a line shows that its member, and that its client, was active.
pub fn activity(action: &str) -> (bool, bool) {
    let is = |known: &[Action]| known.iter().any(|known| known.as_str() == action);
    let client = is(&[Action::TokensIssued, Action::TokensRefreshed]);
    (client || is(&[Action::SignedIn, Action::CodeIssued]), client)
}

/// The outcomes that the dashboard tells apart. The registry's own codes are folded into them: there are many.
fn outcome(detail: Option<&str>) -> &'static str {
    let detail: Option<Value> = detail.and_then(|text| serde_json::from_str(text).ok());
    let word = |name: &str| detail.as_ref().and_then(|detail| detail.get(name)?.as_str().map(str::to_owned));
    let word = word("outcome").or_else(|| word("code")).unwrap_or_default();
    match word.as_str() {
        "verified" | "match" => "verified",
        "mismatch" | "not_found" | "deceased" | "no_match" => "mismatch",
        "card_invalid" => "card_invalid",
        "incomplete" => "incomplete",
        "staff_not_found" | "left" | "held" | "held_by_other" | "held_by_another" | "number_held" | "name_changed" => {
            "review"
        }
        "timeout" | "refused" | "status" | "malformed" | "breaker_open" | "not_configured" | "unavailable"
        | "unreachable" => "unavailable",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_counts_once_or_not_at_all() {
        let check = |action: Action, detail: Option<&str>, expected: Option<(&str, &str)>| {
            let found = counted(action.as_str(), detail);
            assert_eq!(found.as_ref().map(|one| (one.metric, one.label.as_str())), expected, "{action:?} {detail:?}");
        };
        check(Action::SignedIn, None, Some((SIGN_INS, "signed_in")));
        check(Action::SignInFailed, Some("{\"address\":\"x\"}"), Some((SIGN_INS, "failed")));
        check(Action::AccountRegistered, None, Some((ACCOUNTS, "registered")));
        check(Action::VerificationSettled, Some("{\"code\":\"verified\"}"), Some((VERIFICATIONS, "verified")));
        check(
            Action::VerificationSettled,
            Some("{\"code\":\"4\",\"outcome\":\"mismatch\"}"),
            Some((VERIFICATIONS, "mismatch")),
        );
        check(Action::VerificationSettled, Some("{\"code\":\"timeout\"}"), Some((VERIFICATIONS, "unavailable")));
        check(Action::VerificationSettled, Some("no JSON"), Some((VERIFICATIONS, "other")));
        check(Action::ClientChanged, None, None);
    }

    #[test]
    fn tokens_show_that_member_and_service_are_active() {
        assert_eq!(activity(Action::SignedIn.as_str()), (true, false));
        assert_eq!(activity(Action::TokensIssued.as_str()), (true, true));
        assert_eq!(activity(Action::SignInFailed.as_str()), (false, false));
    }
}
