//! What takes two people: asked for by one, decided by another, or by nobody before it expires. An account is a person once
//! it carries the badge: its number is then no other account's. Programs and operators are nobody here, whoever they are run
//! by.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{Operation, is_program};
use crate::account::{Account, Standing};
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
    /// A program would decide.
    #[error("a program decides nothing that takes two people")]
    Program,
    /// Whoever asks, or decides, may have a second account: theirs carries no badge.
    #[error("what takes two people is asked for and decided by members whose identity is verified: verify yours first")]
    NotVerified,
    /// Whoever asked carries no badge, or not any more.
    #[error("whoever asked is no verified member, or no longer: decline it; somebody who is one asks anew")]
    AskerNotVerified,
}

/// Whether an account counts as a person where it takes two: it carries the badge, and may be used.
pub fn counts_as_person(account: &Account) -> bool {
    account.standing == Standing::Active && account.badge().is_some()
}

/// Who asked and who decides, as far as they count as persons ([`counts_as_person`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TwoPeople {
    /// Whoever asked does.
    pub asker: bool,
    /// Whoever decides does.
    pub decider: bool,
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
        // Whoever keeps a program's secret is a person already.
        if is_program(who) {
            return Err(DecisionRefusal::Program);
        }
        Ok(())
    }

    /// Whether `who` may decide so. What is declined changes nothing, so that nobody's badge but the decider's is asked for.
    /// The write asks the same again.
    ///
    /// # Errors
    /// [`DecisionRefusal`].
    pub fn may_decide_so(
        &self,
        who: AccountId,
        decision: Decision,
        people: TwoPeople,
        now: DateTime<Utc>,
    ) -> Result<(), DecisionRefusal> {
        self.may_decide(who, now)?;
        match (people, decision) {
            (TwoPeople { decider: false, .. }, _) => Err(DecisionRefusal::NotVerified),
            (TwoPeople { asker: false, .. }, Decision::Approved) => Err(DecisionRefusal::AskerNotVerified),
            _ => Ok(()),
        }
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
        assert_eq!(approval.may_decide(program("one"), asked_at), Err(DecisionRefusal::Program));
        let check = |asker, decider, approved, declined| {
            let people = TwoPeople { asker, decider };
            assert_eq!(approval.may_decide_so(ben, Decision::Approved, people, asked_at), approved, "{people:?}");
            assert_eq!(approval.may_decide_so(ben, Decision::Declined, people, asked_at), declined, "{people:?}");
        };
        check(true, true, Ok(()), Ok(()));
        check(false, true, Err(DecisionRefusal::AskerNotVerified), Ok(()));
        check(true, false, Err(DecisionRefusal::NotVerified), Err(DecisionRefusal::NotVerified));
        check(false, false, Err(DecisionRefusal::NotVerified), Err(DecisionRefusal::NotVerified));
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
