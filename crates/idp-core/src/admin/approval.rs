//! What takes two people: asked for by one, decided by another, or by nobody before it expires.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{Operation, is_program};
use crate::id::AccountId;

/// A request nobody decides is over after this.
pub const APPROVAL_LIFETIME: TimeDelta = TimeDelta::days(7);

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ApprovalKind {
    /// A client is to receive the 13-digit number.
    ClientCitizenId,
    /// A client is to be removed for good.
    ClientRemoval,
    /// A member's badge is to be withdrawn and the number unbound.
    BadgeWithdrawal,
}

impl ApprovalKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::ClientCitizenId, Self::ClientRemoval, Self::BadgeWithdrawal];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientCitizenId => "client.citizen_id",
            Self::ClientRemoval => "client.removal",
            Self::BadgeWithdrawal => "badge.withdrawal",
        }
    }

    /// Reads [`ApprovalKind::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// What happens once it is approved, for programs; the console has words of its own.
    pub fn effect(self) -> &'static str {
        match self {
            Self::ClientCitizenId => "the client may ask members for the 13-digit number",
            Self::ClientRemoval => "the client is retired for good, with its secrets and everything it holds",
            Self::BadgeWithdrawal => {
                "the member is temporary anew, the number is free, and what services hold by the badge ends"
            }
        }
    }

    /// Whether it is about a member; otherwise it is about a client.
    pub fn is_about_member(self) -> bool {
        self.decided_by() == Operation::ApprovalDecideMember
    }

    /// Who may decide it.
    pub fn decided_by(self) -> Operation {
        match self {
            Self::ClientCitizenId | Self::ClientRemoval => Operation::ApprovalDecideClient,
            Self::BadgeWithdrawal => Operation::ApprovalDecideMember,
        }
    }
}

/// A second person's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is done.
    Approved,
    /// It is not done.
    Declined,
}

impl Decision {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Declined => "declined",
        }
    }

    /// Reads [`Decision::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Approved, Self::Declined].into_iter().find(|decision| decision.as_str() == text)
    }
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApprovalState {
    /// Nobody has decided.
    Open,
    /// Somebody has.
    Decided {
        /// How.
        decision: Decision,
        /// Who.
        by: AccountId,
        /// When.
        at: DateTime<Utc>,
    },
}

/// A request for a second person.
#[derive(Clone, Debug, PartialEq)]
pub struct Approval {
    /// Its identifier.
    pub id: Uuid,
    /// What is asked for.
    pub kind: ApprovalKind,
    /// About what: a `client_id`, or an account's id.
    pub subject: String,
    /// Who asks.
    pub asked_by: AccountId,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// Why, in the asker's words, without personal data.
    pub reason: String,
    /// What else the deed needs; without personal data.
    pub payload: Option<Value>,
    /// After this it cannot be decided any more.
    pub expires_at: DateTime<Utc>,
    /// Where it stands.
    pub state: ApprovalState,
}

/// Why somebody cannot decide a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecisionRefusal {
    /// The one who asked.
    #[error("whoever asked cannot decide: it takes a second person")]
    OneOwn,
    /// Somebody has decided already.
    #[error("it was decided already")]
    Decided,
    /// Too late.
    #[error("it has expired; ask anew")]
    Expired,
    /// A program asked, and a program decides.
    #[error("a program asked for it: a person decides")]
    Programs,
}

impl Approval {
    /// Whether `who` may decide it at `now`, apart from their role. The write asks the same again.
    ///
    /// # Errors
    /// [`DecisionRefusal`].
    pub fn may_decide(&self, who: AccountId, now: DateTime<Utc>) -> Result<(), DecisionRefusal> {
        if self.state != ApprovalState::Open {
            return Err(DecisionRefusal::Decided);
        }
        if now >= self.expires_at {
            return Err(DecisionRefusal::Expired);
        }
        if who == self.asked_by {
            return Err(DecisionRefusal::OneOwn);
        }
        // Whoever keeps two secrets is still one person.
        if is_program(who) && is_program(self.asked_by) {
            return Err(DecisionRefusal::Programs);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_a_second_person_in_time_and_once() {
        let (ana, ben) = (AccountId(Uuid::from_u128(1)), AccountId(Uuid::from_u128(2)));
        let asked_at = DateTime::UNIX_EPOCH;
        let approval = Approval {
            id: Uuid::nil(),
            kind: ApprovalKind::ClientRemoval,
            subject: "rp".to_owned(),
            asked_by: ana,
            asked_at,
            reason: "no longer used".to_owned(),
            payload: None,
            expires_at: asked_at + APPROVAL_LIFETIME,
            state: ApprovalState::Open,
        };
        let late = asked_at + APPROVAL_LIFETIME;
        assert_eq!(approval.may_decide(ben, asked_at), Ok(()));
        assert_eq!(approval.may_decide(ana, asked_at), Err(DecisionRefusal::OneOwn));
        assert_eq!(approval.may_decide(ben, late), Err(DecisionRefusal::Expired));
        let state = ApprovalState::Decided { decision: Decision::Declined, by: ben, at: asked_at };
        assert_eq!(Approval { state, ..approval.clone() }.may_decide(ben, asked_at), Err(DecisionRefusal::Decided));
        let program = |name| crate::admin::program_id(&crate::id::ClientId::parse(name).unwrap());
        assert_eq!(approval.may_decide(program("one"), asked_at), Ok(()));
        let by_program = Approval { asked_by: program("one"), ..approval };
        assert_eq!(by_program.may_decide(ben, asked_at), Ok(()));
        assert_eq!(by_program.may_decide(program("one"), asked_at), Err(DecisionRefusal::OneOwn));
        assert_eq!(by_program.may_decide(program("two"), asked_at), Err(DecisionRefusal::Programs));
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for kind in ApprovalKind::ALL {
            assert_eq!(ApprovalKind::parse(kind.as_str()), Some(kind));
        }
        for decision in [Decision::Approved, Decision::Declined] {
            assert_eq!(Decision::parse(decision.as_str()), Some(decision));
        }
    }
}
