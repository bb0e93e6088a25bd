//! One attempt at verifying a member: one row for each, whatever came of it.

use chrono::{DateTime, Utc};

use super::VerificationMethod;
use crate::id::{AccountId, CaseId};

/// What came of an attempt (the table of outcomes in `docs/flows.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseOutcome {
    /// The registry was asked and has not answered yet.
    Asked,
    /// Matched; the member is permanent.
    Verified,
    /// Matched, but the number belongs to another account.
    HeldByOther,
    /// The data does not match the register, or the register knows no such person.
    Mismatch,
    /// The register confirmed the person and not the card.
    CardInvalid,
    /// The register says that the person has died.
    Deceased,
    /// The register wants more data.
    Incomplete,
    /// The staff directory does not know the person.
    StaffNotFound,
    /// A permanent member matched under another name or birth date than before: an officer looks.
    NameChanged,
    /// No answer: an outage.
    Unavailable,
    /// Cancelled, overtaken or too late: the answer was discarded.
    Discarded,
}

impl CaseOutcome {
    /// Every outcome.
    pub const ALL: [Self; 11] = [
        Self::Asked,
        Self::Verified,
        Self::HeldByOther,
        Self::Mismatch,
        Self::CardInvalid,
        Self::Deceased,
        Self::Incomplete,
        Self::StaffNotFound,
        Self::NameChanged,
        Self::Unavailable,
        Self::Discarded,
    ];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Verified => "verified",
            Self::HeldByOther => "held_by_other",
            Self::Mismatch => "mismatch",
            Self::CardInvalid => "card_invalid",
            Self::Deceased => "deceased",
            Self::Incomplete => "incomplete",
            Self::StaffNotFound => "staff_not_found",
            Self::NameChanged => "name_changed",
            Self::Unavailable => "unavailable",
            Self::Discarded => "discarded",
        }
    }

    /// Reads [`CaseOutcome::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }

    /// Whether a registry answered, or is being asked. What is no try (an invalid card, incomplete data) has a wider limit:
    /// each costs the registry an answer all the same.
    pub fn is_answer(self) -> bool {
        match self {
            Self::Unavailable | Self::Discarded => false,
            Self::CardInvalid | Self::Incomplete | Self::Verified | Self::NameChanged => true,
            other => other.counts_as_try(),
        }
    }

    /// Whether the attempt counts against the limits. A try still under way counts, so that parallel tries cannot
    /// slip past the limit; an outage, an invalid card and incomplete data never do.
    pub fn counts_as_try(self) -> bool {
        match self {
            Self::Asked | Self::HeldByOther | Self::Mismatch | Self::Deceased | Self::StaffNotFound => true,
            Self::Verified
            | Self::CardInvalid
            | Self::Incomplete
            | Self::NameChanged
            | Self::Unavailable
            | Self::Discarded => false,
        }
    }
}

/// One attempt.
#[derive(Clone, Debug)]
pub struct VerificationCase {
    /// Its identifier.
    pub id: CaseId,
    /// Whose.
    pub account_id: AccountId,
    /// By which way.
    pub method: VerificationMethod,
    /// What came of it.
    pub outcome: CaseOutcome,
    /// When the registry was asked.
    pub opened_at: DateTime<Utc>,
    /// When it was settled.
    pub closed_at: Option<DateTime<Utc>>,
}
