//! What a trial shows: each step with what was sent, what came back, and what was checked.

use serde::{Deserialize, Serialize};

/// A step of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// The provider's metadata is read.
    Discovery,
    /// Its public keys are read.
    Keys,
    /// The browser is sent to the provider.
    Authorization,
    /// The browser comes back.
    Answer,
    /// The code is exchanged.
    Token,
    /// The ID token is decoded and judged.
    IdToken,
    /// The claims are fetched.
    Userinfo,
}

impl Stage {
    /// In the order of a sign-in.
    pub(super) const ALL: [Self; 7] =
        [Self::Discovery, Self::Keys, Self::Authorization, Self::Answer, Self::Token, Self::IdToken, Self::Userinfo];

    /// The key of its name, and of what happens in it.
    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Discovery => ("try-discovery", "try-discovery-about"),
            Self::Keys => ("try-keys", "try-keys-about"),
            Self::Authorization => ("try-authorization", "try-authorization-about"),
            Self::Answer => ("try-answer", "try-answer-about"),
            Self::Token => ("try-token", "try-token-about"),
            Self::IdToken => ("try-id-token", "try-id-token-about"),
            Self::Userinfo => ("try-userinfo", "try-userinfo-about"),
        }
    }
}

/// What a relying party has to check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Check {
    /// The answer belongs to this request.
    State,
    /// RFC 9207 §2.4: the answer is our provider's.
    AnswerIssuer,
    /// The answer brings a code.
    Code,
    /// `iss`.
    Issuer,
    /// `aud`.
    Audience,
    /// The algorithm is the registered one, the key is published, the signature holds.
    Signature,
    /// `exp`.
    Expiry,
    /// `iat`.
    IssuedAt,
    /// `nonce`.
    Nonce,
    /// OpenID Connect Core §3.1.3.8.
    AtHash,
    /// OpenID Connect Core §5.3.2: userinfo speaks of the same member.
    Subject,
}

impl Check {
    /// The key of what is checked.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::State => "try-check-state",
            Self::AnswerIssuer => "try-check-answer-issuer",
            Self::Code => "try-check-code",
            Self::Issuer => "try-check-issuer",
            Self::Audience => "try-check-audience",
            Self::Signature => "try-check-signature",
            Self::Expiry => "try-check-expiry",
            Self::IssuedAt => "try-check-issued-at",
            Self::Nonce => "try-check-nonce",
            Self::AtHash => "try-check-at-hash",
            Self::Subject => "try-check-subject",
        }
    }
}

/// What came of a step or a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// As it should be.
    Passed,
    /// Not as it should be: what comes after it is not done.
    Failed,
    /// Not done, because something before it failed.
    Skipped,
}

impl Outcome {
    /// The word in the page, and the key of its name.
    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Passed => ("passed", "try-passed"),
            Self::Failed => ("failed", "try-failed"),
            Self::Skipped => ("skipped", "try-skipped"),
        }
    }
}

/// Why a step failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Why {
    /// The official's own account may not sign in anywhere.
    Account,
    /// The service takes permanent members only.
    PermanentOnly,
    /// The official did not agree, or did not go on.
    Declined,
    /// The level that was asked for cannot be reached.
    Level,
    /// The provider refused the request otherwise.
    Refused,
    /// The token endpoint refused.
    TokenRefused,
    /// The token endpoint's answer was none.
    TokenOdd,
    /// There was no ID token.
    NoIdToken,
    /// Userinfo refused.
    Userinfo,
}

impl Why {
    /// The key of its words: what was wrong, and what to do.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Account => "try-why-account",
            Self::PermanentOnly => "try-why-permanent",
            Self::Declined => "try-why-declined",
            Self::Level => "try-why-level",
            Self::Refused => "try-why-refused",
            Self::TokenRefused => "try-why-token-refused",
            Self::TokenOdd => "try-why-token-odd",
            Self::NoIdToken => "try-why-no-id-token",
            Self::Userinfo => "try-why-userinfo",
        }
    }
}

/// A check and what came of it; the value is public.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checked {
    pub(super) check: Check,
    pub(super) outcome: Outcome,
    pub(super) value: String,
}

/// A step that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Step {
    pub(super) stage: Stage,
    pub(super) outcome: Outcome,
    /// What was sent.
    pub(super) request: String,
    /// What came back.
    pub(super) answer: String,
    pub(super) checks: Vec<Checked>,
    /// Why it failed, for the official.
    pub(super) why: Option<Why>,
}

impl Step {
    pub(super) fn passed(stage: Stage, request: String, answer: String) -> Self {
        Self { stage, outcome: Outcome::Passed, request, answer, checks: Vec::new(), why: None }
    }

    /// The step with its checks: it passed when all of them did.
    pub(super) fn checked(self, checks: Vec<Checked>) -> Self {
        let good = checks.iter().all(|check| check.outcome == Outcome::Passed);
        let outcome = if good { self.outcome } else { Outcome::Failed };
        Self { outcome, checks, ..self }
    }

    pub(super) fn failed(self, why: Why) -> Self {
        Self { outcome: Outcome::Failed, why: Some(why), ..self }
    }

    pub(super) fn has_passed(&self) -> bool {
        self.outcome == Outcome::Passed
    }
}

/// Checks in their order, of which `failed` is the first that did not hold.
pub(super) fn in_order(checks: Vec<(Check, String)>, failed: Option<Check>) -> Vec<Checked> {
    let mut outcome = Outcome::Passed;
    let mut done = Vec::with_capacity(checks.len());
    for (check, value) in checks {
        if outcome == Outcome::Failed {
            outcome = Outcome::Skipped;
        }
        if failed == Some(check) {
            outcome = Outcome::Failed;
        }
        done.push(Checked { check, outcome, value });
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_after_a_failed_check_was_not_done() {
        let checks =
            || vec![(Check::Issuer, String::new()), (Check::Nonce, String::new()), (Check::AtHash, String::new())];
        let check = |failed, expected: [Outcome; 3]| {
            let outcomes: Vec<_> = in_order(checks(), failed).iter().map(|checked| checked.outcome).collect();
            assert_eq!(outcomes, expected, "{failed:?}");
        };
        use Outcome::{Failed, Passed, Skipped};
        check(None, [Passed, Passed, Passed]);
        check(Some(Check::Issuer), [Failed, Skipped, Skipped]);
        check(Some(Check::Nonce), [Passed, Failed, Skipped]);
        check(Some(Check::AtHash), [Passed, Passed, Failed]);
    }
}
