//! How sure a verification makes us: from the method to the identity assurance label that services receive.
//!
//! The label says no more than the evidence: DGA asks for the code on the card's back, or for NDID, before it says 1.3
//! (`thai-identity.md` 6), and we ask for neither. Whoever sets the table may say less than that, never more.

use std::fmt;

use idp_core::account::VerificationMethod;

/// An identity assurance level of the Thai ladder, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ial {
    /// 1.1: what the person says of themselves.
    SelfAsserted,
    /// 1.2: evidence was shown.
    EvidenceShown,
    /// 1.3: evidence was checked at its source.
    EvidenceChecked,
    /// 2.1: read from the chip, or checked at the source and compared with the face by eye.
    FaceByEye,
    /// 2.2: the same with a biometric comparison.
    Biometric,
    /// 2.3: chip, source and biometric comparison.
    ChipSourceBiometric,
    /// 3: two documents or more, in person, biometric.
    InPerson,
}

impl Ial {
    const LADDER: [Self; 7] = [
        Self::SelfAsserted,
        Self::EvidenceShown,
        Self::EvidenceChecked,
        Self::FaceByEye,
        Self::Biometric,
        Self::ChipSourceBiometric,
        Self::InPerson,
    ];

    /// The label of the `ial` claim.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SelfAsserted => "1.1",
            Self::EvidenceShown => "1.2",
            Self::EvidenceChecked => "1.3",
            Self::FaceByEye => "2.1",
            Self::Biometric => "2.2",
            Self::ChipSourceBiometric => "2.3",
            Self::InPerson => "3",
        }
    }

    /// The level a label names; `None` for a label that is not on the ladder.
    pub fn parse(label: &str) -> Option<Self> {
        Self::LADDER.into_iter().find(|level| level.as_str() == label)
    }
}

impl fmt::Display for Ial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The highest level that the evidence of a method can carry.
pub fn ceiling(method: VerificationMethod) -> Ial {
    match method {
        // The directory says where someone works, nothing more about who they are.
        VerificationMethod::CivilRegistry | VerificationMethod::StaffDirectory => Ial::EvidenceShown,
        // Its own word, which is 2.3 at most: face, chip and register, before an official of the district office.
        VerificationMethod::Thaid => Ial::ChipSourceBiometric,
    }
}

/// A configured level above what the method's evidence can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the level of {} cannot be {asked}: its evidence carries {} at most", method.as_str(), ceiling(*method))]
pub struct AboveCeiling {
    /// The method.
    pub method: VerificationMethod,
    /// The level that was asked for.
    pub asked: Ial,
}

/// The level of each method, as the policy owner set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssuranceTable {
    civil_registry: Ial,
    staff_directory: Ial,
    /// The most; what ThaID says of each person is what they get.
    thaid: Ial,
}

impl Default for AssuranceTable {
    fn default() -> Self {
        Self {
            civil_registry: Ial::EvidenceShown,
            staff_directory: Ial::EvidenceShown,
            thaid: Ial::ChipSourceBiometric,
        }
    }
}

impl AssuranceTable {
    /// The default table with the level of one method changed; refused when above its [`ceiling`].
    pub fn with(mut self, method: VerificationMethod, level: Ial) -> Result<Self, AboveCeiling> {
        if level > ceiling(method) {
            return Err(AboveCeiling { method, asked: level });
        }
        match method {
            VerificationMethod::CivilRegistry => self.civil_registry = level,
            VerificationMethod::StaffDirectory => self.staff_directory = level,
            VerificationMethod::Thaid => self.thaid = level,
        }
        Ok(self)
    }

    /// The level a verification by this method gives; for ThaID, the highest it can give.
    pub fn level(&self, method: VerificationMethod) -> Ial {
        match method {
            VerificationMethod::CivilRegistry => self.civil_registry,
            VerificationMethod::StaffDirectory => self.staff_directory,
            VerificationMethod::Thaid => self.thaid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHODS: [VerificationMethod; 3] =
        [VerificationMethod::CivilRegistry, VerificationMethod::StaffDirectory, VerificationMethod::Thaid];

    #[test]
    fn each_method_has_its_label() {
        let table = AssuranceTable::default();
        assert_eq!(METHODS.map(|method| table.level(method).as_str()), ["1.2", "1.2", "2.3"]);
    }

    // S118: the emitted level is never above what the evidence carries, whatever is configured.
    #[test]
    fn no_configuration_lifts_a_method_above_its_evidence() {
        for method in METHODS {
            for level in Ial::LADDER {
                match AssuranceTable::default().with(method, level) {
                    Ok(table) => assert!(table.level(method) <= ceiling(method)),
                    Err(refused) => assert!(refused.asked > ceiling(method)),
                }
            }
        }
    }

    #[test]
    fn a_level_may_be_lowered() {
        let table =
            AssuranceTable::default().with(VerificationMethod::CivilRegistry, Ial::SelfAsserted).expect("lower");
        assert_eq!(table.level(VerificationMethod::CivilRegistry), Ial::SelfAsserted);
        assert_eq!(table.level(VerificationMethod::StaffDirectory), Ial::EvidenceShown);
    }

    #[test]
    fn labels_are_read_back() {
        for level in Ial::LADDER {
            assert_eq!(Ial::parse(level.as_str()), Some(level));
        }
        assert_eq!(Ial::parse("1.25"), None);
    }
}
