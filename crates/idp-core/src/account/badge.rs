//! The verified badge and the identity behind it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::thai::{BuddhistDate, NationalId, ThaiName};

/// How a member proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerificationMethod {
    /// The civil registry confirmed number, name and birth date.
    CivilRegistry,
    /// As above, and the staff directory and a ministry mailbox confirmed the office.
    StaffDirectory,
    /// ThaID said who it is: number, name and birth date, from the register, of the person who signed in there.
    Thaid,
}

impl VerificationMethod {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CivilRegistry => "civil_registry",
            Self::StaffDirectory => "staff_directory",
            Self::Thaid => "thaid",
        }
    }

    /// Reads [`VerificationMethod::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "civil_registry" => Some(Self::CivilRegistry),
            "staff_directory" => Some(Self::StaffDirectory),
            "thaid" => Some(Self::Thaid),
            _ => None,
        }
    }
}

/// An identity assurance label such as "1.2" (Thai Digital-ID levels).
pub type Assurance = String;

/// The badge of a permanent member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Badge {
    /// How it was earned.
    pub method: VerificationMethod,
    /// The identity assurance label recorded at the time.
    pub ial: Assurance,
    /// The registry's reference for the check (evidence); no personal data.
    pub reference: String,
    /// When it was earned.
    pub at: DateTime<Utc>,
}

/// What was matched at the register; kept sealed and apart from the profile.
#[derive(Clone)]
pub struct VerifiedIdentity {
    /// The 13-digit number.
    pub number: NationalId,
    /// First name as matched.
    pub first_name: ThaiName,
    /// Surname as matched.
    pub last_name: ThaiName,
    /// Birth date as matched.
    pub birth_date: BuddhistDate,
}

impl VerifiedIdentity {
    /// Whether another match says the same of the person: names as the register compares them, and the birth date.
    #[must_use]
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.first_name.key() == other.first_name.key()
            && self.last_name.key() == other.last_name.key()
            && self.birth_date.registry_form() == other.birth_date.registry_form()
    }
}
