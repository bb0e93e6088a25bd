//! A verification that an officer has to look at: somebody is probably who they say, and a register cannot tell.

use chrono::{DateTime, Utc};

use super::{Assurance, VerificationMethod, VerifiedIdentity};
use crate::email::EmailAddress;
use crate::id::{AccountId, CaseId, ReviewId};

/// Why a human has to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewKind {
    /// Everything matched, and the number belongs to another account.
    HeldByOther,
    /// The civil registry matched, and the staff directory does not know the person.
    StaffNotFound,
    /// A permanent member matched under another name, or another birth date, than the badge was given for.
    NameChanged,
}

impl ReviewKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::HeldByOther, Self::StaffNotFound, Self::NameChanged];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HeldByOther => "held_by_other",
            Self::StaffNotFound => "staff_not_found",
            Self::NameChanged => "name_changed",
        }
    }

    /// Reads [`ReviewKind::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Why a review was declined: a closed list, because the member reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeclineReason {
    /// It could not be shown that the number is this person's.
    NotThePerson,
    /// Human resources do not know the person as personnel.
    NotPersonnel,
    /// Nobody could be reached, or what was asked for did not come.
    NothingHeard,
    /// The data are to be corrected first, at the register or in the account.
    CorrectFirst,
}

impl DeclineReason {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::NotThePerson, Self::NotPersonnel, Self::NothingHeard, Self::CorrectFirst];

    /// The stored word and form value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotThePerson => "not_the_person",
            Self::NotPersonnel => "not_personnel",
            Self::NothingHeard => "nothing_heard",
            Self::CorrectFirst => "correct_first",
        }
    }

    /// Reads [`DeclineReason::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }
}

/// Where a review stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewState {
    /// Nobody has decided.
    Open {
        /// Who looks at it, since when.
        assigned: Option<(AccountId, DateTime<Utc>)>,
    },
    /// The member is permanent by it.
    Approved {
        /// By whom.
        by: AccountId,
        /// When.
        at: DateTime<Utc>,
    },
    /// The member stays as they were.
    Declined {
        /// By whom.
        by: AccountId,
        /// When.
        at: DateTime<Utc>,
        /// Why.
        reason: DeclineReason,
    },
    /// The member was verified otherwise, or is gone.
    Superseded,
}

/// A review.
#[derive(Clone, Debug)]
pub struct Review {
    /// Its identifier.
    pub id: ReviewId,
    /// About whom.
    pub account_id: AccountId,
    /// The attempt it is about: another one takes its place when the member tries again.
    pub case_id: CaseId,
    /// Why a human has to look.
    pub kind: ReviewKind,
    /// Who had the number when it was opened.
    pub holder: Option<AccountId>,
    /// Since when it waits.
    pub opened_at: DateTime<Utc>,
    /// Where it stands.
    pub state: ReviewState,
}

/// What lies sealed with a review: what the member typed, and what the registry said.
#[derive(Clone)]
pub struct ReviewEvidence {
    /// Number, names and birth date as typed.
    pub identity: VerifiedIdentity,
    /// The mailbox at the ministry that was proven.
    pub mailbox: Option<EmailAddress>,
    /// The registry's reference, when it matched.
    pub reference: Option<String>,
    /// By which way it matched and at which level, when the kind of the review does not say so.
    pub vouched: Option<(VerificationMethod, Assurance)>,
}

impl std::fmt::Debug for ReviewEvidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReviewEvidence(…)")
    }
}

/// Why somebody cannot decide a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReviewRefusal {
    /// Their own, or about a number that they hold.
    #[error("nobody decides what is about themselves")]
    OneOwn,
    /// It is decided.
    #[error("it was decided already")]
    Decided,
    /// Somebody else looks at it, or nobody does.
    #[error("take it first")]
    NotAssigned,
}

impl Review {
    /// Who has taken it, while it is open.
    #[must_use]
    pub fn officer(&self) -> Option<AccountId> {
        match self.state {
            ReviewState::Open { assigned } => assigned.map(|(officer, _)| officer),
            _ => None,
        }
    }

    /// Whether giving it to `to` takes it from, or puts it on, somebody else than `by`: that takes a reason. Taking what
    /// nobody has, and giving back one's own, does not.
    #[must_use]
    pub fn is_moved(&self, by: AccountId, to: Option<AccountId>) -> bool {
        [self.officer(), to].into_iter().flatten().any(|who| who != by)
    }

    /// Whether `who` may take it, apart from their role. The write asks the same again.
    ///
    /// # Errors
    /// [`ReviewRefusal`].
    pub fn may_take(&self, who: AccountId) -> Result<(), ReviewRefusal> {
        if !matches!(self.state, ReviewState::Open { .. }) {
            return Err(ReviewRefusal::Decided);
        }
        if who == self.account_id || Some(who) == self.holder {
            return Err(ReviewRefusal::OneOwn);
        }
        Ok(())
    }

    /// Whether `who` may decide it, apart from their role.
    ///
    /// # Errors
    /// [`ReviewRefusal`].
    pub fn may_decide(&self, who: AccountId) -> Result<(), ReviewRefusal> {
        self.may_take(who)?;
        match self.state {
            ReviewState::Open { assigned: Some((officer, _)) } if officer == who => Ok(()),
            _ => Err(ReviewRefusal::NotAssigned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn nobody_decides_their_own_nor_what_they_did_not_take() {
        let somebody = |n| AccountId(Uuid::from_u128(n));
        let review = |state| Review {
            id: ReviewId(Uuid::nil()),
            account_id: somebody(1),
            case_id: CaseId(Uuid::nil()),
            kind: ReviewKind::HeldByOther,
            holder: Some(somebody(2)),
            opened_at: DateTime::UNIX_EPOCH,
            state,
        };
        let at = DateTime::UNIX_EPOCH;
        let open = review(ReviewState::Open { assigned: None });
        let taken = review(ReviewState::Open { assigned: Some((somebody(3), at)) });
        let over = review(ReviewState::Approved { by: somebody(3), at });
        assert_eq!(open.may_take(somebody(1)), Err(ReviewRefusal::OneOwn));
        assert_eq!(open.may_take(somebody(2)), Err(ReviewRefusal::OneOwn));
        assert_eq!(open.may_take(somebody(3)), Ok(()));
        assert_eq!(open.may_decide(somebody(3)), Err(ReviewRefusal::NotAssigned));
        assert_eq!(taken.may_decide(somebody(3)), Ok(()));
        assert_eq!(taken.may_decide(somebody(4)), Err(ReviewRefusal::NotAssigned));
        assert_eq!(over.may_decide(somebody(3)), Err(ReviewRefusal::Decided));
        for (review, by, to, moved) in [
            (&open, 3, Some(3), false),
            (&open, 3, Some(4), true),
            (&taken, 3, None, false),
            (&taken, 3, Some(4), true),
            (&taken, 4, Some(4), true),
            (&taken, 4, None, true),
        ] {
            assert_eq!(review.is_moved(somebody(by), to.map(somebody)), moved, "{by} {to:?}");
        }
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        assert!(ReviewKind::ALL.into_iter().all(|kind| ReviewKind::parse(kind.as_str()) == Some(kind)));
        assert!(DeclineReason::ALL.into_iter().all(|reason| DeclineReason::parse(reason.as_str()) == Some(reason)));
    }
}
