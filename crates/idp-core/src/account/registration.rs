//! A registration begun and not yet concluded: a state machine whose every step needs the one before it.

use chrono::{DateTime, TimeDelta, Utc};

use super::MemberType;
use crate::email::EmailAddress;
use crate::id::RegistrationId;
use crate::secret::{Digest, Secret};

/// How long a begun registration waits for its next step.
pub const REGISTRATION_LIFETIME: TimeDelta = TimeDelta::hours(2);
/// How long a mailed code may be used.
pub const CODE_LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// How many times a mailed code may be guessed.
pub const CODE_ATTEMPTS: u32 = 5;

/// A registration on its way.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Its identifier; the browser holds a secret beside it.
    pub id: RegistrationId,
    /// The digest of the secret in the browser's cookie.
    pub cookie: Digest,
    /// How far it has come.
    pub stage: RegistrationStage,
    /// The sign-in it interrupted, to be taken up again afterwards.
    pub request: Option<String>,
    /// After this it is as if it had never begun.
    pub expires_at: DateTime<Utc>,
}

/// How far a registration has come; each stage holds what was proven so far.
#[derive(Clone, Debug)]
pub enum RegistrationStage {
    /// The member type was chosen.
    TypeChosen {
        /// The type.
        member_type: MemberType,
    },
    /// Terms and privacy notice were accepted.
    TermsAccepted {
        /// The type.
        member_type: MemberType,
        /// Version of the terms accepted.
        terms_version: String,
        /// When.
        terms_accepted_at: DateTime<Utc>,
    },
    /// A code went to the address.
    CodeSent {
        /// The type.
        member_type: MemberType,
        /// Version of the terms accepted.
        terms_version: String,
        /// When.
        terms_accepted_at: DateTime<Utc>,
        /// The address to be proven.
        email: EmailAddress,
        /// The code.
        code: CodeState,
    },
    /// The mailbox is proven; the personal data is next.
    EmailConfirmed {
        /// The type.
        member_type: MemberType,
        /// Version of the terms accepted.
        terms_version: String,
        /// When.
        terms_accepted_at: DateTime<Utc>,
        /// The proven address.
        email: EmailAddress,
        /// When it was proven.
        confirmed_at: DateTime<Utc>,
    },
}

impl RegistrationStage {
    /// The member type, chosen first and kept throughout.
    pub fn member_type(&self) -> MemberType {
        match self {
            Self::TypeChosen { member_type }
            | Self::TermsAccepted { member_type, .. }
            | Self::CodeSent { member_type, .. }
            | Self::EmailConfirmed { member_type, .. } => *member_type,
        }
    }
}

/// A code that was mailed and is waited for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CodeState {
    /// The digest of the code, salted by the caller with what it is for.
    pub digest: Digest,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// Guesses used so far, this one included when it was taken by the store.
    pub attempts: u32,
}

/// What a typed code is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeVerdict {
    /// It is the one.
    Right,
    /// It is not; so many guesses are left.
    Wrong {
        /// Guesses left.
        left: u32,
    },
    /// Too old, or guessed too often: a new one is needed.
    Spent,
}

impl CodeState {
    /// A code just sent. `purpose` (the registration's or account's id) salts the digest, so that equal codes differ.
    pub fn sent(code: &Secret, purpose: &str, now: DateTime<Utc>) -> Self {
        Self { digest: Self::salted(code.reveal(), purpose), sent_at: now, attempts: 0 }
    }

    /// Judges `typed`. The store has counted this guess before anyone looks (`attempts` includes it), so that parallel
    /// guesses cannot exceed [`CODE_ATTEMPTS`].
    pub fn judge(&self, typed: &str, purpose: &str, now: DateTime<Utc>) -> CodeVerdict {
        if now > self.sent_at + CODE_LIFETIME || self.attempts > CODE_ATTEMPTS {
            return CodeVerdict::Spent;
        }
        if Self::salted(typed, purpose) == self.digest {
            return CodeVerdict::Right;
        }
        match CODE_ATTEMPTS - self.attempts {
            0 => CodeVerdict::Spent,
            left => CodeVerdict::Wrong { left },
        }
    }

    fn salted(code: &str, purpose: &str) -> Digest {
        Secret::presented(format!("{purpose}\n{code}")).digest()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_right_until_it_is_old_or_guessed_too_often() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let code = CodeState::sent(&Secret::presented("123456"), "here", now);
        let at = |attempts| CodeState { attempts, ..code };
        assert_eq!(at(1).judge("123456", "here", now), CodeVerdict::Right);
        assert_eq!(at(5).judge("123456", "here", now), CodeVerdict::Right);
        assert_eq!(at(6).judge("123456", "here", now), CodeVerdict::Spent);
        assert_eq!(at(1).judge("123456", "there", now), CodeVerdict::Wrong { left: 4 });
        assert_eq!(at(5).judge("000000", "here", now), CodeVerdict::Spent);
        assert_eq!(at(1).judge("123456", "here", now + TimeDelta::minutes(11)), CodeVerdict::Spent);
    }
}
